import { asset, collect, daily, dynamic, external, type Materialization, oneOf, snapshotOf } from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { keysAt } from '../partitions/keys-at.ts'
import { aMaterialization, aRun, claim, end, id, running } from '../store/contract/rows.ts'
import type { Store } from '../store/ports.ts'
import { assetStatuses, openAssetStates, statusOfPartitions } from './asset-states.ts'
import { graphOfAssets } from './staleness.ts'
import { renameAsset, wipeAsset } from './wipe.ts'

const names = oneOf(['a', 'b', 'c'])
const up = asset('up', { partitions: names }, () => 1)
const down = asset('down', { partitions: names, inputs: { up }, codeVersion: '1' }, () => 1)
const whole = asset('whole', { inputs: { down } }, () => 1)
const days = asset('days', { partitions: daily({ start: '2026-01-01' }) }, () => 1)
const people = asset('people', { partitions: dynamic('people') }, () => 1)
const { assets } = snapshotOf(collect([up, down, whole, days, people]))
const now = Date.parse('2026-01-05T12:00:00Z')
const location = ''

let store: Store
beforeEach(async () => {
  store = await openSqliteInProcess(':memory:')
})
afterEach(() => store.close())

let step = 0
const make = (run: string, over: Partial<Materialization>) =>
  store.commit([{ change: 'asset.record', epoch: 1, materialization: aMaterialization(run, ++step, over) }])
const fail = (run: string, name: string, partition: string | null) =>
  store.commit([{ change: 'asset.fail', epoch: 1, run, step: ++step, asset: name, partition, at: 1 }])

