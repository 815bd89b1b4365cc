import { describe, expect, test } from 'vitest'
import { freshnessOf } from './freshness.ts'
import { freshnessSpec } from './policy.ts'

const at = (text: string): number => Temporal.Instant.from(`2026-03-${text}Z`).epochMilliseconds
const hour = 3_600_000

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
