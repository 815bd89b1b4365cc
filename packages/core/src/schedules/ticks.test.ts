import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { jitterOf } from './jitter.ts'
import {
  type Timetable,
  clockChanges,
  countBetween,
  shownTick,
  ticksBetween,
  ticksOf,
  warningsOf,
} from './timetable.ts'

const zones = [
  'UTC',
  'Europe/Madrid',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'America/Sao_Paulo',
  'Africa/Casablanca',
  'Pacific/Apia',
  'Europe/Dublin',
  'Africa/Cairo',
]
const MINUTE = 60_000
const DAY = 86_400_000

const zone = fc.constantFrom(...zones)
const moment = fc.integer({ min: Date.UTC(2010, 0, 1), max: Date.UTC(2026, 0, 1) })
const field = (low: number, high: number) =>
  fc.oneof(
    fc.constant('*'),
    fc.uniqueArray(fc.integer({ min: low, max: high }), { minLength: 1, maxLength: 4 }).map((list) => list.join(',')),
    fc.integer({ min: 2, max: high }).map((step) => `*/${step}`),
  )
const cron = fc.tuple(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6)).map((all) => all.join(' '))
const timetable: fc.Arbitrary<Timetable> = fc.oneof(
  fc.record({
    kind: fc.constant('cron' as const),
    cron: fc.array(cron, { minLength: 1, maxLength: 2 }),
    timeZone: zone,
  }),
  fc.record({
    kind: fc.constant('every' as const),
    every: fc.oneof(
      fc.integer({ min: 1, max: 1_000_000 }).map((seconds) => seconds * 1000),
      fc.integer({ min: 1, max: 40 }).map((days) => days * DAY),
    ),
    anchor: moment,
    timeZone: zone,
  }),
  fc.record({
    kind: fc.constant('rrule' as const),
    rrule: fc.constantFrom(
      'FREQ=HOURLY;INTERVAL=5',
      'FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=30',
      'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;BYHOUR=0,2',
      'FREQ=MONTHLY;BYDAY=-1FR',
      'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1',
      'FREQ=MINUTELY;INTERVAL=15;BYHOUR=1,2',
      'DTSTART:20120101T023000\nRRULE:FREQ=DAILY\nRDATE:20150101T120000\nEXDATE:20120102T023000',
    ),
    timeZone: zone,
  }),
)

describe('ticks are one ascending set', () => {
  test('next is after, previous is at or before, and one undoes the other', () => {
    fc.assert(
      fc.property(timetable, moment, (one, at) => {
        const ticks = ticksOf(one)
        const next = ticks.next(at)
        if (next === null) return
        expect(next).toBeGreaterThan(at)
        expect(ticks.previous(next)).toBe(next)
        expect(ticks.next(next - 1)).toBe(next)
        const before = ticks.previous(next - 1)
        if (before !== null) {
          expect(before).toBeLessThanOrEqual(at)
          expect(ticks.next(before)).toBe(next)
        }
      }),
      { numRuns: 400 },
    )
  })

  test('asking in two parts finds what asking once finds', () => {
    fc.assert(
      fc.property(
        timetable,
        moment,
        fc.integer({ min: 0, max: 3 * DAY }),
        fc.integer({ min: 0, max: 3 * DAY }),
        (one, at, a, b) => {
          const ticks = ticksOf(one)
          const whole = ticksBetween(ticks, at, at + a + b, 500)
          const parts = [...ticksBetween(ticks, at, at + a), ...ticksBetween(ticks, at + a, at + a + b)]
          expect(whole).toEqual(parts.slice(0, 500))
          expect(countBetween(ticks, at, at + a)).toBe(ticksBetween(ticks, at, at + a).length)
        },
      ),
      { numRuns: 100 },
    )
  })

  test('cron agrees with looking at every minute, away from changes of the clocks', () => {
    fc.assert(
      fc.property(cron, fc.integer({ min: 0, max: 5000 }), (text, day) => {
        const start = Date.UTC(2012, 0, 1) + day * DAY
        const found = new Set(
          ticksBetween(ticksOf({ kind: 'cron', cron: [text], timeZone: 'UTC' }), start - 1, start + DAY - 1),
        )
        for (let at = start; at < start + DAY; at += 7 * MINUTE) expect(found.has(at)).toBe(matches(text, at))
      }),
      { numRuns: 100 },
    )
  })
})

