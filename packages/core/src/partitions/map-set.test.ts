import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { domainOf, hasKey, keysIn, recordOf, setOf, setOfRecord } from './domain.ts'
import { missingKeys, neededBy, needs } from './map-set.ts'
import { faultOf, inferMapping, type Mapping } from './mapping.ts'
import type { KeysAt, PartitionsSpec, TimeSpec } from './set.ts'
import { countOf, equals } from './spans.ts'

const at: KeysAt = {
  now: Temporal.Instant.from('2026-01-12T05:30:00Z'),
  dynamic: { customers: ['a', 'b', 'c', 'x|y'] },
}
const time = (more: Partial<TimeSpec> = {}) =>
  ({ kind: 'daily', start: '2026-01-01', timeZone: 'UTC', ...more }) as TimeSpec
const weekdays = time({ kind: 'cron', cron: '0 0 * * 1-5' })

const times = fc.constantFrom(
  time(),
  time({ start: '2026-01-04' }),
  time({ hourOffset: 6 }),
  time({ exclude: ['0 0 * * 6,0'] }),
  time({ kind: 'weekly' }),
  time({ kind: 'hourly', start: '2026-01-08' }),
  weekdays,
)
const windows = fc
  .tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 }))
  .map(([a, b]): Mapping => ({ kind: 'window', from: Math.min(a, b), to: Math.max(a, b) }))
const slices = fc.integer({ min: -3, max: 3 }).map((by): Mapping => ({ kind: 'slice', by }))
const names = fc.constantFrom<PartitionsSpec>(
  { kind: 'dynamic', name: 'customers' },
  { kind: 'one of', keys: ['a', 'b'] },
  { kind: 'one of', keys: ['b', 'c', 'a'] },
)
const simple = fc.constantFrom<Mapping>(
  { kind: 'identity' },
  { kind: 'all' },
  { kind: 'last' },
  { kind: 'only', keys: ['b'] },
)
const dims = fc.constantFrom<Mapping>(
  { kind: 'dims', dims: [{ up: 't', down: 't', by: { kind: 'window', from: -1, to: 0 } }] },
  {
    kind: 'dims',
    dims: [
      { up: 't', down: 't', by: { kind: 'identity' } },
      { up: 'n', down: 'n', by: { kind: 'identity' } },
    ],
  },
  {
    kind: 'dims',
    dims: [{ up: 'n', down: 'n', by: { kind: 'identity' } }],
    fixed: [{ up: 't', by: { kind: 'last' } }],
  },
)
const edges = fc.oneof(
  fc.tuple(times, times, fc.oneof(windows, slices)),
  fc.tuple(
    times,
    times,
    fc.tuple(windows, slices).map(([a, b]): Mapping => ({ kind: 'several', of: [a, b, { kind: 'last' }] })),
  ),
  fc.tuple(names, names, simple),
  fc
    .tuple(times, times, names, names, dims)
    .map(([t, u, n, m, by]) => [{ kind: 'grid', dims: { t, n } }, { kind: 'grid', dims: { t: u, n: m } }, by] as const),
)