describe('the states of slices', () => {
  test('what is known of them: made, stale, failed, and what runs that are not over are to make', async () => {
    const run = await running(store, 1)
    await make(run, { asset: 'up', partition: 'a', dataVersion: '1' })
    await make(run, { asset: 'down', partition: 'a', codeVersion: '1', inputVersions: { 'up|a': '1' } })
    await make(run, { asset: 'down', partition: 'b', codeVersion: '0', inputVersions: { 'up|b': '' } })
    await fail(run, 'down', 'b')
    const states = openAssetStates(store)
    const told = async () => {
      const { ranges } = await statusOfPartitions(store, states, { assets, location, asset: 'down', now })
      return ranges.map(({ state, from, to }) => `${state} ${from}..${to}`)
    }
    expect(await told()).toEqual(['fresh a..a', 'failed b..b', 'missing c..c'])
    await make(run, { asset: 'up', partition: 'a', dataVersion: '2' })
    expect(await told()).toEqual(['stale a..a', 'failed b..b', 'missing c..c'])
    const target = { kind: 'assets', selection: 'down', assets: ['down'], partitions: ['b', 'c'] } as const
    const other = { ...target, assets: ['up', 'down'], partitions: ['a', 'b', 'c'], partitionsOf: { down: ['b'] } }
    await store.commit([{ change: 'run.create', run: aRun(3, { target: other }) }])
    expect(await told()).toEqual(['stale a..a', 'in progress b..b', 'missing c..c'])
    await store.commit([claim(id(3)), end(id(3), 1, 'canceled')])
    await store.commit([{ change: 'run.create', run: aRun(2, { target }) }])
    expect(await told()).toEqual(['stale a..a', 'in progress b..c'])
    await store.commit([claim(id(2))])
    await make(id(2), { asset: 'down', partition: 'b', codeVersion: '1', inputVersions: { 'up|b': '' } })
    expect(await told()).toEqual(['stale a..a', 'fresh b..b', 'in progress c..c'])
    await store.commit([end(id(2), 1, 'canceled')])
    expect(await told()).toEqual(['stale a..a', 'fresh b..b', 'missing c..c'])
    expect(await assetStatuses(store, states, { assets, location, now })).toEqual({
      up: ['fresh', 'missing'],
      down: ['stale', 'fresh', 'missing'],
      whole: ['missing'],
      days: ['missing'],
      people: [],
    })
    const among = new Set(['up', 'gone'])
    expect(Object.keys(await assetStatuses(store, states, { assets, location, now, among }))).toEqual(['up'])
  })

  test('what something else makes is there once it was looked at', async () => {
    const observe = () => ({ dataVersion: '1' })
    const seen = [external('feed', { observe }), external('files', { partitions: names, observe })]
    const { assets } = snapshotOf(collect(seen))
    const states = openAssetStates(store)
    const told = () => assetStatuses(store, states, { assets, location, now })
    expect(await told()).toEqual({ feed: ['missing'], files: ['missing'] })
    const run = await running(store, 1)
    await make(run, { asset: 'feed', kind: 'observation', value: null })
    await make(run, { asset: 'files', kind: 'observation', value: null, partition: 'b' })
    // Remembered and read anew.
    for (const its of [states, openAssetStates(store)])
      expect(await assetStatuses(store, its, { assets, location, now })).toEqual({
        feed: ['fresh'],
        files: ['fresh', 'missing'],
      })
    const { ranges } = await statusOfPartitions(store, states, { assets, location, asset: 'files', now })
    expect(ranges.map(({ state, from }) => `${state} ${from}`)).toEqual(['missing a', 'fresh b', 'missing c'])
  })

  test('what is remembered says the same as what is read anew, whatever happened between', async () => {
    const key = fc.constantFrom('a', 'b', 'c')
    const version = fc.constantFrom('1', '2')
    const step = fc.oneof(
      fc.record({ do: fc.constant('up' as const), key, version }),
      fc.record({ do: fc.constant('down' as const), key, version, code: version }),
      fc.record({ do: fc.constant('whole' as const), key, version }),
      fc.record({ do: fc.constant('fail' as const), key, version }),
      fc.record({ do: fc.constant('wipe' as const), key, version, of: fc.constantFrom('up', 'down', 'whole') }),
    )
    const answers = async (states: ReturnType<typeof openAssetStates>) => {
      const graph = graphOfAssets(assets, location)
      const at = await keysAt(store, assets, now)
      return Promise.all(
        ['up', 'down', 'whole'].map(async (name) => (await states.of({ graph, keysAt: at, asset: name })).facts),
      )
    }
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        await store.close()
        store = await openSqliteInProcess(':memory:')
        const run = await running(store, 1)
        const states = openAssetStates(store)
        for (const one of steps) {
          const partition = one.key
          if (one.do === 'up') await make(run, { asset: 'up', partition, dataVersion: one.version })
          if (one.do === 'fail') await fail(run, 'down', partition)
          if (one.do === 'down')
            await make(run, {
              asset: 'down',
              partition,
              dataVersion: one.version,
              codeVersion: one.code,
              inputVersions: { [`up|${partition}`]: one.version },
            })
          if (one.do === 'whole')
            await make(run, { asset: 'whole', inputVersions: { [`down|${partition}`]: one.version } })
          if (one.do === 'wipe')
            await store.commit([
              {
                change: 'asset.wipe',
                asset: one.of,
                partitions: one.of === 'whole' ? null : [partition],
                history: one.version === '1' ? 'keep' : 'clear',
                at: 1,
              },
            ])
          expect(await answers(states)).toEqual(await answers(openAssetStates(store)))
        }
      }),
      { numRuns: 40 },
    )
  })

  test('code that says the same of an asset as before has it read no more; code that says something else has', async () => {
    const run = await running(store, 1)
    await make(run, { asset: 'up', partition: 'a', dataVersion: '1' })
    await make(run, { asset: 'down', partition: 'a', codeVersion: '1', inputVersions: { 'up|a': '1' } })
    let reads = 0
    const counting = {
      ...store,
      assets: {
        ...store.assets,
        partitions: (...asked: Parameters<Store['assets']['partitions']>) => {
          reads += 1
          return store.assets.partitions(...asked)
        },
      },
    }
    const states = openAssetStates(counting)
    const told = async (definitions: readonly unknown[]) => {
      reads = 0
      const its = snapshotOf(collect(definitions)).assets
      const { counts } = await statusOfPartitions(counting, states, { assets: its, location, asset: 'down', now })
      return [counts.fresh, counts.stale, reads > 0]
    }
    expect(await told([up, down])).toEqual([1, 0, true])
    expect(await told([up, down, whole, days])).toEqual([1, 0, false])
    const newer = asset('down', { partitions: names, inputs: { up }, codeVersion: '2' }, () => 1)
    expect(await told([up, newer])).toEqual([0, 1, true])
    const moved = asset('down', { partitions: names, inputs: { up: up.at({ only: 'b' }) }, codeVersion: '1' }, () => 1)
    expect(await told([up, moved])).toEqual([1, 0, true])
    const other = asset('up', { partitions: oneOf(['b', 'c']) }, () => 1)
    expect(
      await told([other, asset('down', { partitions: oneOf(['b', 'c']), inputs: { up: other } }, () => 1)]),
    ).toEqual([0, 0, true])
  })

  test('keys that are added to a dynamic set, and days that end, are seen', async () => {
    const states = openAssetStates(store)
    const count = async (name: string, at = now) =>
      (await statusOfPartitions(store, states, { assets, location, asset: name, now: at })).counts.missing
    expect([await count('people'), await count('days')]).toEqual([0, 4])
    const run = await running(store, 1)
    await store.commit([{ change: 'partitions.add', name: 'people', keys: ['ann', 'bob'], at: 1 }])
    await make(run, { asset: 'people', partition: 'bob' })
    await make(run, { asset: 'days', partition: '2026-01-02' })
    expect([await count('people'), await count('days'), await count('days', now + 86_400_000)]).toEqual([1, 3, 4])
    await store.commit([{ change: 'partitions.remove', name: 'people', keys: ['ann'] }])
    expect(await count('people')).toBe(0)
  })
})

