import type { Cron } from './cron.ts'
import { DAY } from './zone.ts'

const LENGTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Can a day of this expression come at all? `0 0 31 2 *` has none. */
export function everComes({ days, months, weekdays, nth }: Cron): boolean {
  if (!days || weekdays || nth || days.last) return true
  return [...months].some((month) => [...days.set].some((day) => day <= LENGTHS[month - 1]!))
}

/**
 * The days on which an expression ticks, as numbers from 1970-01-01, month by month: a month is one mask of bits, so a
 * February that has no 29th costs as much as a comparison.
 */
export interface CronDays {
  /** The first such day at or after this one. */
  next(day: number): number
  /** The last such day at or before this one. */
  previous(day: number): number
}

/** Only for expressions of which a day ever comes. */
export function cronDays(cron: Cron): CronDays {
  let [at, mask] = [Number.NaN, 0]
  const maskOf = (month: number): number => {
    if (month !== at) [at, mask] = [month, monthMask(cron, month)]
    return mask
  }
  return {
    next(day) {
      let month = monthOf(day)
      let rest = maskOf(month) & (-1 << (day - firstOf(month)))
      while (rest === 0) rest = maskOf(++month)
      return firstOf(month) + 31 - Math.clz32(rest & -rest)
    },
    previous(day) {
      let month = monthOf(day)
      let rest = maskOf(month) & (-1 >>> (31 - (day - firstOf(month))))
      while (rest === 0) rest = maskOf(--month)
      return firstOf(month) + 31 - Math.clz32(rest)
    },
  }
}

/** Months are numbered from January 1970, too. */
function monthOf(day: number): number {
  const date = new Date(day * DAY)
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()
}
function firstOf(month: number): number {
  const year = 1970 + Math.floor(month / 12)
  // Date.UTC reads the years 0 to 99 as 1900 to 1999.
  return year < 100 || year > 275_000
    ? daysFromCivil(year, month - Math.floor(month / 12) * 12)
    : Date.UTC(1970, month) / DAY
}

/** The day number of the first of a month in the proleptic Gregorian calendar, by arithmetic. */
function daysFromCivil(year: number, month: number): number {
  const [y, m] = month < 2 ? [year - 1, month + 10] : [year, month - 2]
  const era = Math.floor(y / 400)
  const ofEra = y - era * 400
  const ofYear = Math.floor((153 * m + 2) / 5)
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468
}

/** Bit 0 is the first of the month. */
function monthMask({ days, months, weekdays, nth }: Cron, month: number): number {
  if (!months.has(month - Math.floor(month / 12) * 12 + 1)) return 0
  const first = firstOf(month)
  const length = firstOf(month + 1) - first
  // Day 0 of 1970 was a Thursday.
  const weekdayOfFirst = (((first + 4) % 7) + 7) % 7
  let mask = 0
  for (let day = 1; day <= length; day++) {
    const weekday = (weekdayOfFirst + day - 1) % 7
    const byDay = days !== null && (days.set.has(day) || (days.last && day === length))
    const which = nth?.get(weekday)
    const byWeekday =
      weekdays?.has(weekday) || (which && (which.has(Math.ceil(day / 7)) || (which.has('l') && day + 7 > length)))
    if (byDay || byWeekday || (!days && !weekdays && !nth)) mask |= 1 << (day - 1)
  }
  return mask
}
