import type { Frequency, Rule } from './rrule.ts'
import { dayFilter, dayOf, weekdayOf } from './rrule-days.ts'
import { DAY, HOUR, MINUTE } from './zone.ts'

/** The local times of one rule, ascending; the first one at or after a local time, `null` behind the last. */
export type RuleWalls = (from: number) => number | null

/** No rule is looked for further than this. */
const END = Date.UTC(10_000, 0, 1)
/** A rule that has no date in so many days or periods has none. */
const patience = 200_000

export function ruleWalls(rule: Rule): RuleWalls {
  const found = rank[rule.frequency] === 0 ? ofCalendar(rule) : ofClock(rule)
  // Looking for what never comes takes long, and is done once.
  let nothingFrom = Infinity
  const bounded: RuleWalls = (from) => {
    const least = Math.max(from, rule.start)
    const wall = least >= nothingFrom ? null : found(least)
    if (wall === null) nothingFrom = Math.min(nothingFrom, least)
    return wall === null || (rule.until !== null && wall > rule.until) ? null : wall
  }
  return rule.count === null ? bounded : counted(bounded, rule)
}

/** Only so many, from the start on: kept once they are known. */
function counted(walls: RuleWalls, { count, start }: Rule): RuleWalls {
  const known: number[] = []
  let isWhole = count === 0
  return (from) => {
    while (!isWhole && (known.at(-1) ?? -Infinity) < from) {
      const next = walls((known.at(-1) ?? start - 1) + 1)
      if (next !== null) known.push(next)
      isWhole = next === null || known.length === count
    }
    return known.find((wall) => wall >= from) ?? null
  }
}

const rank: Readonly<Record<Frequency, number>> = {
  YEARLY: 0,
  MONTHLY: 0,
  WEEKLY: 0,
  DAILY: 0,
  HOURLY: HOUR,
  MINUTELY: MINUTE,
  SECONDLY: 1000,
}

/** Periods of days: each gives its days that pass, at every time of the day that the rule has. */
function ofCalendar(rule: Rule): RuleWalls {
  const { interval, hours, minutes, seconds } = rule
  const passes = dayFilter(rule)
  const period = periods(rule)
  const times = product(hours, minutes, seconds)
  return (from) => {
    let empty = 0
    for (let nth = Math.max(0, Math.floor(period.of(from) / interval)); empty < patience; nth++) {
      const [first, end] = period.days(nth * interval)
      if (first * DAY > END) return null
      // Whole days before `from` count only where a position in the period does.
      const begin = rule.setPositions.length > 0 ? first : Math.max(first, Math.floor(from / DAY))
      const days: number[] = []
      for (let day = begin; day < end; day++) if (passes(day)) days.push(day)
      const wall = chosen(
        days.length * times.length,
        (at) => days[Math.floor(at / times.length)]! * DAY + times[at % times.length]!,
        rule,
        from,
      )
      if (wall !== null) return wall
      empty += end - first
    }
    return null
  }
}

/** Numbered from the one that holds the start: which one holds a local time, and the days of one (the end is excluded). */
function periods({ frequency, start, weekStart }: Rule): {
  of(wall: number): number
  days(nth: number): [number, number]
} {
  const date = new Date(start)
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), Math.floor(start / DAY)]
  const week = day - ((weekdayOf(day) - weekStart + 7) % 7)
  switch (frequency) {
    case 'YEARLY':
      return {
        of: (wall) => new Date(wall).getUTCFullYear() - year,
        days: (nth) => [dayOf(year + nth, 0, 1), dayOf(year + nth + 1, 0, 1)],
      }
    case 'MONTHLY':
      return {
        of: (wall) => (new Date(wall).getUTCFullYear() - year) * 12 + new Date(wall).getUTCMonth() - month,
        days: (nth) => [dayOf(year, month + nth, 1), dayOf(year, month + nth + 1, 1)],
      }
    case 'WEEKLY':
      return {
        of: (wall) => Math.floor((Math.floor(wall / DAY) - week) / 7),
        days: (nth) => [week + nth * 7, week + nth * 7 + 7],
      }
    default:
      return { of: (wall) => Math.floor(wall / DAY) - day, days: (nth) => [day + nth, day + nth + 1] }
  }
}

/** Periods of an hour, a minute or a second: most of them are passed over where their day or hour is none of the rule's. */
function ofClock(rule: Rule): RuleWalls {
  const { frequency, interval, hours, minutes, seconds } = rule
  const unit = rank[frequency]
  const step = unit * interval
  const first = Math.floor(rule.start / unit) * unit
  const passes = dayFilter(rule)
  const times =
    frequency === 'HOURLY'
      ? product([0], minutes, seconds)
      : frequency === 'MINUTELY'
        ? product([0], [0], seconds)
        : [0]
  const hasTime = (at: number, unitOf: number, per: number, allowed: readonly number[]): boolean =>
    allowed.length === 0 || allowed.includes(Math.floor(at / unitOf) % per)
  /** What the period fails at, so that the rest of it is passed over; 0 where it passes. */
  const failsFor = (at: number): number => {
    if (!passes(Math.floor(at / DAY))) return DAY
    if (!hasTime(mod(at), HOUR, 24, hours)) return HOUR
    if (unit < HOUR && !hasTime(mod(at), MINUTE, 60, minutes)) return MINUTE
    return unit < MINUTE && !hasTime(mod(at), 1000, 60, seconds) ? 1000 : 0
  }
  return (from) => {
    let at = first + Math.max(0, Math.floor((from - first) / step)) * step
    for (let looked = 0; looked < patience && at <= END; looked++) {
      const skip = failsFor(at)
      if (skip === 0) {
        const begin = at
        const wall = chosen(times.length, (nth) => begin + times[nth]!, rule, from)
        if (wall !== null) return wall
        at += step
      } else {
        const next = (Math.floor(at / skip) + 1) * skip
        at = first + Math.max(Math.ceil((next - first) / step), Math.floor((at - first) / step) + 1) * step
      }
    }
    return null
  }
}

const mod = (at: number): number => ((at % DAY) + DAY) % DAY

/** The first of a period's times at or after `from`: of all, or of those at the positions that BYSETPOS names. */
function chosen(
  count: number,
  timeAt: (nth: number) => number,
  { setPositions, start }: Rule,
  from: number,
): number | null {
  const least = Math.max(from, start)
  if (setPositions.length === 0) {
    for (let nth = 0; nth < count; nth++) if (timeAt(nth) >= least) return timeAt(nth)
    return null
  }
  const at = [...new Set(setPositions.map((position) => (position > 0 ? position - 1 : count + position)))]
    .filter((nth) => nth >= 0 && nth < count)
    .map(timeAt)
    .filter((wall) => wall >= least)
  return at.length === 0 ? null : Math.min(...at)
}

/** Times of a day in milliseconds, ascending. */
function product(hours: readonly number[], minutes: readonly number[], seconds: readonly number[]): number[] {
  const ascending = (numbers: readonly number[]): number[] => [...new Set(numbers)].toSorted((a, b) => a - b)
  const all: number[] = []
  for (const hour of ascending(hours))
    for (const minute of ascending(minutes))
      for (const second of ascending(seconds)) all.push(hour * HOUR + minute * MINUTE + second * 1000)
  return all
}
