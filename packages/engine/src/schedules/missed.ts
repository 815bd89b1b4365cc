import { type CatchUp, type ScheduleSpec, shownTick } from '@sluice/core'
import type { NewTick } from './plan-tick.ts'
import type { ScheduleDecision, Ticks } from './decide-schedule.ts'

/** The record of ticks that were passed over. */
export function missedTick(spec: ScheduleSpec, passed: Ticks, now: number): NewTick {
  return {
    scheduledFor: passed.first,
    decidedAt: now,
    outcome: 'missed',
    reason: `Nobody was there to decide when ${passed.count === 1 ? 'it was' : 'they were'} due; catchUp is ${wordsOf(spec.catchUp)}.`,
    error: null,
    runs: [],
    count: passed.count,
  }
}

/** One line for people: what nobody was there for, and what was done about it. */
export function missedLine(
  name: string,
  spec: ScheduleSpec,
  { late, launch, passed }: ScheduleDecision,
): string | null {
  if (!late) return null
  const at = (ms: number): string => shownTick(spec.timetable, ms).local.slice(0, 16).replace('T', ' ')
  const when = late.count === 1 ? `at ${at(late.first)}` : `from ${at(late.first)} to ${at(late.last)}`
  const made = launch.filter((tick) => tick <= late.last).length
  const done =
    made === 0 ? 'nothing is launched for them' : made === late.count ? 'all are launched now' : `${made} launched now`
  const rest = passed && made > 0 ? `, ${passed.count} passed over` : ''
  return `Schedule "${name}": ${late.count} ${late.count === 1 ? 'tick' : 'ticks'} ${when} had nobody to decide; ${done}${rest} (catchUp ${wordsOf(spec.catchUp)}).`
}

const wordsOf = (catchUp: CatchUp): string => (typeof catchUp === 'string' ? catchUp : `all, at most ${catchUp.all}`)
