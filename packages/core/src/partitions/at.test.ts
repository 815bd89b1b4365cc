import { describe, expect, test } from 'vitest'
import type { At } from '../assets/edges.ts'
import { checkEdge, type Resolved, resolveEdge } from './at.ts'
import type { PartitionsSpec, TimeSpec } from './set.ts'

const clock = { now: Temporal.Instant.from('2026-01-20T12:00:00Z'), dynamic: { customers: ['a', 'b'] } }
type Regular = Exclude<TimeSpec, { kind: 'cron' }>
const time = (kind: Regular['kind'], more: Partial<Regular> = {}): TimeSpec => ({
  kind,
  start: '2026-01-01',
  timeZone: 'UTC',
  ...more,
})
const daily = time('daily')
const regions: PartitionsSpec = { kind: 'one of', keys: ['eu', 'us'] }
const customers: PartitionsSpec = { kind: 'dynamic', name: 'customers' }

const resolve = (up: PartitionsSpec | null, down: PartitionsSpec | null, key: string | null, at?: At) =>
  plain(resolveEdge({ up, down, key, at, keysAt: clock }))
const plain = ({ mode, keys, missing }: Resolved) => ({ mode, keys, missing })
const one = (...keys: (string | null)[]) => ({ mode: 'one', keys, missing: [] })
const missing = (...keys: string[]) => ({ mode: 'one', keys: [], missing: keys })
const many = (...keys: string[]) => ({ mode: 'many', keys, missing: [] })
const none = { mode: 'none', keys: [], missing: [] }
const week = ['2026-01-04', '2026-01-05', '2026-01-06', '2026-01-07', '2026-01-08', '2026-01-09', '2026-01-10']

describe('the rule', () => {
  test.each([
    ['not partitioned, nor is the upstream', null, null, null, one(null)],
    ['an upstream that is not partitioned', null, daily, '2026-01-05', one(null)],
    ['a downstream that is not partitioned', customers, null, null, many('a', 'b')],
    ['the same day', daily, daily, '2026-01-05', one('2026-01-05')],
    [
      'the same day, before the upstream starts',
      time('daily', { start: '2026-01-10' }),
      daily,
      '2026-01-05',
      missing('2026-01-05'),
    ],
    ['a day that has not ended', daily, time('daily', { endOffset: 1 }), '2026-01-20', missing('2026-01-20')],
    ['the same name', regions, regions, 'us', one('us')],
    ['a name that the upstream lacks', { kind: 'one of', keys: ['eu'] }, regions, 'us', missing('us')],
    ['the same set of names', customers, customers, 'b', one('b')],
    ['days of a week', daily, time('weekly'), '2026-01-04', many(...week)],
    ['the week of a day', time('weekly'), daily, '2026-01-07', many('2026-01-04')],
    [
      'weeks of a month',
      time('weekly', { start: '2025-11-30' }),
      time('monthly', { start: '2025-12-01' }),
      '2025-12-01',
      many('2025-11-30', '2025-12-07', '2025-12-14', '2025-12-21', '2025-12-28'),
    ],
  ] as const)('%s', (_, up, down, key, expected) => expect(resolve(up, down, key)).toEqual(expected))

  test('a week that has not ended has days that are missing', () => {
    expect(resolve(daily, time('weekly', { endOffset: 1 }), '2026-01-18')).toEqual({
      mode: 'many',
      keys: ['2026-01-18', '2026-01-19'],
      missing: ['2026-01-20', '2026-01-21', '2026-01-22', '2026-01-23', '2026-01-24'],
    })
  })

  test('days of another length belong together by their window', () => {
    const madrid = time('hourly', { timeZone: 'Europe/Madrid', start: '2025-01-01' })
    const days = time('daily', { timeZone: 'Europe/Madrid', start: '2025-01-01' })
    expect(resolve(madrid, days, '2025-03-30').keys).toHaveLength(23)
    expect(resolve(madrid, days, '2025-10-26').keys).toHaveLength(25)
  })
})

describe('.at(…)', () => {
  test.each([
    ['the day before', daily, daily, '2026-01-05', -1, one('2026-01-04')],
    ['the day before the first', daily, daily, '2026-01-01', -1, none],
    ['the day after', daily, daily, '2026-01-05', 1, one('2026-01-06')],
    ['the day after the last', daily, daily, '2026-01-19', 1, missing('2026-01-20')],
    ['a week of days', daily, daily, '2026-01-10', [-6, 0], many(...week)],
    ['a week of days, at the start', daily, daily, '2026-01-02', [-6, 0], many('2026-01-01', '2026-01-02')],
    ['the days of the week before', daily, time('weekly'), '2026-01-11', [-1, -1], many(...week)],
    ['the week before that of a day', time('weekly'), daily, '2026-01-13', -1, one('2026-01-04')],
    ['the last', daily, null, null, 'last', one('2026-01-19')],
    ['the last of none', time('daily', { start: '2030-01-01' }), null, null, 'last', none],
    ['all', regions, daily, '2026-01-05', 'all', many('eu', 'us')],
    ['one by its name', regions, daily, '2026-01-05', { only: 'eu' }, one('eu')],
    ['one that is not there (any more)', customers, null, null, { only: 'c' }, missing('c')],
  ] as const)('%s', (_, up, down, key, at, expected) => expect(resolve(up, down, key, at)).toEqual(expected))
})

describe('an edge that cannot work', () => {
  test.each([
    ['other names', regions, { kind: 'one of', keys: ['x'] }, undefined],
    ['another set of names', customers, { kind: 'dynamic', name: 'vendors' }, undefined],
    ['names to days', regions, daily, undefined],
    ['days of another time zone', daily, time('daily', { timeZone: 'Asia/Tokyo' }), undefined],
    ['an offset between time zones', daily, time('daily', { timeZone: 'Asia/Tokyo' }), -1],
    ['which slices of what has none', null, daily, 'all'],
    ['an offset in names', regions, regions, -1],
    ['an offset without a slice to count from', daily, null, -1],
    ['an offset of many at once', time('hourly'), daily, -1],
    ['an offset that is no whole number', daily, daily, 0.5],
    ['a range that runs backwards', daily, daily, [0, -6]],
    ['a name that is never there', regions, null, { only: 'uk' }],
  ] as [string, PartitionsSpec | null, PartitionsSpec | null, At | undefined][])('%s', (_, up, down, at) => {
    try {
      checkEdge({ up, down, at, whose: '"sales" in asset "trend"' })
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ code: 'EDGE_INVALID' })
      expect(`${(error as Error).message}\n${(error as { hint: string }).hint}`).toMatchSnapshot()
    }
  })
})
