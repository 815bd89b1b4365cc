import { type ScheduleSpec, countBetween, ticksBetween, ticksOf } from '@sluice/core'

/** What is to be done for a schedule, up to and with `to`. */
export interface ScheduleDecision {
  /** The watermark that it was decided from. */
  readonly from: number
  readonly to: number
  /** Ticks to launch for, the oldest first. */
  readonly launch: readonly number[]
  /** Ticks that are passed over; `null` for none. */
  readonly passed: Ticks | null
  /** Ticks that nobody decided in time, whatever is done about them; `null` for none. */
  readonly late: Ticks | null
}

export interface Ticks {
  readonly count: number
  readonly first: number
  readonly last: number
}

export interface DecideOptions {
  readonly spec: Pick<ScheduleSpec, 'timetable' | 'catchUp'>
  readonly watermark: number
  /** By the store's clock. */
  readonly now: number
  /** Ticks after this are decided in time: somebody was there to decide since then. */
  readonly inTimeSince: number
}

/** Launched for at once; what is left over comes with the next decision. */
const atOnce = 100

/**
 * What is due, and what is made of ticks that nobody was there for: none of them, the latest (unless one in time comes
 * after it), all, or the newest so many. `null` where nothing is due.
 */
export function decideSchedule({ spec, watermark, now, inTimeSince }: DecideOptions): ScheduleDecision | null {
  const ticks = ticksOf(spec.timetable)
  const first = ticks.next(watermark)
  if (first === null || first > now) return null
  const border = Math.max(watermark, Math.min(inTimeSince, now))
  const inTime = ticksBetween(ticks, border, now, atOnce)
  const last = ticks.previous(border)
  if (first > border || last === null)
    return { from: watermark, to: inTime.at(-1)!, launch: inTime, passed: null, late: null }
  const late = { count: countBetween(ticks, watermark, border), first, last }
  const { catchUp } = spec
  const wanted = catchUp === 'none' ? 0 : catchUp === 'latest' ? (inTime.length > 0 ? 0 : 1) : most(catchUp, late)
  const skipped = late.count - wanted
  let passedTo = last
  if (skipped > 0) for (let n = 0; n < wanted; n++) passedTo = ticks.previous(passedTo - 1)!
  const caught = ticksBetween(ticks, skipped > 0 ? passedTo : watermark, border, atOnce)
  const launch = [...caught, ...inTime].slice(0, atOnce)
  return {
    from: watermark,
    to: launch.at(-1) ?? last,
    launch,
    passed: skipped > 0 ? { count: skipped, first, last: passedTo } : null,
    late,
  }
}

const most = (catchUp: 'all' | { readonly all: number }, { count }: Ticks): number =>
  catchUp === 'all' ? count : Math.min(count, catchUp.all)
