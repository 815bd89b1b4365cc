import { SluiceError } from '../errors/sluice-error.ts'
import type { Window } from './kinds.ts'
import { type Keys, listKeys } from './keys.ts'
import { dimensionsOf, gridKeys } from './grid.ts'
import { assertComes, keyAt, timeKeys, timeline } from './time.ts'

interface TimeBase {
  /** A local date (`2026-01-01`), date and time (`2026-01-01T06:00`) or key. What starts before it is not there. */
  readonly start: string
  /** Like `start`; slices that end after it are not there. */
  readonly end?: string
  /** An IANA name. */
  readonly timeZone: string
  /** Slices that exist besides those that have ended; negative: that are held back. Default 0. */
  readonly endOffset?: number
  /** How a start is written as a key, as in `strftime`. */
  readonly format?: string
  readonly minuteOffset?: number
  readonly hourOffset?: number
  /** Of a week: 0 is Sunday. Of a month: 1 is its first day. */
  readonly dayOffset?: number
  /** Starts that are left out: cron expressions, and local dates or times. */
  readonly exclude?: readonly string[]
}

/** Slices by the clock, as plain data. */
export type TimeSpec = TimeBase &
  (
    | { readonly kind: 'hourly' | 'daily' | 'weekly' | 'monthly' }
    /** Each tick begins a slice, which lasts until the next. */
    | { readonly kind: 'cron'; readonly cron: string }
  )

export interface GridSpec {
  readonly kind: 'grid'
  readonly dims: Readonly<Record<string, PartitionsSpec>>
}

/** How an asset is sliced, as plain data: what a snapshot holds, and what everything here works on. */
export type PartitionsSpec =
  | TimeSpec
  | { readonly kind: 'one of'; readonly keys: readonly string[] }
  | { readonly kind: 'dynamic'; readonly name: string }
  | GridSpec

/** What the keys of a set depend on besides its spec. */
export interface KeysAt {
  readonly now: Temporal.Instant
  /** The keys of each dynamic set, in the order they were added. */
  readonly dynamic: Readonly<Record<string, readonly string[]>>
}

export function isTime(spec: PartitionsSpec): spec is TimeSpec {
  return spec.kind !== 'one of' && spec.kind !== 'dynamic' && spec.kind !== 'grid'
}

/**
 * @param whose such as `Asset "sales"`.
 * @throws SluiceError DEFINITION_INVALID for a spec that cannot work: no date, no such time zone, an end before the
 *   start, a grid in a grid. CRON_INVALID for windows by a cron expression that cannot be read.
 */
export function assertPartitions(spec: PartitionsSpec, whose = 'This'): void {
  if (isTime(spec)) assertComes(timeline(spec, whose), whose)
  else if (spec.kind === 'grid') dimensionsOf(spec, whose)
}

/**
 * The slices that exist: those by the clock that have ended (Dagster's rule), all names of a fixed or dynamic set, every
 * combination of a grid. Slices by the clock and of a grid are computed when they are asked for, so a million of them
 * cost nothing.
 */
export function keysOf(spec: PartitionsSpec, at: KeysAt): Keys {
  if (isTime(spec)) return timeKeys(timeline(spec), at.now.epochMilliseconds)
  if (spec.kind === 'one of') return listKeys(spec.keys)
  if (spec.kind === 'dynamic') return listKeys(at.dynamic[spec.name] ?? [])
  return gridKeys(dimensionsOf(spec).map(([, dim]) => keysOf(dim, at)))
}

/**
 * When a slice starts and ends; `null` for slices that are not by the clock. Not every slice that has a window exists.
 *
 * @throws SluiceError PARTITION_UNKNOWN where the text is no key of this kind.
 */
export function windowOf(spec: PartitionsSpec, key: string): Window | null {
  if (!isTime(spec)) return null
  const line = timeline(spec)
  const slice = line.indexOf(key)
  if (slice !== null) return { start: instant(line.startOf(slice)), end: instant(line.endOf(slice)) }
  throw new SluiceError('PARTITION_UNKNOWN', `${JSON.stringify(key)} is no key of ${spec.kind} partitions.`, {
    hint: `Write it like ${line.keyOf(line.first)}.`,
  })
}

const instant = (ms: number): Temporal.Instant => Temporal.Instant.fromEpochMilliseconds(ms)

/** The key of the slice that holds this instant, existing or not; `null` for slices that are not by the clock. */
export function keyFor(spec: PartitionsSpec, instant: Temporal.Instant): string | null {
  return isTime(spec) ? keyAt(timeline(spec), instant.epochMilliseconds) : null
}
