import { humanDuration } from '@sluice/core'

const zone = (): string => Temporal.Now.timeZoneId()

/** `2026-11-22 23:41:16`, where the reader is. */
export function localTime(at: number, timeZone = zone()): string {
  const time = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).toPlainDateTime()
  return time.toString({ smallestUnit: 'second' }).replace('T', ' ')
}

/** What the clock of the reader is called at that time: `CET`, `UTC`, `GMT+5:30`. */
export function zoneName(at: number, timeZone = zone()): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'short' }).formatToParts(at)
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? timeZone
}

/** `2026-11-22 23:41:16 CET` */
export const zonedTime = (at: number): string => `${localTime(at)} ${zoneName(at)}`

/** `just now`, `3 min ago`, `2 d ago`: one unit is enough. */
export function ago(at: number, now: number): string {
  const past = now - at
  if (past < 5000) return 'just now'
  const whole = past < 60_000 ? Math.floor(past / 1000) * 1000 : past
  return `${humanDuration(whole).replace('.0 s', ' s').split(' ').slice(0, 2).join(' ')} ago`
}

/** `00:07`, `12:07`, `1:02:07`: a clock that runs. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const two = (value: number): string => String(value).padStart(2, '0')
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${two(minutes)}:${two(seconds % 60)}`
}
