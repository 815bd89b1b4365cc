import { SluiceError } from '../errors/sluice-error.ts'
import { dimensionsOf, splitKey } from './grid.ts'
import type { Window } from './kinds.ts'
import { isTime, type PartitionsSpec, windowOf } from './set.ts'
import { timeline } from './time.ts'

/** A slice as a function sees it: `partition.key`, by the clock `partition.window`, of a grid `partition.dims.hour`. */
export interface SliceRecord {
  readonly key: string
  readonly window?: Window
  readonly dims?: Readonly<Record<string, SliceRecord>>
}

/**
 * Need not exist: a key by the clock is read by its form, a name is taken as it is.
 *
 * @throws SluiceError PARTITION_UNKNOWN where the text is no key of these partitions.
 */
export function sliceOf(spec: PartitionsSpec, key: string): SliceRecord {
  const window = windowOf(spec, key)
  if (window) return { key, window }
  if (spec.kind !== 'grid') return { key }
  const dims = dimensionsOf(spec)
  const parts = splitKey(key, dims.length)
  if (!parts) {
    throw new SluiceError('PARTITION_UNKNOWN', `${JSON.stringify(key)} is no key of this grid.`, {
      hint: `Write it like ${sampleKey(spec)}: ${dims.map(([name]) => name).join('|')}.`,
    })
  }
  return { key, dims: Object.fromEntries(dims.map(([name, dim], n) => [name, sliceOf(dim, parts[n]!)])) }
}

/** A key of this form, existing or not: for messages, and for what only needs any. */
export function sampleKey(spec: PartitionsSpec): string {
  if (isTime(spec)) {
    const line = timeline(spec)
    return line.keyOf(line.first)
  }
  if (spec.kind === 'one of') return spec.keys[0] ?? 'key'
  return spec.kind === 'dynamic'
    ? 'key'
    : dimensionsOf(spec)
        .map(([, dim]) => sampleKey(dim))
        .join('|')
}

/** The names of the dynamic sets that these partitions depend on. */
export function dynamicSets(specs: Iterable<PartitionsSpec | null | undefined>): string[] {
  const names = new Set<string>()
  for (const spec of specs) {
    if (spec?.kind === 'dynamic') names.add(spec.name)
    else if (spec?.kind === 'grid') for (const name of dynamicSets(Object.values(spec.dims))) names.add(name)
  }
  return [...names]
}
