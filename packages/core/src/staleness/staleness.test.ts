import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ConditionAsset, conditionGraph } from '../conditions/graph.ts'
import type { PartitionsSpec } from '../partitions/set.ts'
import { type StalenessInput, type VersionRecord, stalenessOf } from './staleness.ts'

const keysAt = { now: Temporal.Instant.from('2026-03-01T00:00:00Z'), dynamic: {} }
const days: PartitionsSpec = { kind: 'daily', start: '2026-01-01', timeZone: 'UTC' }

type Given = Partial<ConditionAsset> & { readonly from?: readonly string[] }

function graphOf(assets: Readonly<Record<string, Given>>) {
  return conditionGraph(
    Object.entries(assets).map(([name, { from = [], ...more }]) => ({
      name,
      upstream: from,
      edges: from.map((asset) => ({ asset })),
      partitions: null,
      ...more,
    })),
  )
}

let id = 0
const made = (dataVersion: string, inputs: VersionRecord['inputVersions'] = {}, codeVersion = '1'): VersionRecord => ({
  id: ++id,
  dataVersion,
  codeVersion,
  inputVersions: inputs,
})

function ask(
  assets: Readonly<Record<string, Given>>,
  records: Readonly<Record<string, VersionRecord>>,
  name: string,
  { partition = null, most }: { partition?: string | null; most?: number } = {},
) {
  const input: StalenessInput = {
    graph: graphOf(assets),
    keysAt,
    latest: (asset, key) => records[key === null ? asset : `${asset}|${key}`] ?? null,
    ...(most !== undefined && { most }),
  }
  return stalenessOf(input.graph.entities.get(name)!, partition, input)
}