describe('where clocks change', () => {
  const offset = (at: number, timeZone: string): number =>
    Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).offsetNanoseconds / 1e6

  /** Every local minute by itself: those that are skipped tick when clocks go on, those that come twice at the later one. */
  function slowly(text: string, timeZone: string, from: number, to: number): number[] {
    const found = new Set<number>()
    const instants = new Map<number, number[]>()
    for (let at = from; at < to; at += MINUTE) {
      const local = at + offset(at, timeZone)
      instants.set(local, [...(instants.get(local) ?? []), at])
    }
    const isEveryHour = text.split(' ')[1] === '*'
    for (let local = from + offset(from, timeZone); local < to + offset(to, timeZone); local += MINUTE) {
      if (!matches(text, local)) continue
      const at = instants.get(local) ?? []
      if (isEveryHour) for (const one of at) found.add(one)
      else if (at.length > 0) found.add(at.at(-1)!)
      else {
        let after = from
        while (after + offset(after, timeZone) <= local) after += MINUTE
        found.add(after)
      }
    }
    return [...found].toSorted((a, b) => a - b)
  }

  test('cron agrees with going through every local minute', () => {
    const often = fc.constantFrom(
      '30 2 * * *',
      '0 0 * * *',
      '15 1,2,3 * * *',
      '*/20 * * * *',
      '0 */2 * * *',
      '59 23 * * *',
    )
    const some = fc.oneof(often, cron)
    fc.assert(
      fc.property(some, fc.constantFrom(...zones.slice(1)), moment, (text, timeZone, near) => {
        const change = Temporal.Instant.fromEpochMilliseconds(near)
          .toZonedDateTimeISO(timeZone)
          .getTimeZoneTransition('next')?.epochMilliseconds
        const middle = Math.floor((change ?? near) / MINUTE) * MINUTE
        const [from, to] = [middle - 30 * 60 * MINUTE, middle + 30 * 60 * MINUTE]
        // Away from the ends, where the other instant of a minute may lie outside.
        const inside = (at: number): boolean => at >= middle - 3 * 60 * MINUTE && at < middle + 4 * 60 * MINUTE
        const ticks = ticksBetween(ticksOf({ kind: 'cron', cron: [text], timeZone }), from - 1, to - 1, 10_000)
        expect(ticks.filter(inside)).toEqual(slowly(text, timeZone, from, to).filter(inside))
      }),
      { numRuns: 60 },
    )
  })
})

/** What the five fields say, each by itself. */
function matches(text: string, at: number): boolean {
  const date = new Date(at)
  const [minute, hour, day, month, weekday] = text.split(' ') as [string, string, string, string, string]
  const has = (part: string, value: number, low: number): boolean =>
    part === '*' ||
    part
      .split(',')
      .some((one) => (one.startsWith('*/') ? (value - low) % Number(one.slice(2)) === 0 : Number(one) === value))
  const byDay = has(day, date.getUTCDate(), 1)
  const byWeekday = has(weekday, date.getUTCDay(), 0)
  const days = day === '*' || weekday === '*' ? byDay && byWeekday : byDay || byWeekday
  return (
    has(minute, date.getUTCMinutes(), 0) &&
    has(hour, date.getUTCHours(), 0) &&
    has(month, date.getUTCMonth() + 1, 1) &&
    days
  )
}