describe('mappings', () => {
  test('there and back: a slice needs those that say it needs them', () => {
    fc.assert(
      fc.property(edges, fc.nat(), fc.nat(), ([up, down, mapping], i, j) => {
        const [above, below] = [domainOf(up, at), domainOf(down, at)]
        const [ups, downs] = [[...keysIn(above, above.all)], [...keysIn(below, below.all)]]
        fc.pre(ups.length > 0 && downs.length > 0)
        const [u, d] = [ups[i % ups.length]!, downs[j % downs.length]!]
        const needed = hasKey(above, needs(mapping, below, above, setOf(below, [d])).set, u)
        const dependent = hasKey(below, neededBy(mapping, below, above, setOf(above, [u])), d)
        expect(dependent).toBe(needed)
      }),
      { numRuns: 2000 },
    )
  })

  test('a set needs what its slices need, and no more', () => {
    fc.assert(
      fc.property(edges, fc.array(fc.nat(), { maxLength: 4 }), ([up, down, mapping], picks) => {
        const [above, below] = [domainOf(up, at), domainOf(down, at)]
        const downs = [...keysIn(below, below.all)]
        fc.pre(downs.length > 0)
        const keys = picks.map((n) => downs[n % downs.length]!)
        const each = new Set(
          keys.flatMap((key) => [...keysIn(above, needs(mapping, below, above, setOf(below, [key])).set)]),
        )
        expect(new Set(keysIn(above, needs(mapping, below, above, setOf(below, keys)).set))).toEqual(each)
      }),
      { numRuns: 2000 },
    )
  })

  test('a set goes into a record and comes back', () => {
    fc.assert(
      fc.property(edges, fc.array(fc.nat(), { maxLength: 8 }), ([, down], picks) => {
        const domain = domainOf(down, at)
        const keys = [...keysIn(domain, domain.all)]
        const set = setOf(domain, keys.length > 0 ? picks.map((n) => keys[n % keys.length]!) : [])
        const record: unknown = JSON.parse(JSON.stringify(recordOf(domain, set)))
        expect(equals(setOfRecord(domain, record as never), set)).toBe(true)
      }),
    )
  })

  test('what is needed and is not there has its own answer', () => {
    const [above, below] = [
      domainOf(time({ start: '2026-01-04' }), at),
      domainOf(time({ kind: 'weekly', start: '2025-12-28' }), at),
    ]
    const needed = needs({ kind: 'window', from: 0, to: 0 }, below, above, setOf(below, ['2025-12-28', '2026-01-04']))
    expect(countOf(needed.set)).toBe(7)
    expect(missingKeys(needed)).toEqual([
      '2025-12-28',
      '2025-12-29',
      '2025-12-30',
      '2025-12-31',
      '2026-01-01',
      '2026-01-02',
      '2026-01-03',
    ])
  })

  test('between grids of 10⁹ keys nothing is listed', () => {
    const side: PartitionsSpec = { kind: 'one of', keys: Array.from({ length: 180 }, (_, n) => `k${n}`) }
    const grid: PartitionsSpec = { kind: 'grid', dims: { a: side, b: side, c: side, d: side, t: time() } }
    const domain = domainOf(grid, at)
    const mapping: Mapping = { kind: 'dims', dims: [{ up: 't', down: 't', by: { kind: 'window', from: -1, to: -1 } }] }
    const needed = needs(mapping, domain, domain, setOf(domain, ['k0|k1|k2|k3|2026-01-05']))
    expect([countOf(domain.all), countOf(needed.set)]).toEqual([180 ** 4 * 11, 180 ** 4])
    expect(hasKey(domain, needed.set, 'k9|k9|k9|k9|2026-01-04')).toBe(true)
    expect(countOf(neededBy(mapping, domain, domain, domain.all))).toBe(180 ** 4 * 10)
  })

  test('Dagster infers them', () => {
    const grid: PartitionsSpec = { kind: 'grid', dims: { n: { kind: 'one of', keys: ['a'] }, t: time() } }
    expect(inferMapping(grid, null)).toEqual({ kind: 'all' })
    expect(inferMapping(time(), time({ kind: 'hourly' }))).toEqual({ kind: 'window', from: 0, to: 0 })
    expect(inferMapping(grid, { kind: 'one of', keys: ['b'] })).toEqual({ kind: 'identity' })
    expect(inferMapping(grid, time())).toMatchObject({ dims: [{ up: 't', down: null, by: { kind: 'identity' } }] })
    expect(inferMapping(time({ kind: 'hourly' }), grid)).toMatchObject({
      dims: [{ up: null, down: 't', by: { kind: 'window' } }],
    })
    expect(faultOf({ kind: 'identity' }, time(), weekdays)).toContain('one kind')
    expect(faultOf({ kind: 'window', from: 0, to: 0 }, time(), time({ timeZone: 'Asia/Tokyo' }))).toContain(
      'time zones',
    )
  })
})
