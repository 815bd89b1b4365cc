import { type ScheduleSpec, type TickRecord, type Timetable, humanDuration } from '@sluice/core'
import type { Style } from '../../terminal/style.ts'
import { localTime, zoneName } from '../../terminal/times.ts'
import { countOf } from '../../terminal/words.ts'

/** `30 2 * * * Europe/Madrid`, `every 15 min`. */
export function timetableText(timetable: Timetable): string {
  const zone = timetable.timeZone === 'UTC' ? '' : ` ${timetable.timeZone}`
  if (timetable.kind === 'cron') return `${timetable.cron.join(' | ')}${zone}`
  if (timetable.kind === 'every') return `every ${humanDuration(timetable.every).replace('.0 s', ' s')}${zone}`
  return `${timetable.rrule.replaceAll(/\s+/g, ' ')}${zone}`
}

/** `in 5 min`; when it is further away than a day, its time. */
export function whenText(at: number | null, now: number): string {
  if (at === null) return 'never'
  const ahead = at - now
  if (ahead < 1000) return 'now'
  return ahead < 86_400_000
    ? `in ${humanDuration(ahead).replace('.0 s', ' s')}`
    : `${localTime(at).slice(0, 16)} ${zoneName(at)}`
}

const marks = {
  launched: { icon: '✓', color: 'green' },
  skipped: { icon: '↷', color: 'yellow' },
  failed: { icon: '✗', color: 'red' },
  missed: { icon: '○', color: 'yellow' },
} as const

export const outcomeText = (style: Style, outcome: TickRecord['outcome']): string =>
  style[marks[outcome].color](`${marks[outcome].icon} ${outcome}`)

/** What a tick came to, in a few words. */
export function tickText({ outcome, reason, error, runs, count }: TickRecord): string {
  if (outcome === 'failed') return error ? `${error.code} ${error.message}` : ''
  if (outcome === 'missed') return `${countOf(count, 'tick')}: ${reason ?? ''}`
  const made = runs.length > 3 ? `${runs.slice(0, 3).join(' ')} and ${runs.length - 3} more` : runs.join(' ')
  return [made, reason].filter((one) => one !== null && one !== '').join(' · ')
}

export const specOf = ({ spec }: { readonly spec: unknown }): ScheduleSpec => spec as ScheduleSpec
