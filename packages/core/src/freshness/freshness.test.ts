import { describe, expect, test } from 'vitest'
import type { PartitionsSpec } from '../partitions/set.ts'
import { freshnessOf, keysDue } from './freshness.ts'
import { type Freshness, freshnessSpec as specOf } from './policy.ts'

const at = (text: string): number => Temporal.Instant.from(`2026-03-${text}Z`).epochMilliseconds
const hour = 3_600_000
const freshnessSpec = (options: Freshness, whose: string) => specOf(options, whose, null)

describe('within a time', () => {
  const spec = freshnessSpec({ within: '24h', warn: '20h' }, 'Asset "a"')
  const made = at('10T00:00:00')
  test.each([
    ['just made', 0, 'passed', made + 20 * hour + 1],
    ['as old as the warning', 20 * hour, 'passed', made + 20 * hour + 1],
    ['a moment older', 20 * hour + 1, 'warned', made + 24 * hour + 1],
    ['as old as the window', 24 * hour, 'warned', made + 24 * hour + 1],
    ['a moment older than that', 24 * hour + 1, 'failed', null],
  ] as const)('%s', (_, age, state, nextAt) => {
    expect(freshnessOf(spec, made, made + age)).toEqual({ state, nextAt })
  })
  test('never made', () => {
    expect(freshnessOf(spec, null, made)).toEqual({ state: 'unknown', nextAt: null })
  })
  test('without a warning', () => {
    expect(freshnessOf(freshnessSpec({ within: '1h' }, ''), made, made)).toEqual({
      state: 'passed',
      nextAt: made + hour + 1,
    })
  })
})

describe('by a deadline: 09:00, 15 minutes back', () => {
  const spec = freshnessSpec({ by: '0 9 * * *', lookback: '15m' }, 'Asset "a"')
  // The cases are those that Dagster answers so.
  test.each([
    ['made 08:50, at the deadline', '10T08:50:00', '10T09:00:00', 'passed'],
    ['made 08:50, until the next one', '10T08:50:00', '11T08:59:59.999', 'passed'],
    ['made 08:50, at the next one', '10T08:50:00', '11T09:00:00', 'failed'],
    ['made 08:30, before the deadline: that of yesterday counts', '10T08:30:00', '10T08:59:59.999', 'passed'],
    ['made 08:30, from the deadline on', '10T08:30:00', '10T09:00:00', 'failed'],
    ['made too late, 09:30: it is there', '10T09:30:00', '10T09:30:00', 'passed'],
    ['made exactly as early as counts', '10T08:45:00', '10T12:00:00', 'passed'],
    ['made a moment before that', '10T08:44:59.999', '10T12:00:00', 'failed'],
  ] as const)('%s', (_, made, now, state) => {
    expect(freshnessOf(spec, at(made), at(now)).state).toBe(state)
  })
  test('it may change at the next deadline, and when it has failed never by itself', () => {
    expect(freshnessOf(spec, at('10T08:50:00'), at('10T12:00:00')).nextAt).toBe(at('11T09:00:00'))
    expect(freshnessOf(spec, at('10T08:30:00'), at('10T12:00:00')).nextAt).toBeNull()
  })
  test('a warning comes before a deadline for which nothing was made', () => {
    const warns = freshnessSpec({ by: '0 9 * * *', lookback: '2h', warn: '30m' }, '')
    const made = at('10T08:00:00')
    expect(freshnessOf(warns, made, at('10T10:00:00'))).toEqual({ state: 'passed', nextAt: at('11T08:30:00') })
    expect(freshnessOf(warns, made, at('11T08:30:00'))).toEqual({ state: 'warned', nextAt: at('11T09:00:00') })
    expect(freshnessOf(warns, at('11T07:30:00'), at('11T08:30:00'))).toEqual({
      state: 'passed',
      nextAt: at('11T09:00:00'),
    })
  })
  test('deadlines are local, also where clocks change', () => {
    const local = freshnessSpec({ by: '0 9 * * *', lookback: '1h', timeZone: 'Europe/Madrid' }, '')
    expect(freshnessOf(local, at('28T08:30:00'), at('28T10:00:00')).nextAt).toBe(at('29T07:00:00'))
  })
})

