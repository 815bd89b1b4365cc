import { SluiceError } from '../errors/sluice-error.ts'
import { parseCron } from './cron.ts'
import { everComes } from './cron-days.ts'
import { cronTicks } from './cron-ticks.ts'
import { intervalTicks } from './interval-ticks.ts'
import { parseRrule } from './rrule.ts'
import { rruleTicks } from './rrule-ticks.ts'
import { type Ticks, union } from './ticks.ts'
import { type Zone, instantOf, instantsOf, zoneOf } from './zone.ts'

/** When a schedule is due, as plain data. */
export type Timetable = { readonly timeZone: string } & (
  | { readonly kind: 'cron'; readonly cron: readonly string[] }
  /** `every` and `anchor` in milliseconds; the anchor since 1970. */
  | { readonly kind: 'every'; readonly every: number; readonly anchor: number }
  | { readonly kind: 'rrule'; readonly rrule: string }
)

/** Different timetables have different ones: what a watermark is compared by. */
export const fingerprintOf = (timetable: Timetable): string => JSON.stringify(timetable)

const known = new Map<string, Ticks>()

/**
 * The ticks of a timetable. Reading it costs some microseconds, so what was read last is kept.
 *
 * @throws SluiceError CRON_INVALID, RRULE_INVALID, DEFINITION_INVALID.
 */
export function ticksOf(timetable: Timetable): Ticks {
  const key = fingerprintOf(timetable)
  const before = known.get(key)
  if (before) return before
  const ticks = readTicks(timetable)
  if (known.size >= 20_000) known.clear()
  known.set(key, ticks)
  return ticks
}

function readTicks(timetable: Timetable): Ticks {
  const zone = zoneNamed(timetable.timeZone)
  switch (timetable.kind) {
    case 'cron':
      return union(timetable.cron.map((text) => cronTicks(parseCron(text), zone)))
    case 'every': {
      const { every, anchor } = timetable
      if (Number.isSafeInteger(every) && every >= 1000 && every <= 3660 * 86_400_000 && Number.isSafeInteger(anchor))
        return intervalTicks(every, anchor, zone)
      throw new SluiceError('DEFINITION_INVALID', `A schedule cannot tick every ${every} ms.`, {
        hint: "At least every second: every: '1s'.",
      })
    }
    case 'rrule':
      return rruleTicks(parseRrule(timetable.rrule, zone), zone)
  }
}

/** @throws SluiceError DEFINITION_INVALID for a zone that is not known. */
export function zoneNamed(timeZone: string): Zone {
  try {
    return zoneOf(timeZone)
  } catch (cause) {
    throw new SluiceError('DEFINITION_INVALID', `There is no time zone ${JSON.stringify(timeZone)}.`, {
      cause,
      hint: 'Zones have names of the IANA database: Europe/Madrid, America/New_York, UTC.',
    })
  }
}

/** What somebody should know about a timetable that works: steps larger than their field, days that never come. */
export function warningsOf(timetable: Timetable): readonly string[] {
  if (timetable.kind !== 'cron') {
    const ends = timetable.kind === 'rrule' && ticksOf(timetable).next(-6e13) === null
    return ends ? [`Rule ${JSON.stringify(timetable.rrule)} has no date at all.`] : []
  }
  return timetable.cron.flatMap((text) => {
    const cron = parseCron(text)
    return everComes(cron)
      ? cron.warnings
      : [...cron.warnings, `Cron ${JSON.stringify(text)} names a day that never comes.`]
  })
}

/** Milliseconds since 1970 of an anchor: an instant, or a local time of the zone (the later one of two). */
export function anchorOf(text: string, timeZone: string): number {
  const zone = zoneNamed(timeZone)
  try {
    if (/(?:Z|[+-]\d\d:?\d\d)(?:\[.*\])?$/i.test(text)) return Temporal.Instant.from(text).epochMilliseconds
    const wall = Temporal.PlainDateTime.from(text).toZonedDateTime('UTC').epochMilliseconds
    return instantOf(zone, wall, 'later')
  } catch (cause) {
    throw new SluiceError('DEFINITION_INVALID', `The anchor ${JSON.stringify(text)} is no time.`, {
      cause,
      hint: "A local time, '2026-01-01T06:00', or an instant, '2026-01-01T06:00Z'.",
    })
  }
}

/** The ticks after `after`, up to and with `upTo`, at most `most`. */
export function ticksBetween(ticks: Ticks, after: number, upTo: number, most = Infinity): number[] {
  const found: number[] = []
  for (let at = ticks.next(after); at !== null && at <= upTo && found.length < most; at = ticks.next(at)) found.push(at)
  return found
}

/** How many there are after `after`, up to and with `upTo`. */
export function countBetween(ticks: Ticks, after: number, upTo: number): number {
  let count = 0
  for (let at = ticks.next(after); at !== null && at <= upTo; at = ticks.next(at)) count += 1
  return count
}

/** A tick as people read it. */
export interface ShownTick {
  /** Milliseconds since 1970. */
  readonly at: number
  /** What clocks show: `2026-03-29T03:00:00+02:00`. */
  readonly local: string
  /**
   * `gap`: the local time that was meant (`meant`, `02:30`) does not exist on this day. `first`, `second`: it comes twice,
   * and this is that time. `null` on all other days.
   */
  readonly daylight: 'gap' | 'first' | 'second' | null
  readonly meant: string
}

/** A tick, with what daylight saving of its own zone does to it; `shownIn`: whose clocks to show. */
export function shownTick(timetable: Timetable, at: number, shownIn: string = timetable.timeZone): ShownTick {
  const zone = zoneNamed(timetable.timeZone)
  const { offset } = zone.at(at)
  const wall = at + offset
  const meant = ticksOf(timetable).meant(at) ?? wall
  const twice = instantsOf(zone, wall)
  const daylight = meant !== wall ? 'gap' : twice.length < 2 ? null : twice[0] === at ? 'first' : 'second'
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(shownIn)
  return {
    at,
    local: local.toString({ timeZoneName: 'never', calendarName: 'never' }),
    daylight,
    meant: new Date(meant).toISOString().slice(0, 19),
  }
}

/** A moment at which clocks are moved: 02:00 becomes 03:00 (`gap`), or 01:00 again (`repeat`). */
export interface ClockChange {
  readonly at: number
  readonly from: string
  readonly to: string
  readonly kind: 'gap' | 'repeat'
}

/** When the clocks of a zone are moved, after `after` up to and with `upTo`. */
export function clockChanges(timeZone: string, after: number, upTo: number): ClockChange[] {
  const zone = zoneNamed(timeZone)
  const found: ClockChange[] = []
  for (let before = zone.at(after); before.to <= upTo; before = zone.at(before.to)) {
    const to = before.to + zone.at(before.to).offset
    const from = before.to + before.offset
    const shown = (wall: number): string => new Date(wall).toISOString().slice(0, 16)
    if (to !== from) found.push({ at: before.to, from: shown(from), to: shown(to), kind: to > from ? 'gap' : 'repeat' })
  }
  return found
}
