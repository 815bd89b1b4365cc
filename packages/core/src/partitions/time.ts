import { SluiceError } from '../errors/sluice-error.ts'
import { computedKeys, type Keys } from './keys.ts'
import type { TimeSpec } from './set.ts'

/**
 * Slices by the clock as whole numbers: a slice's number and the next one's differ by one, so that offsets and counts
 * are arithmetic. Days, weeks and months are numbered from 1970, hours from the first slice.
 */
export interface Timeline {
  readonly timeZone: string
  readonly first: number
  /** The first one that is no longer there; `null`: they go on. */
  readonly end: number | null
  readonly endOffset: number
  /** The slice that holds the instant. */
  at(instant: Temporal.Instant): number
  startOf(slice: number): Temporal.Instant
  keyOf(slice: number): string
  /** `null` where the text is no key. */
  indexOf(key: string): number | null
}

type Units = Pick<Timeline, 'at' | 'startOf' | 'keyOf' | 'indexOf'>

const known = new WeakMap<TimeSpec, Timeline>()

/** @throws SluiceError DEFINITION_INVALID for a start, end or time zone that cannot be read. */
export function timeline(spec: TimeSpec, whose = 'This'): Timeline {
  const made = known.get(spec) ?? make(spec, whose)
  known.set(spec, made)
  return made
}

function make(spec: TimeSpec, whose: string): Timeline {
  const start = instantOf(spec, 'start', spec.start, whose)
  const units = unitsOf(spec, start)
  const holding = units.at(start)
  const first = Temporal.Instant.compare(units.startOf(holding), start) < 0 ? holding + 1 : holding
  const end = spec.end === undefined ? null : units.at(instantOf(spec, 'end', spec.end, whose))
  if (end !== null && end < first) {
    throw new SluiceError(
      'DEFINITION_INVALID',
      `${whose}: the partitions end (${spec.end}) before they start (${spec.start}).`,
    )
  }
  if (!Number.isInteger(spec.endOffset ?? 0)) {
    throw new SluiceError('DEFINITION_INVALID', `${whose}: endOffset must be a whole number, not ${spec.endOffset}.`)
  }
  return { timeZone: spec.timeZone, first, end, endOffset: spec.endOffset ?? 0, ...units }
}

function instantOf(spec: TimeSpec, option: string, text: string, whose: string): Temporal.Instant {
  const match = /^(\d{4}-\d\d-\d\d)(?:[-T ](\d\d:\d\d))?$/.exec(text)
  try {
    if (match) return localInstant(`${match[1]}T${match[2] ?? '00:00'}`, spec.timeZone)
  } catch (cause) {
    throw invalid(spec, option, text, whose, cause)
  }
  throw invalid(spec, option, text, whose)
}

function invalid(spec: TimeSpec, option: string, text: string, whose: string, cause?: unknown): SluiceError {
  const what = `${option} ${JSON.stringify(text)} in the time zone ${spec.timeZone}`
  return new SluiceError('DEFINITION_INVALID', `${whose}: ${spec.kind} partitions cannot use ${what}.`, {
    cause,
    hint: "Write a local date or time, '2026-01-01' or '2026-01-01T06:00', and an IANA zone, 'Europe/Madrid'.",
  })
}

/** A local time that clocks skip is moved past the gap; of one that comes twice, the first. */
function localInstant(local: string, timeZone: string): Temporal.Instant {
  return Temporal.PlainDateTime.from(local, { overflow: 'reject' }).toZonedDateTime(timeZone).toInstant()
}

/** The slices that have ended at `now`, with the offset, up to the end. */
export function timeKeys(line: Timeline, now: Temporal.Instant): Keys {
  const ended = line.at(now) + line.endOffset
  const count = Math.max(0, Math.min(ended, line.end ?? ended) - line.first)
  return computedKeys(
    count,
    (index) => line.keyOf(line.first + index),
    (key) => {
      const slice = line.indexOf(key)
      return slice !== null && slice >= line.first && slice < line.first + count ? slice - line.first : -1
    },
  )
}

function unitsOf(spec: TimeSpec, start: Temporal.Instant): Units {
  switch (spec.kind) {
    case 'hourly':
      return hours(spec.timeZone, start)
    case 'daily':
      return dates(spec.timeZone, { ofDay: (day) => day, firstDay: (slice) => slice })
    // Day 3 of 1970 was a Sunday.
    case 'weekly':
      return dates(spec.timeZone, { ofDay: (day) => Math.floor((day - 3) / 7), firstDay: (slice) => slice * 7 + 3 })
    case 'monthly':
      return dates(spec.timeZone, { ofDay: monthOfDay, firstDay: (slice) => Date.UTC(1970, slice) / DAY })
  }
}

const DAY = 86_400_000
const HOUR = 3_600_000

const dateOfDay = (day: number): string => new Date(day * DAY).toISOString().slice(0, 10)

function monthOfDay(day: number): number {
  const date = new Date(day * DAY)
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()
}

/** Slices of whole days; a day starts at midnight, or later where clocks skip midnight. */
function dates(timeZone: string, unit: { ofDay(day: number): number; firstDay(slice: number): number }): Units {
  const keyOf = (slice: number) => dateOfDay(unit.firstDay(slice))
  return {
    at(instant) {
      const date = instant.toZonedDateTimeISO(timeZone).toPlainDate().toString()
      return unit.ofDay(Date.parse(`${date}T00:00Z`) / DAY)
    },
    startOf: (slice) => Temporal.PlainDate.from(keyOf(slice)).toZonedDateTime(timeZone).toInstant(),
    keyOf,
    indexOf(key) {
      const ms = /^\d{4}-\d\d-\d\d$/.test(key) ? Date.parse(`${key}T00:00Z`) : Number.NaN
      if (Number.isNaN(ms)) return null
      const slice = unit.ofDay(ms / DAY)
      return keyOf(slice) === key ? slice : null
    },
  }
}

/**
 * Hours that have passed since the first full local hour, so that a day of 23 or 25 hours has as many slices. A key is
 * local time; the second pass of a repeated hour has its offset in the key, `2024-11-03-01:00-0500`.
 */
function hours(timeZone: string, start: Temporal.Instant): Units {
  const zoned = start.toZonedDateTimeISO(timeZone)
  const anchor = zoned.round({ smallestUnit: 'hour', roundingMode: 'ceil' }).epochMilliseconds
  const startOf = (slice: number) => Temporal.Instant.fromEpochMilliseconds(anchor + slice * HOUR)
  return {
    at: (instant) => Math.floor((instant.epochMilliseconds - anchor) / HOUR),
    startOf,
    keyOf(slice) {
      const at = startOf(slice).toZonedDateTimeISO(timeZone)
      const local = at.toPlainDateTime()
      const key = `${local.toPlainDate().toString()}-${local.toPlainTime().toString({ smallestUnit: 'minute' })}`
      return local.toZonedDateTime(timeZone).equals(at) ? key : `${key}${at.offset.replace(':', '')}`
    },
    // A local time that clocks skip, or between two slices, names the next one (Dagster).
    indexOf(key) {
      const match = /^(\d{4}-\d\d-\d\d)-(\d\d:\d\d)([+-]\d{4})?$/.exec(key)
      if (!match) return null
      const local = `${match[1]}T${match[2]}`
      try {
        const instant = match[3] ? Temporal.Instant.from(`${local}${match[3]}`) : localInstant(local, timeZone)
        return Math.ceil((instant.epochMilliseconds - anchor) / HOUR)
      } catch {
        return null
      }
    },
  }
}