describe('of partitions the latest', () => {
  const days: PartitionsSpec = { kind: 'daily', start: '2026-03-01', timeZone: 'UTC' }
  const spec = (options: Freshness, partitions: PartitionsSpec = days) => specOf(options, 'Asset "a"', partitions)
  const state = (its: ReturnType<typeof spec>, now: number, ...made: string[]) =>
    freshnessOf(its, 0, now, new Set(made)).state

  test('is late so long after it ended, whatever else is made', () => {
    const its = spec({ within: '6h', warn: '2h', partition: 'latest' })
    const upTo = (now: string) => [keysDue(its, at(now)), state(its, at(now), '2026-03-01', '2026-03-08')]
    expect(upTo('10T02:00:00')).toEqual([['2026-03-08'], 'passed'])
    expect(upTo('10T02:00:00.001')).toEqual([['2026-03-08', '2026-03-09'], 'warned'])
    expect(upTo('10T06:00:00')).toEqual([['2026-03-08', '2026-03-09'], 'warned'])
    expect(upTo('10T06:00:00.001')).toEqual([['2026-03-09'], 'failed'])
    expect(state(its, at('10T12:00:00'), '2026-03-09')).toBe('passed')
  })
  test('it is looked at when the next one comes to count, also when it has failed', () => {
    const its = spec({ within: '6h', warn: '2h', partition: 'latest' })
    const nextAt = (now: string) => freshnessOf(its, 0, at(now)).nextAt
    expect(nextAt('10T01:00:00')).toBe(at('10T02:00:00') + 1)
    expect(nextAt('10T03:00:00')).toBe(at('10T06:00:00') + 1)
    expect(nextAt('10T07:00:00')).toBe(at('11T02:00:00') + 1)
  })
  // The cases are those of Dagster's `build_time_partition_freshness_checks`.
  test('has to be there by the next deadline', () => {
    const its = spec({ by: '0 9 * * *', partition: 'latest' })
    expect(keysDue(its, at('10T08:59:59'))).toEqual(['2026-03-08'])
    expect(keysDue(its, at('10T09:00:00'))).toEqual(['2026-03-09'])
    expect(state(its, at('10T08:59:59'), '2026-03-08')).toBe('passed')
    expect(state(its, at('10T09:00:00'), '2026-03-08')).toBe('failed')
    expect(state(its, at('10T09:00:00'), '2026-03-09')).toBe('passed')
    expect(freshnessOf(its, 0, at('10T10:00:00')).nextAt).toBe(at('11T09:00:00'))
  })
  test('a warning comes before a deadline for which it is not there', () => {
    const its = spec({ by: '0 9 * * *', warn: '1h', partition: 'latest' })
    expect(state(its, at('10T07:59:59'), '2026-03-08')).toBe('passed')
    expect(state(its, at('10T08:00:00'), '2026-03-08')).toBe('warned')
    expect(state(its, at('10T08:00:00'), '2026-03-08', '2026-03-09')).toBe('passed')
    expect(freshnessOf(its, 0, at('10T07:00:00')).nextAt).toBe(at('10T08:00:00'))
    expect(freshnessOf(its, 0, at('10T08:00:00')).nextAt).toBe(at('10T09:00:00'))
  })
  test('before the first none is due, and after the last it stays the last', () => {
    const its = spec({ within: '6h', partition: 'latest' }, { ...days, end: '2026-03-05' })
    expect([keysDue(its, at('02T06:00:00')), keysDue(its, at('02T06:00:00') + 1)]).toEqual([[], ['2026-03-01']])
    expect(keysDue(its, at('20T00:00:00'))).toEqual(['2026-03-04'])
    expect(freshnessOf(its, 0, at('20T00:00:00'))).toEqual({ state: 'failed', nextAt: null })
    expect(freshnessOf(its, 0, at('01T00:00:00'))).toEqual({ state: 'passed', nextAt: at('02T06:00:00') + 1 })
  })
  test('never made is unknown; partitions by name have no latest', () => {
    expect(freshnessOf(spec({ within: '6h', partition: 'latest' }), null, 0).state).toBe('unknown')
    const names: PartitionsSpec = { kind: 'one of', keys: ['a'] }
    expect(() => spec({ within: '6h', partition: 'latest' }, names)).toThrow(/by the clock/)
    expect(() => specOf({ within: '6h', partition: 'latest' }, 'Asset "a"', null)).toThrow(/by the clock/)
  })
})

test.each([
  [{ within: '1h', warn: '1h' }, /warns before it fails/],
  [{ within: '0s' }, /fails after some time/],
  [{ by: '0 9 * * *', lookback: '25h' }, /no farther than from one deadline to the next/],
  [{ by: '0 9 * * *', lookback: '24h', timeZone: 'Europe/Madrid' }, /no farther/],
  [{ by: '0 9 * *', lookback: '1h' }, /cron/i],
  [{ by: '0 9 * * *', lookback: '1h', timeZone: 'Mars' }, /no time zone/],
] as const)('what cannot work is refused: %j', (options, message) => {
  expect(() => freshnessSpec(options, 'Asset "a"')).toThrow(message)
})
