import { SluiceError } from '../errors/sluice-error.ts'
import type { Window } from './kinds.ts'
import { type Keys, listKeys } from './keys.ts'
import { timeKeys, timeline } from './time.ts'

/** Slices by the clock, as plain data. */
export interface TimeSpec {
  readonly kind: 'hourly' | 'daily' | 'weekly' | 'monthly'
  /** A local date (`2026-01-01`) or date and time (`2026-01-01T06:00`). What starts before it is not there. */
  readonly start: string
  /** Like `start`; the first slice that is no longer there. */
  readonly end?: string
  /** An IANA name. */
  readonly timeZone: string
  /** Slices that exist besides those that have ended; negative: that are held back. Default 0. */
  readonly endOffset?: number
}

/** How an asset is sliced, as plain data: what a snapshot holds, and what everything here works on. */
export type PartitionsSpec =
  | TimeSpec
  | (Omit<TimeSpec, 'kind'> & { readonly kind: 'cron'; readonly cron: string })
  | { readonly kind: 'one of'; readonly keys: readonly string[] }
  | { readonly kind: 'dynamic'; readonly name: string }
  | { readonly kind: 'grid'; readonly dims: Readonly<Record<string, PartitionsSpec>> }

/** What the keys of a set depend on besides its spec. */
export interface KeysAt {
  readonly now: Temporal.Instant
  /** The keys of each dynamic set, in the order they were added. */
  readonly dynamic: Readonly<Record<string, readonly string[]>>
}

export function isTime(spec: PartitionsSpec): spec is TimeSpec {
  return spec.kind === 'hourly' || spec.kind === 'daily' || spec.kind === 'weekly' || spec.kind === 'monthly'
}

/**
 * @param whose such as `Asset "sales"`.
 * @throws SluiceError PARTITION_KIND_UNSUPPORTED for a kind that does not work yet, DEFINITION_INVALID for a spec that
 *   cannot work: no date, no such time zone, an end before the start.
 */
export function assertSupported(spec: PartitionsSpec, whose = 'This'): void {
  if (spec.kind === 'grid' || spec.kind === 'cron') {
    throw new SluiceError(
      'PARTITION_KIND_UNSUPPORTED',
      `${whose} is partitioned by ${spec.kind}, which does not work yet.`,
      {
        hint: 'These work: daily, hourly, weekly, monthly, oneOf and dynamic.',
      },
    )
  }
  if (isTime(spec)) timeline(spec, whose)
}

/**
 * The slices that exist: those by the clock that have ended (Dagster's rule), all names of a fixed or dynamic set. A
 * slice by the clock is computed when it is asked for, so a million of them cost nothing.
 */
export function keysOf(spec: PartitionsSpec, at: KeysAt): Keys {
  assertSupported(spec)
  if (isTime(spec)) return timeKeys(timeline(spec), at.now)
  if (spec.kind === 'one of') return listKeys(spec.keys)
  return spec.kind === 'dynamic' ? listKeys(at.dynamic[spec.name] ?? []) : listKeys([])
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
  if (slice !== null) return { start: line.startOf(slice), end: line.startOf(slice + 1) }
  throw new SluiceError('PARTITION_UNKNOWN', `${JSON.stringify(key)} is no key of ${spec.kind} partitions.`, {
    hint: `Write it like ${line.keyOf(line.first)}.`,
  })
}

/** The key of the slice that holds this instant, existing or not; `null` for slices that are not by the clock. */
export function keyFor(spec: PartitionsSpec, instant: Temporal.Instant): string | null {
  if (!isTime(spec)) return null
  const line = timeline(spec)
  return line.keyOf(line.at(instant))
}
