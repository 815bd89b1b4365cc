import { humanDuration } from '@sluice/core'

/** `schedule`: on what is of a schedule its own; local elsewhere. */
export type Zone = 'local' | 'UTC' | 'schedule'

const formats = new Map<string, Intl.DateTimeFormat>()
/** Making one costs more than using it a hundred times. */
function formatOf(key: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const known = formats.get(key)
  if (known) return known
  const made = new Intl.DateTimeFormat('en-GB', options)
  formats.set(key, made)
  return made
}

/** The name of an IANA zone that a person's choice means; `own`: of the schedule that it is about. */
export function zoneOf(zone: Zone, own: string | null = null): string {
  if (zone === 'UTC') return 'UTC'
  return zone === 'schedule' && own !== null ? own : new Intl.DateTimeFormat().resolvedOptions().timeZone
}

/** Two to show the times of a schedule in: its own, and the reader's; where that is the same, the first other one. */
export const zonesBeside = (own: string, reader: string): string[] => {
  const other = [reader, zoneOf('local'), 'UTC'].find((zone) => zone !== own)
  return other === undefined ? [own] : [own, other]
}

function partsOf(at: number, timeZone: string): Record<string, string> {
  const format = formatOf(timeZone, {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    weekday: 'short',
    timeZoneName: 'short',
  })
  return Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
}

/** `2026-11-22 23:41:16 CET` */
export function fullTime(at: number, timeZone: string): string {
  const { year, month, day, hour, minute, second, timeZoneName } = partsOf(at, timeZone)
  return `${year}-${month}-${day} ${hour}:${minute}:${second} ${timeZoneName}`
}

/** `2026-11-22 23:41 CET` */
export function minuteTime(at: number, timeZone: string): string {
  const { year, month, day, hour, minute, timeZoneName } = partsOf(at, timeZone)
  return `${year}-${month}-${day} ${hour}:${minute} ${timeZoneName}`
}

/** As short as it can be told from others: `23:41:16 CET` of today, `11-21 23:41 CET`, `2025-12-31 08:00 CET`. */
export function shortTime(at: number, now: number, timeZone: string): string {
  const { year, month, day, hour, minute, second, timeZoneName } = partsOf(at, timeZone)
  const today = partsOf(now, timeZone)
  if (year !== today['year']) return `${year}-${month}-${day} ${hour}:${minute} ${timeZoneName}`
  if (month !== today['month'] || day !== today['day']) return `${month}-${day} ${hour}:${minute} ${timeZoneName}`
  return `${hour}:${minute}:${second} ${timeZoneName}`
}

/** `23:41:16.042`, of log lines. */
export function clockTime(at: number, timeZone: string): string {
  const { hour, minute, second } = partsOf(at, timeZone)
  return `${hour}:${minute}:${second}.${String(at % 1000).padStart(3, '0')}`
}

/** `Sun 06:00`: within a week. */
export function weekTime(at: number, timeZone: string): string {
  const { weekday, hour, minute } = partsOf(at, timeZone)
  return `${weekday} ${hour}:${minute}`
}

/** `just now`, `3 min ago`, `in 2 h`. */
export function relative(at: number, now: number): string {
  const past = Math.abs(now - at)
  if (past < 2_000) return 'just now'
  const text = past < 60_000 ? `${Math.floor(past / 1000)} s` : humanDuration(past).split(' ').slice(0, 2).join(' ')
  return at > now ? `in ${text}` : `${text} ago`
}

export const duration = (ms: number): string => humanDuration(ms).replace('.0 s', ' s')