describe('staleness', () => {
  test('never made is missing; what something else makes is fresh', () => {
    expect(ask({ a: {} }, {}, 'a')).toMatchObject({ status: 'missing', causes: [] })
    expect(ask({ a: { external: true } }, {}, 'a').status).toBe('fresh')
  })

  test('a new code version, a new version of an input, a dependency that came or went', () => {
    const assets = { a: {}, n: {}, b: { codeVersion: '2', from: ['a', 'n'] } }
    const records = { a: made('a2'), b: made('b', { a: 'a1', gone: 'g' }) }
    expect(ask(assets, records, 'b')).toEqual({
      status: 'stale',
      omitted: 0,
      causes: [
        { kind: 'code', dependency: null, partition: null },
        { kind: 'dependencies', dependency: 'gone', partition: null },
        { kind: 'data', dependency: 'a', partition: null },
        { kind: 'dependencies', dependency: 'n', partition: null },
      ],
      rootCauses: [
        { kind: 'data', asset: 'a', partition: null, dependency: null },
        { kind: 'code', asset: 'b', partition: null, dependency: null },
        { kind: 'dependencies', asset: 'b', partition: null, dependency: 'gone' },
        { kind: 'dependencies', asset: 'b', partition: null, dependency: 'n' },
      ],
    })
  })

  test('it does not spread: below a stale slice nothing is stale until that is made again', () => {
    const assets = { a: { codeVersion: '2' }, b: { from: ['a'] } }
    const records = { a: made('a'), b: made('b', { a: 'a' }) }
    expect(ask(assets, records, 'a').status).toBe('stale')
    expect(ask(assets, records, 'b').status).toBe('fresh')
  })

  test('made again with the same version changes nothing; gone or newly there does', () => {
    const assets = { a: {}, b: { from: ['a'] } }
    const b = made('b', { a: 'a1' })
    expect(ask(assets, { a: made('a1'), b }, 'b').status).toBe('fresh')
    expect(ask(assets, { b }, 'b').status).toBe('stale')
    expect(ask(assets, { b: made('b', { a: '' }) }, 'b').status).toBe('fresh')
    expect(ask(assets, { a: made('a1'), b: made('b', { a: '' }) }, 'b').status).toBe('stale')
  })

  test('where it is not known what was read, the newer record counts', () => {
    const assets = { a: {}, b: { from: ['a'], codeVersion: '9' } }
    const [before, own, after] = [made('a1'), made('b', null), made('a2')]
    expect(ask(assets, { a: before, b: own }, 'b').status).toBe('fresh')
    expect(ask(assets, { a: after, b: own }, 'b').causes).toEqual([{ kind: 'data', dependency: 'a', partition: null }])
  })

  test('a view is looked through', () => {
    const assets = { a: {}, v: { virtual: true, from: ['a'] }, b: { from: ['v'] } }
    expect(ask(assets, { a: made('1'), b: made('b', { a: '1' }) }, 'b').status).toBe('fresh')
    expect(ask(assets, { a: made('2'), b: made('b', { a: '1' }) }, 'b').causes).toEqual([
      { kind: 'data', dependency: 'a', partition: null },
    ])
    expect(ask(assets, {}, 'v').status).toBe('fresh')
  })

  test('its own earlier slices are not what it depends on', () => {
    const assets = { a: { partitions: days, from: ['a'] } }
    const records = { 'a|2026-01-01': made('x'), 'a|2026-01-02': made('y', { 'a|2026-01-01': 'old' }) }
    expect(ask(assets, records, 'a', { partition: '2026-01-02' }).status).toBe('fresh')
  })

  test('hundreds of upstream slices are all looked at, and not all listed', () => {
    const names = Array.from({ length: 500 }, (_, n) => `k${n}`)
    const many: PartitionsSpec = { kind: 'one of', keys: names }
    const assets = { a: { partitions: many }, b: { from: ['a'] } }
    const read = Object.fromEntries(names.map((key) => [`a|${key}`, '1']))
    const records = Object.fromEntries(names.map((key) => [`a|${key}`, made('1')]))
    expect(ask(assets, { ...records, b: made('b', read) }, 'b').status).toBe('fresh')
    expect(ask(assets, { ...records, 'a|k499': made('2'), b: made('b', read) }, 'b').causes).toEqual([
      { kind: 'data', dependency: 'a', partition: 'k499' },
    ])
    const all = Object.fromEntries(names.map((key) => [`a|${key}`, made('2')]))
    const { causes, omitted } = ask(assets, { ...all, b: made('b', read) }, 'b', { most: 3 })
    expect([causes.length, omitted]).toEqual([3, 497])
  })

  test('by slice: the same key of a daily upstream, and no other', () => {
    const assets = { a: { partitions: days }, b: { partitions: days, from: ['a'] } }
    const records = {
      'a|2026-01-01': made('1'),
      'a|2026-01-02': made('2'),
      'b|2026-01-01': made('b', { 'a|2026-01-01': '1' }),
      'b|2026-01-02': made('b', { 'a|2026-01-02': '1' }),
    }
    expect(ask(assets, records, 'b', { partition: '2026-01-01' }).status).toBe('fresh')
    expect(ask(assets, records, 'b', { partition: '2026-01-02' }).rootCauses).toEqual([
      { kind: 'data', asset: 'a', partition: '2026-01-02', dependency: null },
    ])
    expect(ask(assets, records, 'b', { partition: '2026-01-03' }).status).toBe('missing')
  })

  test('whatever is made in order of the graph, with what was read written down, is fresh', () => {
    const edges = fc.array(fc.array(fc.nat(9), { maxLength: 3 }), { minLength: 1, maxLength: 10 })
    fc.assert(
      fc.property(edges, fc.nat(9), (given, changed) => {
        const names = given.map((_, n) => `a${n}`)
        const assets = Object.fromEntries(
          given.map((from, n) => [names[n]!, { from: [...new Set(from.filter((above) => above < n))].map(String) }]),
        )
        for (const one of Object.values(assets)) one.from = one.from.map((above) => `a${above}`)
        const records: Record<string, VersionRecord> = {}
        for (const name of names)
          records[name] = made(
            `${name} 1`,
            Object.fromEntries(assets[name]!.from.map((above) => [above, records[above]!.dataVersion])),
          )
        for (const name of names) expect(ask(assets, records, name).status).toBe('fresh')
        // One made anew: exactly those that are made from it are stale.
        const one = names[changed % names.length]!
        const after = { ...records, [one]: { ...records[one]!, dataVersion: 'other' } }
        for (const name of names)
          expect(ask(assets, after, name).status).toBe(assets[name]!.from.includes(one) ? 'stale' : 'fresh')
      }),
    )
  })
})
