import { SluiceError } from '../errors/sluice-error.ts'
import { DAY, HOUR, MINUTE } from '../schedules/zone.ts'
import { instantOf, offsetAt } from './local-time.ts'
import type { TimeSpec } from './set.ts'
import { type Ticks, cronTicks, dayTicks, tableOf } from './ticks.ts'
import type { Ruler } from './time.ts'

/**
 * Hours, days, weeks and months are arithmetic, so that a million of them cost nothing. What is not (any cron, the 31st
 * of each month, windows that are left out) is a table of starts that grows as it is asked.
 *
 * @param start from which hours are counted.
 */
export function rulerOf(spec: TimeSpec, start: number, whose: string): Ruler {
  const offsets = offsetsOf(spec, whose)
  const plain = spec.kind === 'cron' ? undefined : arithmetic(spec, offsets, start)
  const exclude = spec.exclude ?? []
  if (plain && exclude.length === 0) return plain
  const ticks = plain
    ? ticksOf(plain)
    : spec.kind === 'cron'
      ? cronTicks(spec.cron, spec.timeZone, whose)
      : dayTicks(spec, offsets)
  return tableOf(ticks, exclude, spec.timeZone, start, whose)
}

export interface Offsets {
  readonly minute: number
  readonly hour: number
  /** Of a week: 0 is Sunday. Of a month: 1 is its first day. */
  readonly day: number
}

/** @throws SluiceError DEFINITION_INVALID for one that the kind has no use for, or that is out of its range. */
export function offsetsOf(spec: TimeSpec, whose = 'This'): Offsets {
  const { kind, minuteOffset: minute = 0, hourOffset: hour = 0, dayOffset } = spec
  const isMonthly = kind === 'monthly'
  const day = isMonthly ? dayOffset || 1 : (dayOffset ?? 0)
  const limits = { minute: kind === 'cron' ? 0 : 59, hour: kind === 'cron' || kind === 'hourly' ? 0 : 23 }
  const isFit = (value: number, from: number, to: number): boolean =>
    Number.isInteger(value) && value >= from && value <= to
  const most = isMonthly ? 31 : kind === 'weekly' ? 6 : 0
  if (isFit(minute, 0, limits.minute) && isFit(hour, 0, limits.hour) && isFit(day, isMonthly ? 1 : 0, most))
    return { minute, hour, day }
  throw new SluiceError(
    'DEFINITION_INVALID',
    `${whose}: ${kind} partitions cannot begin at day ${dayOffset ?? 0}, hour ${hour}, minute ${minute}.`,
    { hint: 'minuteOffset is 0 to 59, hourOffset 0 to 23; dayOffset of a week 0 (Sunday) to 6, of a month 1 to 31.' },
  )
}

/** When a schedule of a partitioned target ticks, where it is not at the start of each window. */
export interface TickAt {
  readonly minute?: number | undefined
  readonly hour?: number | undefined
  readonly dayOfWeek?: number | undefined
  readonly dayOfMonth?: number | undefined
}

/**
 * The cron expression of a set's windows: what a schedule made from it ticks at. With `at`, as often, but at another
 * minute, hour or day (Dagster's `build_schedule_from_partitioned_job`).
 *
 * @throws SluiceError DEFINITION_INVALID where the windows come too often for it, or are no hours, days, weeks, months.
 */
export function cronOf(spec: TimeSpec, at: TickAt = {}): string {
  const cron = expressionOf(spec)
  if (Object.values(at).every((one) => one === undefined)) return cron
  const kind = regular.find(({ shape }) => shape.test(cron))
  if (!kind) throw irregular(`a schedule of windows by "${cron}" cannot be moved`)
  const [minute, hour, day, , weekday] = cron.split(' ') as [string, string, string, string, string]
  for (const [name, allowed] of Object.entries(kind.moves)) {
    if (!allowed && at[name as keyof TickAt] !== undefined) throw irregular(`windows by "${cron}" have no ${name}`)
  }
  return [at.minute ?? minute, at.hour ?? hour, at.dayOfMonth ?? day, '*', at.dayOfWeek ?? weekday].join(' ')
}

