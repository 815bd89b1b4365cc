import type { At } from '../assets/edges.ts'
import { SluiceError } from '../errors/sluice-error.ts'
import type { Keys } from './keys.ts'
import { isTime, type PartitionsSpec, type TimeSpec } from './set.ts'
import { type Timeline, timeline } from './time.ts'

/** The key of a slice; `null` is the whole of an asset that is not partitioned. */
export type SliceKey = string | null

/** What an edge reads for one slice of the downstream asset. */
export interface Resolved {
  /** `one`: a value. `many`: `Slices`. `none`: the edge reaches before the first slice, and gives `undefined`. */
  readonly mode: 'one' | 'many' | 'none'
  /** The slices that exist, in order. */
  readonly keys: readonly SliceKey[]
  /** Slices that the edge asks for and that do not exist. */
  readonly missing: readonly string[]
}

export interface EdgeSpec {
  /** `null`: not partitioned. */
  readonly up: PartitionsSpec | null
  readonly down: PartitionsSpec | null
  /** `undefined`: left to the rule. */
  readonly at: At | undefined
  /** Such as `"sales" in asset "trend"`. */
  readonly whose?: string
}

type Read = (key: SliceKey, keys: Keys) => Resolved

const one = (key: SliceKey): Resolved => ({ mode: 'one', keys: [key], missing: [] })
const many = (keys: readonly string[], missing: readonly string[] = []): Resolved => ({ mode: 'many', keys, missing })
const none: Resolved = { mode: 'none', keys: [], missing: [] }
const named = (key: string, keys: Keys): Resolved =>
  keys.has(key) ? one(key) : { mode: 'one', keys: [], missing: [key] }

/**
 * The upstream slices that one slice of the downstream asset reads. The defaults are Dagster's: the slice with the same
 * key where both are partitioned alike, the slices whose windows overlap where both are by the clock in other steps,
 * all where the downstream is not partitioned.
 *
 * @param edge.key of the downstream slice; `null` where that is not partitioned.
 * @param edge.keys of the upstream slices that exist.
 * @throws SluiceError EDGE_INVALID where the edge does not fit the partitions, as `checkEdge` finds.
 */
export function resolveEdge(edge: EdgeSpec & { readonly key: SliceKey; readonly keys: Keys }): Resolved {
  return readerOf(edge)(edge.key, edge.keys)
}

/** @throws SluiceError EDGE_INVALID (or PARTITION_KIND_UNSUPPORTED) where the edge cannot work, whatever the keys. */
export function checkEdge(edge: EdgeSpec): void {
  readerOf(edge)
}

function readerOf({ up, down, at, whose = 'The edge' }: EdgeSpec): Read {
  if (up?.kind === 'grid' || down?.kind === 'grid' || isDims(at)) {
    throw new SluiceError('PARTITION_KIND_UNSUPPORTED', `${whose}: edges of a grid do not work yet.`)
  }
  if (at === undefined) return byRule(up, down, whose)
  if (!up)
    throw refuse(
      whose,
      `the upstream is not partitioned, so .at(${JSON.stringify(at)}) chooses nothing`,
      'Leave .at(…) out.',
    )
  if (at === 'all') return (_, keys) => many([...keys])
  if (at === 'last') return (_, keys) => (keys.last === null ? none : one(keys.last))
  if (typeof at === 'object' && 'only' in at) return only(up, at.only, whose)
  if (!isTime(up) || !down || !isTime(down)) {
    throw refuse(
      whose,
      `.at(${JSON.stringify(at)}) counts slices by the clock, and needs them on both sides`,
      "Use .at('all') or .at({ only: … }).",
    )
  }
  assertSameZone(up, down, whose)
  return typeof at === 'number'
    ? offset(up, down, at, whose)
    : offsets(up, down, at as readonly [number, number], whose)
}

const isDims = (at: At | undefined): boolean => typeof at === 'object' && 'dims' in at

function byRule(up: PartitionsSpec | null, down: PartitionsSpec | null, whose: string): Read {
  if (!up) return () => one(null)
  if (!down) return (_, keys) => many([...keys])
  if (isTime(up) && isTime(down)) {
    assertSameZone(up, down, whose)
    return up.kind === down.kind
      ? (key, keys) => same(timeline(up), timeline(down), key, keys)
      : overlap(timeline(up), timeline(down), 0, 0)
  }
  if (isSameSet(up, down)) return (key, keys) => named(key!, keys)
  throw refuse(
    whose,
    `the upstream is partitioned by ${nameOf(up)}, this asset by ${nameOf(down)}`,
    `Say which slices: .at('all') or ${isTime(up) ? ".at('last')" : '.at({ only: … })'}.`,
  )
}