describe('wiping and renaming', () => {
  const definition = assets.find(({ name }) => name === 'days')!
  const known = async () => (await store.assets.partitions('days')).map((key) => key.slice(-2))
  const wipe = (partition?: string, given: typeof definition | undefined = definition) =>
    wipeAsset(store, { asset: 'days', definition: given, partition, history: 'keep', at: now })

  test('a range, a list, or all of it; by stored keys where no code has the asset any more', async () => {
    const run = await running(store, 1)
    for (const day of [1, 2, 3, 4]) await make(run, { asset: 'days', partition: `2026-01-0${day}` })
    expect(await wipe('2026-01-02..2026-01-03')).toEqual({ partitions: 2 })
    expect(await known()).toEqual(['01', '04'])
    await expect(wipe('2026-01-09')).rejects.toMatchObject({ code: 'PARTITION_UNKNOWN' })
    await expect(
      wipeAsset(store, { asset: 'days', definition: undefined, partition: '2026-01-02', history: 'keep', at: now }),
    ).rejects.toMatchObject({ code: 'PARTITION_UNKNOWN' })
    await wipeAsset(store, { asset: 'days', definition: undefined, partition: '2026-01-04', history: 'keep', at: now })
    expect(await known()).toEqual(['01'])
    expect(await wipe()).toEqual({ partitions: 1 })
    expect(await known()).toEqual([])
    const none = { asset: 'none', definition: undefined, history: 'keep', at: now } as const
    await expect(wipeAsset(store, none)).rejects.toMatchObject({ code: 'ASSET_UNKNOWN' })
  })

  test('a name that is taken or unknown is refused; without its history nothing is left of it', async () => {
    const run = await running(store, 1)
    await make(run, { asset: 'up', partition: 'a' })
    await make(run, { asset: 'days', partition: '2026-01-01' })
    const rename = (from: string, to: string, history: 'keep' | 'clear' = 'keep') =>
      renameAsset(store, { from, to, history, at: now })
    await expect(rename('up', 'days')).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(rename('none', 'x')).rejects.toMatchObject({ code: 'ASSET_UNKNOWN' })
    await expect(rename('up', ' ')).rejects.toMatchObject({ code: 'USAGE' })
    await rename('up', 'raw/up')
    expect(await store.assets.partitions('raw/up')).toEqual(['a'])
    await rename('raw/up', 'other', 'clear')
    expect(await store.assets.history('raw/up')).toEqual([])
    expect(await store.assets.history('other')).toEqual([])
  })
})
