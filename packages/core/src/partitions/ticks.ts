import { SluiceError } from '../errors/sluice-error.ts'
import { cronTicks as ticksOfCron } from '../schedules/cron-ticks.ts'
import { parseCron } from '../schedules/cron.ts'
import { HOUR, MINUTE, zoneOf } from '../schedules/zone.ts'
import { instantOf, instantOfText, offsetAt } from './local-time.ts'
import type { Offsets } from './ruler.ts'
import type { TimeSpec } from './set.ts'
import type { Ruler } from './time.ts'

/** Moments in order, asked one by one; milliseconds since 1970. Infinity: there are no more. */
export interface Ticks {
  /** The first at or after this time. */
  from(ms: number): number
  /** The last before this time. */
  before(ms: number): number
}

/**
 * When a cron expression fires, by the rule of daylight saving that schedules have.
 *
 * @throws SluiceError CRON_INVALID for one that cannot be read, DEFINITION_INVALID for one that never fires.
 */
export function cronTicks(cron: string, timeZone: string, whose: string): Ticks {
  const ticks = ticksOfCron(parseCron(cron), zoneOf(timeZone))
  if (ticks.next(0) === null)
    throw new SluiceError('DEFINITION_INVALID', `${whose}: the windows of the cron "${cron}" never come.`)
  return {
    from: (ms) => ticks.next(ms - 1) ?? Number.POSITIVE_INFINITY,
    before: (ms) => ticks.previous(ms - 1) ?? Number.NEGATIVE_INFINITY,
  }
}

/** A day of each month, in those that have it: the 31st comes seven times a year. */
export function dayTicks({ timeZone }: TimeSpec, { minute, hour, day }: Offsets): Ticks {
  const time = hour * HOUR + minute * MINUTE
  const of = (month: number): number | null => {
    const start = Date.UTC(1970, month, day)
    if (new Date(start).getUTCDate() !== day) return null
    return instantOf(start + time, timeZone, time === 0 ? 'first' : 'later')
  }
  const search = (ms: number, step: 1 | -1, fits: (tick: number) => boolean): number => {
    const date = new Date(ms + offsetAt(timeZone, ms))
    let month = (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth() - step
    for (;;) {
      const tick = of(month)
      if (tick !== null && fits(tick)) return tick
      month += step
    }
  }
  return {
    from: (ms) => search(ms, 1, (tick) => tick >= ms),
    before: (ms) => search(ms, -1, (tick) => tick < ms),
  }
}

/** So many in a row that are left out: what was meant leaves out all. */
const NEVER = 100_000

/**
 * Numbers what ticks there are, without those that are left out. The window before one that is left out still ends
 * where it would have ended.
 *
 * @param exclude cron expressions, and local dates or times.
 */
export function tableOf(
  ticks: Ticks,
  exclude: readonly string[],
  timeZone: string,
  start: number,
  whose: string,
): Ruler {
  const isOut = exclusion(exclude, timeZone, whose)
  /** Starts and ends of the slices 0, 1, 2… and of −1, −2, −3… */
  const ahead: { starts: number[]; ends: number[]; next: number } = { starts: [], ends: [], next: ticks.from(start) }
  const behind: { starts: number[]; ends: number[]; next: number } = { starts: [], ends: [], next: ahead.next }
  let excluded = 0
  const keep = (tick: number): boolean => {
    excluded = isOut(tick) ? excluded + 1 : 0
    if (excluded > NEVER)
      throw new SluiceError('DEFINITION_INVALID', `${whose}: every slice is left out by ${exclude.join(', ')}.`)
    return excluded === 0
  }
  const forward = (): void => {
    const tick = ahead.next
    ahead.next = ticks.from(tick + 1)
    if (!keep(tick)) return
    ahead.starts.push(tick)
    ahead.ends.push(ahead.next)
  }
  const backward = (): void => {
    const end = behind.next
    behind.next = ticks.before(end)
    if (!keep(behind.next)) return
    behind.starts.push(behind.next)
    behind.ends.push(end)
  }
  const get = (slice: number, what: 'starts' | 'ends'): number => {
    if (slice >= 0) {
      while (ahead.starts.length <= slice) forward()
      return ahead[what][slice]!
    }
    while (behind.starts.length < -slice) backward()
    return behind[what][-slice - 1]!
  }
  return {
    at(ms) {
      while (ahead.next <= ms) forward()
      if (ahead.starts.length > 0 && ahead.starts[0]! <= ms) return lastUpTo(ahead.starts, ms)
      while ((behind.starts.at(-1) ?? Number.POSITIVE_INFINITY) > ms) backward()
      return -1 - behind.starts.findIndex((one) => one <= ms)
    },
    startOf: (slice) => get(slice, 'starts'),
    endOf: (slice) => get(slice, 'ends'),
  }
}

function lastUpTo(sorted: readonly number[], ms: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! <= ms) low = middle + 1
    else high = middle
  }
  return low - 1
}

function exclusion(exclude: readonly string[], timeZone: string, whose: string): (tick: number) => boolean {
  const moments = new Set<number>()
  const crons: Ticks[] = []
  for (const one of exclude) {
    const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d))?/.exec(one)
    if (match) moments.add(instantOfText(Date.parse(`${match[1]}T${match[2] ?? '00:00'}Z`), timeZone))
    else crons.push(cronTicks(one, timeZone, whose))
  }
  return (tick) => moments.has(tick) || crons.some((cron) => cron.from(tick) === tick)
}
