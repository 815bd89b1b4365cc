import type { SensorSpec, TickRecord, Timetable } from '@sluice/core'
import { countOf } from '../elements/numbers.ts'
import { duration } from '../elements/time-text.ts'

/** `30 2 * * * Europe/Madrid`, `every 15 min`. */
export function timetableText(timetable: Timetable): string {
  const zone = timetable.timeZone === 'UTC' ? '' : ` ${timetable.timeZone}`
  if (timetable.kind === 'cron') return `${timetable.cron.join(' | ')}${zone}`
  if (timetable.kind === 'every') return `every ${duration(timetable.every)}${zone}`
  return `${timetable.rrule.replaceAll(/\s+/g, ' ')}${zone}`
}

/** What a sensor waits for. */
export function sensorText({ every, on }: SensorSpec): string {
  if (on === null) return `every ${duration(every)}`
  if ('runs' in on) return `when a run ${on.runs.join(', ')}${on.of ? ` of ${on.of.join(', ')}` : ''}`
  return `when ${on.assets.join(', ')} is ${on.when.join(' or ')}`
}

/** What a tick came to, in a few words. */
export function tickText({ outcome, reason, error, runs, count }: TickRecord): string {
  if (outcome === 'failed') return error ? error.message : ''
  if (outcome === 'missed') return `${countOf(count, 'tick')}: ${reason ?? ''}`
  return [runs.length > 0 ? countOf(runs.length, 'run') : '', reason ?? ''].filter((one) => one !== '').join(', ')
}
