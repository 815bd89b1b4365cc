import {
  asset,
  collect,
  daily,
  grid,
  hourly,
  keysIn,
  type Materialization,
  oneOf,
  setOf,
  snapshotOf,
} from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keysAt } from '../partitions/keys-at.ts'
import { aMaterialization, running } from '../store/contract/rows.ts'
import { graphOfAssets, staleAmong, staleness } from './staleness.ts'

const days = daily({ start: '2026-01-01', end: '2026-01-05' })
const regions = oneOf(['eu', 'us'])
const hours = asset('hours', { partitions: hourly({ start: '2026-01-01', end: '2026-01-03' }) }, () => 1)
const cells = asset('cells', { partitions: grid({ day: days, region: regions }) }, () => 1)
const view = asset('view', { partitions: days, inputs: { cells }, virtual: true }, () => 1)
const table = asset('table', () => 1)
const daysOf = asset(
  'days',
  { codeVersion: '1', partitions: days, inputs: { hours: hours.at([-1, 0]), view, table } },
  () => 1,
)
const copy = asset(
  'copy',
  { partitions: grid({ day: days, region: regions }), inputs: { cells, days: daysOf.at(-1) } },
  () => 1,
)
const whole = asset('whole', { inputs: { daysOf } }, () => 1)
const defined = [hours, cells, view, table, daysOf, copy, whole]
const { assets } = snapshotOf(collect(defined))
const graph = graphOfAssets(assets, '')

test('asked of many at once, the same are stale as one by one', async () => {
  const at = await keysAt({ partitions: { keys: () => Promise.resolve([]) } }, assets, Date.parse('2026-02-01'))
  const keysOf = (name: string) => {
    const domain = graph.domain(graph.entities.get(name)!, at)
    return domain.axes.length === 0 ? [null] : [...keysIn(domain, domain.all)]
  }
  const record = fc.constantFrom(...defined.map(({ name }) => name)).chain((name) =>
    fc.record({
      asset: fc.constant(name),
      partition: fc.constantFrom(...keysOf(name)),
      dataVersion: fc.constantFrom('1', '2'),
      codeVersion: fc.constantFrom('1', '2', null),
      read: fc.constantFrom('all', 'few', null),
    }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(record, { maxLength: 40 }), async (records) => {
      const store = await openSqliteInProcess(':memory:')
      const run = await running(store, 1)
      const above = (name: string) =>
        graph.entities
          .get(name)!
          .deps.flatMap(({ id }) => keysOf(id).map((key) => (key === null ? id : `${id}|${key}`)))
      await store.commit(
        records.map(({ read, ...one }, n) => {
          const ids = above(one.asset).filter((_, place) => read === 'all' || place % 3 === 0)
          const inputVersions: Materialization['inputVersions'] =
            read === null ? null : Object.fromEntries(ids.map((id) => [id, '1']))
          const materialization = aMaterialization(run, n + 1, { ...one, inputVersions })
          return { change: 'asset.record', epoch: 1, materialization } as const
        }),
      )
      for (const { name } of assets) {
        const asked = { graph, keysAt: at, asset: name }
        const domain = graph.domain(graph.entities.get(name)!, at)
        const keys = [...new Set(records.filter((one) => one.asset === name).map(({ partition }) => partition))]
        const stale: (string | null)[] = []
        for (const key of keys) {
          const one = (await staleness(store, { ...asked, partitions: [key] })).get(key)
          if (one?.status === 'stale') stale.push(key)
        }
        expect(await staleAmong(store, asked, setOf(domain, keys))).toEqual(setOf(domain, stale))
      }
      await store.close()
    }),
    { numRuns: 60 },
  )
})
