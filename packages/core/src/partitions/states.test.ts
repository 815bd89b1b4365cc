import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Domain, domainOf, keysIn, setOf } from './domain.ts'
import type { PartitionsSpec } from './set.ts'
import { type PartitionState, partitionStates, partitionStatus, type StateFacts } from './states.ts'
import { none } from './spans.ts'

const at = { now: Temporal.Instant.from('2026-01-09T00:00:00Z'), dynamic: { who: ['ann', 'bob', 'cy'] } }
const daily: PartitionsSpec = { kind: 'daily', start: '2026-01-01', timeZone: 'UTC' }
const grid: PartitionsSpec = { kind: 'grid', dims: { day: daily, who: { kind: 'dynamic', name: 'who' } } }
const nothing: StateFacts = { made: none, stale: none, failed: none, inProgress: none }
const days = domainOf(daily, at)
const keys = (...days: readonly number[]): string[] => days.map((day) => `2026-01-0${day}`)

describe('the state of partitions', () => {
  test('runs of slices in the same state, in order, with the most urgent state of each', () => {
    const facts = {
      made: setOf(days, keys(1, 2, 3, 4)),
      stale: setOf(days, keys(2, 3)),
      failed: setOf(days, keys(3, 6)),
      inProgress: setOf(days, keys(6, 7)),
    }
    const { counts, ranges, total } = partitionStatus(days, facts)
    expect(ranges.map(({ state, from, to, count }) => `${state} ${from}..${to} ${count}`)).toEqual([
      'fresh 2026-01-01..2026-01-01 1',
      'stale 2026-01-02..2026-01-02 1',
      'failed 2026-01-03..2026-01-03 1',
      'fresh 2026-01-04..2026-01-04 1',
      'missing 2026-01-05..2026-01-05 1',
      'in progress 2026-01-06..2026-01-07 2',
      'missing 2026-01-08..2026-01-08 1',
    ])
    expect(counts).toEqual({ 'in progress': 2, failed: 1, stale: 1, fresh: 2, missing: 2 })
    expect(total).toBe(7)
    expect(partitionStatus(days, facts, { skip: 2, limit: 3 })).toEqual({ counts, total, ranges: ranges.slice(2, 5) })
  })

  test('a grid is told by products', () => {
    const domain = domainOf(grid, at)
    const made = setOf(domain, ['2026-01-01|ann', '2026-01-01|bob', '2026-01-02|ann', '2026-01-02|bob'])
    const { ranges, counts } = partitionStatus(domain, { ...nothing, made })
    expect(counts).toMatchObject({ fresh: 4, missing: 20 })
    expect(ranges[0]).toEqual({
      state: 'fresh',
      count: 4,
      from: '2026-01-01|ann',
      to: '2026-01-02|bob',
      dims: {
        day: { from: '2026-01-01', to: '2026-01-02', at: 0, count: 2 },
        who: { from: 'ann', to: 'bob', at: 0, count: 2 },
      },
    })
    expect(ranges.slice(1).map(({ from, to }) => `${from} ${to}`)).toEqual([
      '2026-01-01|cy 2026-01-02|cy',
      '2026-01-03|ann 2026-01-08|cy',
    ])
  })

  test('an asset without partitions is one slice; one without a key has none', () => {
    const whole = partitionStatus(domainOf(null, at), { ...nothing, made: true })
    expect(whole).toMatchObject({ counts: { fresh: 1 }, ranges: [{ state: 'fresh', from: null, to: null }] })
    const empty = domainOf({ kind: 'dynamic', name: 'nobody' }, at)
    expect(partitionStatus(empty, nothing)).toMatchObject({ ranges: [], total: 0 })
  })

  test('every slice is in one state, whatever the sets: told one by one, they are the same', () => {
    const someOf = (domain: Domain) => {
      const all = [...keysIn(domain, domain.all)]
      const part = fc.subarray(all).map((some) => setOf(domain, some))
      return fc.record({ made: part, stale: part, failed: part, inProgress: part })
    }
    const slow = (domain: Domain, facts: StateFacts, key: string | null): PartitionState => {
      const has = (set: StateFacts['made']) => [...keysIn(domain, set)].includes(key)
      if (has(facts.inProgress)) return 'in progress'
      if (has(facts.failed)) return 'failed'
      if (has(facts.stale)) return 'stale'
      return has(facts.made) ? 'fresh' : 'missing'
    }
    for (const domain of [days, domainOf(grid, at), domainOf(null, at)]) {
      const all = [...keysIn(domain, domain.all)]
      fc.assert(
        fc.property(someOf(domain), (facts) => {
          const { counts, ranges } = partitionStatus(domain, facts)
          for (const state of partitionStates) {
            const expected = all.filter((key) => slow(domain, facts, key) === state)
            expect(counts[state]).toBe(expected.length)
            const told = ranges.filter((one) => one.state === state)
            expect(told.reduce((sum, { count }) => sum + count, 0)).toBe(expected.length)
            for (const { from } of told) expect(expected).toContain(from)
          }
        }),
        { numRuns: 60 },
      )
    }
  })
})