const regular = [
  { shape: /^\d+ \* \* \* \*$/, moves: { hour: false, dayOfWeek: false, dayOfMonth: false } },
  { shape: /^\d+ \d+ \* \* \*$/, moves: { dayOfWeek: false, dayOfMonth: false } },
  { shape: /^\d+ \d+ \* \* \d+$/, moves: { dayOfMonth: false } },
  { shape: /^\d+ \d+ \d+ \* \*$/, moves: { dayOfWeek: false } },
]

function irregular(what: string): SluiceError {
  return new SluiceError('DEFINITION_INVALID', `The schedule cannot be made from the partitions: ${what}.`, {
    hint: 'Give the schedule a cron of its own.',
  })
}

function expressionOf(spec: TimeSpec): string {
  if (spec.kind === 'cron') return spec.cron
  const { minute, hour, day } = offsetsOf(spec)
  if (spec.kind === 'hourly') return `${minute} * * * *`
  if (spec.kind === 'daily') return `${minute} ${hour} * * *`
  return spec.kind === 'weekly' ? `${minute} ${hour} * * ${day}` : `${minute} ${hour} ${day} * *`
}

function arithmetic(spec: TimeSpec, { minute, hour, day }: Offsets, start: number): Ruler | undefined {
  const { timeZone } = spec
  if (spec.kind === 'hourly') return hours(timeZone, start, minute)
  const time = hour * HOUR + minute * MINUTE
  const from = (unit: DateUnit): Ruler => dates(timeZone, time, unit)
  if (spec.kind === 'daily') return from({ ofDay: (n) => n, firstDay: (slice) => slice })
  // Day 3 of 1970 was a Sunday.
  if (spec.kind === 'weekly')
    return from({ ofDay: (n) => Math.floor((n - 3 - day) / 7), firstDay: (slice) => slice * 7 + 3 + day })
  if (day > 28) return undefined
  return from({ ofDay: (n) => monthOf(n - day + 1), firstDay: (slice) => Date.UTC(1970, slice, day) / DAY })
}

function monthOf(day: number): number {
  const date = new Date(day * DAY)
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()
}

interface DateUnit {
  /** The slice that a day belongs to. */
  ofDay(day: number): number
  firstDay(slice: number): number
}

/** Slices of whole days; one starts at midnight (or the hour it is offset by), later where clocks skip that. */
function dates(timeZone: string, time: number, unit: DateUnit): Ruler {
  // The day begins when it is midnight for the first time; an hour that comes twice is a cron's, which is the later.
  const repeated = time === 0 ? 'first' : 'later'
  const startOf = (slice: number): number => instantOf(unit.firstDay(slice) * DAY + time, timeZone, repeated)
  return {
    at(ms) {
      const slice = unit.ofDay(Math.floor((ms + offsetAt(timeZone, ms) - time) / DAY))
      if (startOf(slice) > ms) return slice - 1
      return startOf(slice + 1) <= ms ? slice + 1 : slice
    },
    startOf,
    endOf: (slice) => startOf(slice + 1),
  }
}

/**
 * Hours that have passed since the first full local hour, so that a day of 23 or 25 hours has as many slices.
 *
 * @param minute of the hour at which a slice starts.
 */
function hours(timeZone: string, start: number, minute: number): Ruler {
  const local = start + offsetAt(timeZone, start)
  const since = minute * MINUTE
  const anchor = start + (Math.ceil((local - since) / HOUR) * HOUR + since - local)
  return {
    at: (ms) => Math.floor((ms - anchor) / HOUR),
    startOf: (slice) => anchor + slice * HOUR,
    endOf: (slice) => anchor + (slice + 1) * HOUR,
  }
}

function ticksOf(ruler: Ruler): Ticks {
  return {
    from(ms) {
      const slice = ruler.at(ms)
      return ruler.startOf(slice) === ms ? ms : ruler.startOf(slice + 1)
    },
    before(ms) {
      const slice = ruler.at(ms)
      return ruler.startOf(ruler.startOf(slice) === ms ? slice - 1 : slice)
    },
  }
}
