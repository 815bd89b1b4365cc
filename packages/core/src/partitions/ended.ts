import { isTime, type KeysAt, keysOf, type PartitionsSpec } from './set.ts'

/**
 * The slice that ended last, as a list; of a grid with a dimension by the clock, all its slices of that time. `null` for
 * slices that do not end.
 */
export function endedKeys(spec: PartitionsSpec, at: KeysAt): readonly string[] | null {
  if (isTime(spec)) {
    const { last } = keysOf(spec, at)
    return last === null ? null : [last]
  }
  if (spec.kind !== 'grid') return null
  const dims = Object.entries(spec.dims).toSorted(([a], [b]) => (a < b ? -1 : 1))
  if (!dims.some(([, dim]) => isTime(dim))) return null
  return dims
    .map(([, dim]) => (isTime(dim) ? (endedKeys(dim, at) ?? []) : [...keysOf(dim, at)]))
    .reduce<readonly string[]>(
      (all, keys) => (all.length === 0 ? keys : all.flatMap((left) => keys.map((right) => `${left}|${right}`))),
      [],
    )
}
