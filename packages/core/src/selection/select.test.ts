import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AssetRecord } from './graph.ts'
import { parseSelection } from './parse.ts'
import { select, type SelectionGraph } from './select.ts'

const shop: SelectionGraph = {
  assets: [
    { name: 'raw/orders', upstream: [], external: true, group: 'raw' },
    {
      name: 'orders',
      upstream: ['raw/orders', 'orders'],
      tags: { tier: 'gold', pii: '' },
      owners: ['team:data'],
      group: 'marts',
      kinds: ['dbt'],
      columns: [{ name: 'id' }, { name: 'cents' }],
    },
    { name: 'revenue', upstream: ['orders', 'somewhere else'], group: 'marts', location: 'eu' },
    { name: 'alert', upstream: ['revenue'] },
  ],
  jobs: { nightly: ['revenue', 'gone'] },
  schedules: { at_two: ['alert'] },
  sensors: { watch: ['orders'] },
  statuses: { orders: ['fresh'], revenue: ['stale', 'missing'], alert: ['missing'] },
}
const selected = (selection: string, graph = shop) => select(parseSelection(selection), graph)

describe('select', () => {
  test.each([
    ['*', ['alert', 'orders', 'revenue']],
    ['orders', ['orders']],
    ['orders+', ['orders', 'revenue']],
    ['*alert', ['alert', 'orders', 'revenue']],
    ['key:"raw/orders"', ['raw/orders']],
    ['key:raw/*', ['raw/orders']],
    ['key:*r*e*', ['orders', 'raw/orders', 'revenue', 'alert'].filter((name) => /r.*e/.test(name)).toSorted()],
    ['key:nothing', []],
    ['is:external', ['raw/orders']],
    ['+key:orders', ['orders']],
    ['key:"raw/orders"+1', ['orders', 'raw/orders']],
    ['not tag:pii', ['alert', 'revenue']],
    ['tag:tier=gold or owner:<null>', ['alert', 'orders', 'revenue']],
    ['kind:dbt and owner:"team:data"', ['orders']],
    ['group:<null>', ['alert']],
    ['roots(not key:orders)', ['revenue']],
    ['sinks(key:orders or key:alert)', ['alert']],
    ['job:nightly', ['revenue']],
    ['schedule:at_two or sensor:watch', ['alert', 'orders']],
    ['job:toString', []],
    ['code_location:eu', ['revenue']],
    ['location:"e*"', ['revenue']],
    ['location:<null>', ['alert', 'orders']],
    ['group:"m*s" and not tag:tier="g*"', ['revenue']],
    ['column:cents', ['orders']],
    ['column:<null>', ['alert', 'revenue']],
    ['status:STALE', ['revenue']],
    ['status:missing or status:stale', ['alert', 'revenue']],
    ['group:marts and not key:orders', ['revenue']],
  ])('%s', (selection, names) => expect(selected(selection)).toEqual(names))

  test('external assets count where they are asked for', () => {
    expect(select(parseSelection('*'), shop, { external: true })).toEqual(['alert', 'orders', 'raw/orders', 'revenue'])
    expect(select(parseSelection('+key:orders'), shop, { external: true })).toEqual(['orders', 'raw/orders'])
  })

  test('a name that does not exist, with what was meant', () => {
    expect(() => selected('revenu+')).toThrow(
      expect.objectContaining({
        code: 'ASSET_UNKNOWN',
        message: 'There is no asset "revenu".',
        hint: 'Did you mean revenue?',
      }),
    )
    expect(() => selected('x')).toThrow(expect.objectContaining({ hint: 'Names are case-sensitive.' }))
  })

  test('what only a server knows', () => {
    const { assets } = shop
    expect(() => selected('status:stale', { assets })).toThrow(expect.objectContaining({ code: 'SELECTION_INVALID' }))
    expect(() => selected('column_tag:pii')).toThrow(expect.objectContaining({ code: 'SELECTION_INVALID' }))
  })

  test('a chain of 20,000 assets', () => {
    const assets: AssetRecord[] = Array.from({ length: 20_000 }, (_, n) => ({
      name: `a${n}`,
      upstream: n === 0 ? [] : [`a${n - 1}`],
    }))
    expect(selected('*a19999', { assets })).toHaveLength(20_000)
    expect(selected('roots(+key:a19999)', { assets })).toEqual(['a0'])
    expect(selected('5+key:a10', { assets })).toEqual(['a10', 'a5', 'a6', 'a7', 'a8', 'a9'])
  })

  test('the laws of sets hold on any graph', () => {
    const graph = fc
      .array(fc.array(fc.nat(11), { maxLength: 3 }), { minLength: 1, maxLength: 12 })
      .map((edges): SelectionGraph => ({
        assets: edges.map((from, n) => ({
          name: `a${n}`,
          upstream: from.filter((above) => above < n).map((above) => `a${above}`),
        })),
      }))
    fc.assert(
      fc.property(graph, fc.nat(11), fc.nat(11), (on, i, j) => {
        const [a, b] = [`key:a${i}+`, `+key:a${j}`]
        expect(selected(`not (${a} or ${b})`, on)).toEqual(selected(`not ${a} and not ${b}`, on))
        expect(selected('sinks(*) or sinks(*)+', on)).toEqual(selected('sinks(*)', on))
        expect(selected('roots(*)+', on)).toEqual(selected('*', on))
        // Levels one by one reach what all levels reach.
        const steps = Array.from({ length: 12 }, (_, level) => selected(`key:a${i}+${level}`, on))
        expect(steps.at(-1)).toEqual(selected(a, on))
      }),
    )
  })
})
