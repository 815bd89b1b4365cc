import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { At } from '../assets/edges.ts'
import { checkEdge, resolveEdge } from './at.ts'
import { listKeys } from './keys.ts'
import { keysOf, type PartitionsSpec, type TimeSpec } from './set.ts'

const clock = { now: Temporal.Instant.from('2026-01-20T12:00:00Z'), dynamic: { customers: ['a', 'b'] } }
const time = (kind: TimeSpec['kind'], more: Partial<TimeSpec> = {}): TimeSpec => ({
  kind,
  start: '2026-01-01',
  timeZone: 'UTC',
  ...more,
})
const daily = time('daily')
const regions: PartitionsSpec = { kind: 'one of', keys: ['eu', 'us'] }
const customers: PartitionsSpec = { kind: 'dynamic', name: 'customers' }

const resolve = (up: PartitionsSpec | null, down: PartitionsSpec | null, key: string | null, at?: At) =>
  resolveEdge({ up, down, key, at, keys: up ? keysOf(up, clock) : listKeys([]) })
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
  const grid: PartitionsSpec = { kind: 'grid', dims: { a: daily } }
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

  test.each([
    [grid, daily, undefined],
    [daily, grid, undefined],
    [daily, daily, { dims: { hour: -1 } }],
  ] as [PartitionsSpec, PartitionsSpec, At | undefined][])('grids do not work yet: %#', (up, down, at) =>
    expect(() => checkEdge({ up, down, at })).toThrow(expect.objectContaining({ code: 'PARTITION_KIND_UNSUPPORTED' })),
  )
})

/* Cases made by running Dagster; they lie beside the repository, not in it. */
const vectors = new URL('../../../../../shared/vectors/partition_mappings.json', import.meta.url)

interface Definition {
  type: string
  start: string
  end?: string
  timezone?: string
  end_offset?: number
  keys: string[]
  name: string
}
interface Case {
  id: string
  tier: 'core' | 'quirk'
  input: {
    upstream: Definition | null
    downstream: Definition | null
    op: string
    keys: string[]
    now: string
    dynamic?: Record<string, string[]>
    mapping: {
      type: string
      start_offset?: number
      end_offset?: number
      keys?: string[]
      allow_nonexistent_upstream_partitions?: boolean
    } | null
  }
  expected: { keys: string[]; required_but_nonexistent: string[] }
}

function specOf(definition: Definition | null): PartitionsSpec | null | undefined {
  if (definition === null) return null
  const { type, start, end, timezone, end_offset, keys, name, ...other } = definition
  if (Object.keys(other).length > 0) return undefined
  if (type === 'static') return { kind: 'one of', keys }
  if (type === 'dynamic') return { kind: 'dynamic', name }
  if (!['hourly', 'daily', 'weekly', 'monthly'].includes(type)) return undefined
  return {
    kind: type,
    start,
    timeZone: timezone ?? 'UTC',
    ...(end && { end }),
    ...(end_offset && { endOffset: end_offset }),
  } as TimeSpec
}

/** `null`: this mapping is not offered. */
function atOf(mapping: Case['input']['mapping']): At | undefined | null {
  if (mapping === null || mapping.type === 'identity') return undefined
  if (mapping.type === 'all' || mapping.type === 'last') return mapping.type
  if (mapping.type === 'specific' && mapping.keys?.length === 1) return { only: mapping.keys[0]! }
  if (mapping.type !== 'time_window') return null
  const [from, to] = [mapping.start_offset ?? 0, mapping.end_offset ?? 0]
  return from === 0 && to === 0 ? undefined : from > to ? null : [from, to]
}

if (existsSync(vectors))
  describe('the cases of Dagster', () => {
    const { cases } = JSON.parse(readFileSync(vectors, 'utf8')) as { cases: Case[] }
    const offered = cases.filter(
      ({ tier, input }) =>
        tier === 'core' &&
        input.op === 'upstream' &&
        atOf(input.mapping) !== null &&
        specOf(input.upstream) !== undefined &&
        specOf(input.downstream) !== undefined,
    )
    // Fixed names that differ are a mistake here, told when the definition loads.
    const different = ({ input }: Case) =>
      atOf(input.mapping) === undefined &&
      (input.upstream?.type !== input.downstream?.type || input.downstream?.type === 'static') &&
      ![input.upstream, input.downstream].every((side) => side?.start) &&
      JSON.stringify(input.upstream) !== JSON.stringify(input.downstream)

    test.for(offered.map((one) => [one.id, one] as const))('%s', ([, one]) => {
      const { input, expected } = one
      const [up, down, at] = [specOf(input.upstream)!, specOf(input.downstream)!, atOf(input.mapping) ?? undefined]
      if (different(one))
        return void expect(() => checkEdge({ up, down, at })).toThrow(expect.objectContaining({ code: 'EDGE_INVALID' }))
      const keys = keysOf(up, { now: Temporal.Instant.from(input.now), dynamic: input.dynamic ?? {} })
      const resolved = (input.downstream ? input.keys : [null]).map((key) => resolveEdge({ up, down, key, at, keys }))
      const merged = (lists: readonly (readonly (string | null)[])[]) =>
        [...new Set(lists.flat())].toSorted((a, b) => (String(a) < String(b) ? -1 : 1))
      expect(merged(resolved.map((each) => each.keys))).toEqual(expected.keys)
      if (input.mapping?.allow_nonexistent_upstream_partitions) return
      expect(merged(resolved.map((each) => each.missing))).toEqual(expected.required_but_nonexistent)
    })
  })