describe('what people read', () => {
  const madrid: Timetable = { kind: 'cron', cron: ['30 2 * * *'], timeZone: 'Europe/Madrid' }
  const at = (text: string): number => Temporal.Instant.from(text).epochMilliseconds

  test('a tick in the hour that is taken away, and one in the hour that comes twice, say so', () => {
    expect(shownTick(madrid, at('2026-03-29T01:00Z'))).toEqual({
      at: at('2026-03-29T01:00Z'),
      local: '2026-03-29T03:00:00+02:00',
      daylight: 'gap',
      meant: '2026-03-29T02:30:00',
    })
    expect(shownTick(madrid, at('2026-10-25T01:30Z'))).toMatchObject({
      local: '2026-10-25T02:30:00+01:00',
      daylight: 'second',
    })
    expect(shownTick(madrid, at('2026-05-01T00:30Z'))).toMatchObject({ daylight: null, meant: '2026-05-01T02:30:00' })
    const rule: Timetable = { kind: 'rrule', rrule: 'FREQ=DAILY;BYHOUR=2;BYMINUTE=30', timeZone: 'Europe/Madrid' }
    expect(
      ticksBetween(ticksOf(rule), at('2026-03-28T12:00Z'), at('2026-03-29T12:00Z')).map((tick) =>
        shownTick(rule, tick),
      ),
    ).toMatchObject([{ local: '2026-03-29T01:30:00+01:00', daylight: 'gap', meant: '2026-03-29T02:30:00' }])
    const days: Timetable = { kind: 'every', every: DAY, anchor: at('2026-01-01T01:30Z'), timeZone: 'Europe/Madrid' }
    expect(shownTick(days, ticksOf(days).next(at('2026-03-28T12:00Z'))!)).toMatchObject({
      local: '2026-03-29T03:30:00+02:00',
      daylight: 'gap',
    })
  })

  test('when clocks are moved', () => {
    expect(clockChanges('Europe/Madrid', at('2026-01-01T00:00Z'), at('2027-01-01T00:00Z'))).toEqual([
      { at: at('2026-03-29T01:00Z'), from: '2026-03-29T02:00', to: '2026-03-29T03:00', kind: 'gap' },
      { at: at('2026-10-25T01:00Z'), from: '2026-10-25T03:00', to: '2026-10-25T02:00', kind: 'repeat' },
    ])
    expect(clockChanges('UTC', 0, at('2027-01-01T00:00Z'))).toEqual([])
  })

  test('what cannot come, and what is larger than its field', () => {
    const of = (text: string) => warningsOf({ kind: 'cron', cron: [text], timeZone: 'UTC' })
    expect(of('0 0 31 2 *').join()).toContain('never comes')
    expect(of('*/90 * * * *').join()).toContain('90')
    expect(of('0 2 * * *')).toEqual([])
    expect(ticksOf({ kind: 'cron', cron: ['0 0 31 2 *'], timeZone: 'UTC' }).next(0)).toBeNull()
    expect(warningsOf({ kind: 'rrule', rrule: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', timeZone: 'UTC' })).toHaveLength(1)
  })

  test.each([
    ['61 * * * *', 'minute "61"'],
    ['* * * *', '4 fields'],
    ['@often', '@often'],
    ['5-1-2 * * * *', 'minute'],
  ])('%s is refused, with what is wrong', (text, what) => {
    expect(() => ticksOf({ kind: 'cron', cron: [text], timeZone: 'UTC' })).toThrow(what)
  })

  test.each([
    ['FREQ=DAILY;BYDAY=XX', '"XX"'],
    ['FREQ=OFTEN', 'FREQ'],
    ['INTERVAL=2', 'FREQ is missing'],
    ['FREQ=DAILY;BYHOUR=24', 'BYHOUR'],
    ['FREQ=DAILY;UNTIL=20261332', '20261332'],
    ['DTSTART;TZID=Europe/Madrid:20260101T000000\nRRULE:FREQ=DAILY', 'TZID'],
    ['FREQ=DAILY;COUNT=100000000', 'COUNT'],
    ['hello', 'cannot be read'],
  ])('the rule %s is refused, with what is wrong', (text, what) => {
    expect(() => ticksOf({ kind: 'rrule', rrule: text, timeZone: 'UTC' })).toThrow(what)
  })

  test('a zone that is not known, and an interval that cannot be', () => {
    expect(() => ticksOf({ ...madrid, timeZone: 'Europe/Madird' })).toThrow('time zone')
    expect(() => ticksOf({ kind: 'every', every: 10, anchor: 0, timeZone: 'UTC' })).toThrow('10 ms')
  })
})

test('jitter is spread, below its most, and always the same', () => {
  const all = Array.from({ length: 2000 }, (_, n) => jitterOf('main/nightly', n * DAY, 60_000))
  expect(all).toEqual(Array.from({ length: 2000 }, (_, n) => jitterOf('main/nightly', n * DAY, 60_000)))
  expect(Math.max(...all)).toBeLessThan(60_000)
  for (let part = 0; part < 10; part++)
    expect(all.filter((one) => Math.floor(one / 6000) === part).length).toBeGreaterThan(120)
  expect(jitterOf('a', 1, 0)).toBe(0)
})