/** Alike by kind, as the types see it: of fixed names, the downstream may have more. */
function isSameSet(up: PartitionsSpec, down: PartitionsSpec): boolean {
  if (up.kind === 'dynamic' && down.kind === 'dynamic') return up.name === down.name
  return up.kind === 'one of' && down.kind === 'one of' && up.keys.every((key) => down.keys.includes(key))
}

function nameOf(spec: PartitionsSpec): string {
  if (spec.kind === 'dynamic') return `dynamic('${spec.name}')`
  return spec.kind === 'one of'
    ? `oneOf(${spec.keys.slice(0, 3).join(', ')}${spec.keys.length > 3 ? ', …' : ''})`
    : spec.kind
}

function same(up: Timeline, down: Timeline, key: SliceKey, keys: Keys): Resolved {
  return named(up.keyOf(up.at(down.startOf(sliceOf(down, key)))), keys)
}

function only(up: PartitionsSpec, key: string, whose: string): Read {
  if (up.kind === 'one of' && !up.keys.includes(key)) {
    throw refuse(whose, `.at({ only: "${key}" }) names no slice of ${nameOf(up)}`, `Its keys: ${up.keys.join(', ')}.`)
  }
  return (_, keys) => named(key, keys)
}

/** The slice that holds this one's start, moved by `by`. Before the first there is nothing to read (Dagster clamps). */
function offset(up: TimeSpec, down: TimeSpec, by: number, whose: string): Read {
  if (!Number.isInteger(by))
    throw refuse(whose, `.at(${by}) must be a whole number of slices`, 'Write .at(-1) for the one before.')
  if (sizes[up.kind] < sizes[down.kind]) {
    throw refuse(
      whose,
      `a ${down.kind} slice spans many ${up.kind} ones, so .at(${by}) is no single one`,
      `Write .at([${by}, ${by}]).`,
    )
  }
  const [above, below] = [timeline(up), timeline(down)]
  return (key, keys) => {
    const slice = above.at(below.startOf(sliceOf(below, key))) + by
    return slice < above.first ? none : named(above.keyOf(slice), keys)
  }
}

const sizes = { hourly: 1, daily: 24, weekly: 168, monthly: 730 }

function offsets(up: TimeSpec, down: TimeSpec, [from, to]: readonly [number, number], whose: string): Read {
  if (!Number.isInteger(from) || !Number.isInteger(to) || from > to) {
    throw refuse(
      whose,
      `.at([${from}, ${to}]) must be two whole numbers, the smaller first`,
      'Write .at([-6, 0]) for this slice and the six before.',
    )
  }
  return overlap(timeline(up), timeline(down), from, to)
}

/**
 * The upstream slices that overlap the downstream slices from `from` to `to`, counted from this one. Offsets do not
 * reach before the first upstream slice; without one, a slice before it is missing.
 */
function overlap(up: Timeline, down: Timeline, from: number, to: number): Read {
  return (key, keys) => {
    const slice = sliceOf(down, key)
    const start = up.at(down.startOf(slice + from))
    const end = lastBefore(up, down.startOf(slice + to + 1))
    const own = up.at(down.startOf(slice))
    const [there, missing]: [string[], string[]] = [[], []]
    for (let n = from < 0 ? Math.max(start, Math.min(own, up.first)) : start; n <= end; n += 1) {
      const one = up.keyOf(n)
      if (keys.has(one)) there.push(one)
      else missing.push(one)
    }
    return many(there, missing)
  }
}

/** The last slice that starts before the instant. */
function lastBefore(line: Timeline, instant: Temporal.Instant): number {
  const slice = line.at(instant)
  return Temporal.Instant.compare(line.startOf(slice), instant) < 0 ? slice : slice - 1
}

function sliceOf(line: Timeline, key: SliceKey): number {
  const slice = key === null ? null : line.indexOf(key)
  if (slice !== null) return slice
  throw new SluiceError('PARTITION_UNKNOWN', `${JSON.stringify(key)} is no key of these partitions.`, {
    hint: `A key looks like ${line.keyOf(line.first)}.`,
  })
}

function assertSameZone(up: TimeSpec, down: TimeSpec, whose: string): void {
  if (up.timeZone === down.timeZone) return
  throw refuse(
    whose,
    `the upstream's days are those of ${up.timeZone}, this asset's those of ${down.timeZone}`,
    "Give both the same timeZone, or say which slices: .at('last').",
  )
}

function refuse(whose: string, what: string, hint: string): SluiceError {
  return new SluiceError('EDGE_INVALID', `${whose}: ${what}.`, { hint })
}
