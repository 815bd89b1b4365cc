import { isTime, type PartitionsSpec } from '../partitions/set.ts'
import { sliceOf } from '../partitions/slice.ts'

/** How the past of an asset is compared with one slice of it. */
export interface Comparable {
  /** Has the asset a time in its partitions? Then each other window counts once, by its newest record. */
  readonly byWindow: boolean
  /** Is this slice of the past to be compared? */
  has(partition: string | null): boolean
}

/**
 * Which records tell what is usual for a slice. Of an asset by the clock: other windows, with the same other keys where it
 * is a grid (Monday's orders of `eu` with those of other days of `eu`). Otherwise: the same slice as it was before.
 */
export function comparableWith(spec: PartitionsSpec | null, key: string | null): Comparable {
  if (spec === null || key === null) return { byWindow: false, has: (partition) => partition === key }
  const line = lineOf(spec, key)
  if (line === null) return { byWindow: false, has: (partition) => partition === key }
  return {
    byWindow: true,
    has: (partition) => partition !== null && partition !== key && lineOf(spec, partition) === line,
  }
}

/** What two slices have in common besides their time; `null` where there is no time in them, or the key is none of these. */
function lineOf(spec: PartitionsSpec, key: string): string | null {
  if (isTime(spec)) return ''
  if (spec.kind !== 'grid') return null
  const others = Object.entries(spec.dims).filter(([, dim]) => !isTime(dim))
  if (others.length === Object.keys(spec.dims).length) return null
  try {
    const { dims } = sliceOf(spec, key)
    return JSON.stringify(others.map(([name]) => dims![name]!.key))
  } catch {
    return null // of partitions that it had before
  }
}
