import { dimensionsOf } from './grid.ts'
import { type GridSpec, isTime, type PartitionsSpec } from './set.ts'

/** Which upstream slices a downstream slice needs, and the other way round, as plain data. Dagster's mappings. */
export type Mapping =
  /** The slice with the same key. */
  | { readonly kind: 'identity' }
  /** The slices whose windows overlap those of the downstream slices from `from` to `to`, counted from its own. */
  | { readonly kind: 'window'; readonly from: number; readonly to: number }
  /** The slice that holds the start of this one, moved by so many of the upstream's. */
  | { readonly kind: 'slice'; readonly by: number }
  | { readonly kind: 'all' }
  | { readonly kind: 'last' }
  | { readonly kind: 'only'; readonly keys: readonly string[] }
  /** By name: the downstream keys that need each upstream key. */
  | { readonly kind: 'pairs'; readonly pairs: Readonly<Record<string, readonly string[]>> }
  /** By dimension; a dimension that is in none of them goes with all of the other side. */
  | { readonly kind: 'dims'; readonly dims: readonly DimensionMapping[]; readonly fixed?: readonly FixedDimension[] }
  /** What any of these say: several edges to one asset. */
  | { readonly kind: 'several'; readonly of: readonly Mapping[] }

/** A dimension of the upstream of which every downstream slice needs the same. */
export interface FixedDimension {
  readonly up: string
  readonly by: Extract<Mapping, { kind: 'last' | 'only' }>
}

export interface DimensionMapping {
  /** The upstream's dimension; `null` where it is no grid. */
  readonly up: string | null
  readonly down: string | null
  readonly by: Exclude<Mapping, { kind: 'dims' | 'several' }>
}

/** A pair of a grid and something that is none, without saying which dimension. `undefined`: none fits, or several. */
export function dimensionFor(up: PartitionsSpec, down: PartitionsSpec, named?: string): Mapping | undefined {
  const grid = up.kind === 'grid' ? up : down.kind === 'grid' ? down : undefined
  if (!grid || (up.kind === 'grid' && down.kind === 'grid')) return undefined
  const single = grid === up ? down : up
  const dims = dimensionsOf(grid).filter(([name]) => named === undefined || name === named)
  const place = (name: string, by: DimensionMapping['by']): Mapping => ({
    kind: 'dims',
    dims: [{ up: grid === up ? name : null, down: grid === up ? null : name, by }],
  })
  const same = dims.filter(([, dim]) => isSameSpec(dim, single))
  if (same.length > 0) return same.length === 1 ? place(same[0]![0], { kind: 'identity' }) : undefined
  const times = dims.filter(([, dim]) => isTime(dim))
  if (times.length !== 1 || !isTime(single)) return undefined
  return place(times[0]![0], { kind: 'window', from: 0, to: 0 })
}

/**
 * The mapping of an edge that says nothing, as Dagster infers it: by dimension between a grid and one of its dimensions,
 * by overlap between windows of time, all for what is not partitioned, else the same key.
 */
export function inferMapping(up: PartitionsSpec | null, down: PartitionsSpec | null): Mapping {
  if (!up || !down) return { kind: 'all' }
  const byDimension = dimensionFor(up, down)
  if (byDimension) return byDimension
  return isTime(up) && isTime(down) ? { kind: 'window', from: 0, to: 0 } : { kind: 'identity' }
}

/**
 * Why a mapping cannot work between these two, whatever the keys; `null` where it can.
 */
export function faultOf(mapping: Mapping, up: PartitionsSpec, down: PartitionsSpec | null): string | null {
  switch (mapping.kind) {
    case 'all':
    case 'last':
    case 'only':
      return null
    case 'identity':
      return down && up.kind === down.kind ? null : 'the same key needs partitions of one kind on both sides'
    case 'window':
    case 'slice':
      if (!isTime(up) || !down || !isTime(down)) return 'windows need partitions by the clock on both sides'
      return up.timeZone === down.timeZone ? null : `the time zones ${up.timeZone} and ${down.timeZone} differ`
    case 'pairs':
      return faultOfPairs(mapping.pairs, up, down)
    case 'dims':
      return faultOfDims(mapping.dims, up, down)
    case 'several':
      return mapping.of.map((one) => faultOf(one, up, down)).find((fault) => fault !== null) ?? null
  }
}

function faultOfPairs(
  pairs: Readonly<Record<string, readonly string[]>>,
  up: PartitionsSpec,
  down: PartitionsSpec | null,
): string | null {
  if (up.kind !== 'one of' || down?.kind !== 'one of') return 'pairs of keys need fixed names on both sides'
  const above = Object.keys(pairs).find((key) => !up.keys.includes(key))
  const below = Object.values(pairs)
    .flat()
    .find((key) => !down.keys.includes(key))
  if (above !== undefined) return `the upstream has no key "${above}"`
  return below === undefined ? null : `this asset has no key "${below}"`
}

function faultOfDims(
  dims: readonly DimensionMapping[],
  up: PartitionsSpec,
  down: PartitionsSpec | null,
): string | null {
  if (!down) return 'dimensions need partitions on both sides'
  if (dims.length === 0) return 'no dimension of one side fits the other'
  const seen = { up: new Set<string | null>(), down: new Set<string | null>() }
  for (const { up: above, down: below, by } of dims) {
    const [a, b] = [dimension(up, above), dimension(down, below)]
    if (!a) return `the upstream has no dimension "${above}"`
    if (!b) return `this asset has no dimension "${below}"`
    if (seen.up.has(above) || seen.down.has(below)) return 'a dimension is mapped twice'
    seen.up.add(above)
    seen.down.add(below)
    const fault = faultOf(by, a, b)
    if (fault !== null) return fault
  }
  return null
}

function dimension(spec: PartitionsSpec, name: string | null): PartitionsSpec | undefined {
  if (name === null) return spec.kind === 'grid' ? undefined : spec
  return spec.kind === 'grid' && Object.hasOwn(spec.dims, name) ? spec.dims[name] : undefined
}

/** Have two specs the same slices, whenever one looks? */
export function isSameSpec(a: PartitionsSpec, b: PartitionsSpec): boolean {
  if (a === b) return true
  if (a.kind !== b.kind) return false
  if (a.kind === 'grid') return isSameGrid(a, b as GridSpec)
  return canonical(a) === canonical(b)
}

function isSameGrid(a: GridSpec, b: GridSpec): boolean {
  const [own, other] = [dimensionsOf(a), dimensionsOf(b)]
  return (
    own.length === other.length && own.every(([name, dim], n) => name === other[n]![0] && isSameSpec(dim, other[n]![1]))
  )
}

/** Have they the same windows and keys, wherever they start and end? */
export function hasSameWindows(a: PartitionsSpec, b: PartitionsSpec): boolean {
  return a === b || (isTime(a) && isTime(b) && canonical(windows(a)) === canonical(windows(b)))
}

function windows(spec: PartitionsSpec): object {
  return { ...spec, start: '', end: '', endOffset: 0 }
}

const canonical = (value: object): string => JSON.stringify(value, Object.keys(value).toSorted())
