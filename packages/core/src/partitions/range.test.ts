import { describe, expect, test } from 'vitest'
import { domainOf } from './domain.ts'
import { parseRange, parseSet, requireKey } from './range.ts'
import type { PartitionsSpec, TimeSpec } from './set.ts'
import { countOf } from './spans.ts'

const at = {
  now: Temporal.Instant.from('2026-01-10T12:00:00Z'),
  dynamic: { customers: ['acme', 'a,b', 'x..y', 'zoo'] },
}
const empty: PartitionsSpec = { kind: 'dynamic', name: 'empty' }
const thirty: PartitionsSpec = { kind: 'one of', keys: Array.from({ length: 30 }, (_, n) => `k${n}`) }
const daily: TimeSpec = { kind: 'daily', start: '2026-01-01', timeZone: 'UTC' }
const regions: PartitionsSpec = { kind: 'one of', keys: ['eu', 'us', 'asia'] }
const customers: PartitionsSpec = { kind: 'dynamic', name: 'customers' }
const grid: PartitionsSpec = { kind: 'grid', dims: { day: daily, region: regions } }

test.each([
  [daily, '2026-01-03', ['2026-01-03']],
  [daily, '2026-01-08..2026-01-09', ['2026-01-08', '2026-01-09']],
  [daily, '2026-01-05, 2026-01-01..2026-01-02,2026-01-01', ['2026-01-01', '2026-01-02', '2026-01-05']],
  [regions, 'us..asia', ['us', 'asia']],
  [regions, 'asia,eu', ['eu', 'asia']],
  [customers, 'a,b', ['a,b']],
  [customers, 'x..y', ['x..y']],
  [customers, 'acme..zoo', ['acme', 'a,b', 'x..y', 'zoo']],
  [
    { ...daily, kind: 'hourly', timeZone: 'America/New_York', start: '2024-01-01' },
    '2024-03-10-02:00',
    ['2024-03-10-03:00'],
  ],
  [grid, '2026-01-02|us', ['2026-01-02|us']],
  [grid, '2026-01-02|us,2026-01-01|eu', ['2026-01-01|eu', '2026-01-02|us']],
  [
    grid,
    '2026-01-01|us..2026-01-03|eu',
    ['2026-01-01|us', '2026-01-01|asia', '2026-01-02|eu', '2026-01-02|us', '2026-01-02|asia', '2026-01-03|eu'],
  ],
  [grid, '2026-01-01..2026-01-02|eu,asia', ['2026-01-01|eu', '2026-01-01|asia', '2026-01-02|eu', '2026-01-02|asia']],
  [grid, '2026-01-09|*', ['2026-01-09|eu', '2026-01-09|us', '2026-01-09|asia']],
] as const)('%j: %s', (spec, text, keys) => expect(parseRange(spec, text, at)).toEqual(keys))

describe('what does not exist', () => {
  test.each([
    ['a day that has not ended', daily, '2026-01-10'],
    ['a day before the start', daily, '2025-12-31'],
    ['a day after the end', { ...daily, end: '2026-01-05' }, '2026-01-07'],
    ['no day', daily, 'yesterday'],
    ['the end of a range', daily, '2026-01-01..2026-02-01'],
    ['a range that runs backwards', daily, '2026-01-05..2026-01-01'],
    ['two ranges in one', daily, '2026-01-01..2026-01-02..2026-01-03'],
    ['nothing', daily, ''],
    ['no name', regions, 'uk'],
    ['no customer', customers, 'new'],
    ['none at all', empty, 'a'],
    ['one of many', thirty, 'k30'],
    ['a name in a dimension', grid, '2026-01-01..2026-01-02|uk'],
    ['a key of one dimension only', grid, '2026-01-01'],
  ])('%s', (_, spec, text) => {
    try {
      parseRange(spec, text, at, 'Asset "sales"')
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ code: 'PARTITION_UNKNOWN' })
      expect(`${(error as Error).message}\n${(error as { hint: string }).hint}`).toMatchSnapshot()
    }
  })
})

test('requireKey gives the key as it is stored', () => {
  expect(requireKey(regions, 'eu', at)).toBe('eu')
  expect(() => requireKey(regions, 'eu,us', at)).toThrow(expect.objectContaining({ code: 'PARTITION_UNKNOWN' }))
})

test('a range of a billion slices of a grid is read without any of them', () => {
  const long: PartitionsSpec = {
    kind: 'grid',
    dims: { a: { ...daily, start: '1900-01-01' }, b: thirty, c: thirty, d: thirty },
  }
  expect(countOf(parseSet(long, '1900-01-02..2026-01-09|*|*|*', at))).toBe(countOf(domainOf(long, at).all) - 27_000)
})
