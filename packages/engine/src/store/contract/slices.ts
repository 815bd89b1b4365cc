import { expect, test } from 'vitest'
import type { Materialization } from '@sluice/core'
import type { Change } from '../changes.ts'
import { aCheck, aMaterialization, aStep, drop, end, id, ok, record, running, type WithStore } from './rows.ts'

/** What counts of each slice of an asset, and what makes it count no more. */
export function slices(the: WithStore): void {
  const made = (run: string, step: number, over: Partial<Materialization> = {}, epoch = 1): Change => ({
    change: 'asset.record',
    epoch,
    materialization: aMaterialization(run, step, over),
  })
  const failed = (run: string, step: number, partition: string | null, at = 4000, epoch = 1): Change => ({
    change: 'asset.fail',
    epoch,
    run,
    step,
    asset: 'orders',
    partition,
    at,
  })
  const wipe = (partitions: readonly string[] | null, history: 'keep' | 'clear', asset = 'orders'): Change => ({
    change: 'asset.wipe',
    asset,
    partitions,
    history,
    at: 7000,
  })
  const rename = (from: string, to: string): Change => ({ change: 'asset.rename', from, to, at: 7000 })
  const failures = async () => (await the().assets.failed('orders')).map((it) => [it.partition, it.run, it.at])
  const events = async (type: string) => (await the().events.list({})).filter((event) => event.type === type)

  test('asset.fail: fenced, told of once, over when the slice is made or looked at', async () => {
    const run = await running(the(), 1)
    expect(
      await the().commit([failed(run, 1, 'b'), failed(run, 1, 'b'), failed(run, 2, 'a'), failed(run, 3, 'c', 1, 9)]),
    ).toEqual([ok, ok, ok, drop('STALE_EPOCH')])
    expect(await failures()).toEqual([
      ['a', run, 4000],
      ['b', run, 4000],
    ])
    expect(await events('asset.failed')).toMatchObject([
      { run, step: 1, asset: 'orders', partition: 'b', at: 4000 },
      { run, step: 2, partition: 'a' },
    ])
    const later = await running(the(), 2)
    await the().commit([
      made(later, 1, { partition: 'b' }),
      made(later, 2, { partition: 'a', kind: 'observation', value: null }),
      failed(later, 3, null, 5000),
    ])
    expect(await failures()).toEqual([[null, later, 5000]])
    await the().commit([failed(later, 4, 'b', 6000)])
    expect((await the().assets.failed(null)).map((it) => it.asset)).toEqual(['orders', 'orders'])
    expect(await failures()).toEqual([
      [null, later, 5000],
      ['b', later, 6000],
    ])
    expect(await the().assets.partitions('orders')).toEqual(['b']) // what it holds, it holds
  })

  test('a run that crashes has failed to make what it was making', async () => {
    const run = await running(the(), 1)
    const step = (nth: number, key: string | null, state: 'running' | 'succeeded'): Change => {
      const isOpen = state === 'running'
      const over = isOpen ? { seq: null, endedAt: null, result: null } : {}
      return record(aStep(run, nth, { kind: 'asset', name: 'orders', key, state, ...over }))
    }
    await the().commit([step(1, 'a', 'succeeded'), step(2, 'b', 'running'), step(3, null, 'running')])
    await the().commit([end(run, 1, 'crashed')])
    expect(await failures()).toEqual([
      [null, run, 9000],
      ['b', run, 9000],
    ])
  })

  test('keysOfRun, changed and versions', async () => {
    const [run, other] = [await running(the(), 1), await running(the(), 2)]
    await the().commit([
      made(run, 1, { partition: 'b', dataVersion: 'd1', codeVersion: 'c', inputVersions: { 'raw|b': 'v' } }),
      made(run, 2, { partition: 'a' }),
      made(other, 1, { partition: 'b', dataVersion: 'd2', inputVersions: null }),
      made(other, 2, { partition: 'a', dataVersion: 'seen', kind: 'observation', value: null }),
      made(run, 3, { asset: 'sums' }),
    ])
    expect(new Set(await the().assets.keysOfRun(run, 'orders'))).toEqual(new Set(['a', 'b']))
    expect(await the().assets.keysOfRun(run, 'sums')).toEqual([null])
    expect(await the().assets.keysOfRun(id(9), 'orders')).toEqual([])
    const all = await the().assets.changed({ assets: ['orders', 'sums'], after: 0, limit: 10 })
    expect(all.map((it) => [it.asset, it.partition])).toEqual([
      ['orders', 'b'],
      ['orders', 'a'],
      ['orders', 'b'],
      ['orders', 'a'],
      ['sums', null],
    ])
    expect(await the().assets.changed({ assets: ['orders'], after: all[1]!.id, limit: 1 })).toEqual([all[2]])
    expect(await the().assets.changed({ assets: [], after: 0, limit: 1 })).toEqual([])
    const versions = await the().assets.versions('orders', ['none', 'b', 'a'])
    expect(versions).toEqual({
      ids: [0, all[2]!.id, all[3]!.id],
      dataVersions: ['', 'd2', 'seen'],
      codeVersions: [null, null, null],
      inputVersions: ['null', 'null', '{}'],
    })
    expect(await the().assets.versions('orders', ['b'], { withInputs: false })).toMatchObject({
      ids: [all[2]!.id],
      dataVersions: ['d2'],
    })
    expect(await the().assets.versions('sums', [null])).toMatchObject({ ids: [all[4]!.id], dataVersions: ['v1'] })
  })

  test('asset.wipe that keeps the history: nothing counts as made, and what was is told as wiped', async () => {
    const run = await running(the(), 1)
    const check = { change: 'check.record', epoch: 1, result: aCheck(run, 5, { partition: 'a' }) } as const
    await the().commit([
      ...['a', 'b', 'c'].map((partition, n) => made(run, n + 1, { partition })),
      check,
      failed(run, 4, 'd'),
    ])
    await the().commit([wipe(['a', 'd', 'none'], 'keep')])
    expect(await the().assets.partitions('orders')).toEqual(['b', 'c'])
    expect(await failures()).toEqual([])
    expect(await the().assets.latest([{ asset: 'orders', partition: 'a' }])).toEqual([])
    expect(await the().assets.summary()).toMatchObject([{ asset: 'orders', count: 2, partitions: 2 }])
    const kinds = async () => (await the().assets.history('orders')).map((it) => [it.partition, it.kind])
    expect(await kinds()).toEqual([
      ['c', 'materialization'],
      ['b', 'materialization'],
      ['a', 'wiped'],
    ])
    expect(await the().checks.latest('orders')).toHaveLength(1)
    await the().commit([made(run, 6, { partition: 'a' })])
    expect(await the().assets.summary()).toMatchObject([{ count: 3, partitions: 3 }])
    await the().commit([wipe(null, 'keep')])
    expect(await the().assets.summary()).toEqual([])
    expect(await the().assets.partitions('orders')).toEqual([])
    expect(await kinds()).toHaveLength(4)
    expect((await events('asset.wiped')).map((it) => [it.asset, it.partition, it.data])).toEqual([
      ['orders', 'a', { history: 'keep' }],
      ['orders', 'd', { history: 'keep' }],
      ['orders', null, { history: 'keep' }],
    ])
    await the().commit([wipe(null, 'keep'), wipe([], 'keep'), wipe(null, 'clear', 'unknown')])
    expect(await events('asset.wiped')).toHaveLength(3) // nothing to forget, nothing to tell
  })

  test('asset.wipe that clears it: as if it had never been, and others stay', async () => {
    const run = await running(the(), 1)
    const check = (partition: string | null, asset = 'orders'): Change => ({
      change: 'check.record',
      epoch: 1,
      result: aCheck(run, 5, { partition, asset }),
    })
    await the().commit([made(run, 1, { partition: 'a' }), made(run, 2, { partition: 'b' }), check('a'), check('b')])
    await the().commit([made(run, 3, { asset: 'sums' }), check(null, 'sums')])
    await the().commit([wipe(['a'], 'clear')])
    expect((await the().assets.history('orders')).map((it) => it.partition)).toEqual(['b'])
    expect((await the().checks.latest('orders')).map((it) => it.partition)).toEqual(['b'])
    await the().commit([wipe(null, 'clear')])
    expect(await the().assets.history('orders')).toEqual([])
    expect(await the().checks.latest('orders')).toEqual([])
    expect((await the().assets.summary()).map((it) => it.asset)).toEqual(['sums'])
    expect(await the().checks.latest('sums')).toHaveLength(1)
  })

  test('asset.rename: everything goes on under the new name, and what was made from it stays up to date', async () => {
    const target = { kind: 'assets', selection: 'orders', assets: ['orders'], partitions: ['a'] } as const
    const run = await running(the(), 1, { target })
    await the().commit([
      made(run, 1, { partition: 'a' }),
      { change: 'check.record', epoch: 1, result: aCheck(run, 2, { partition: 'a' }) },
      failed(run, 3, 'b'),
      made(run, 4, { asset: 'sums', inputVersions: { 'orders|a': 'v1', orders: '', orders_old: 'x', 'raw|a': 'y' } }),
      made(run, 5, { asset: 'raw' }),
    ])
    const pause = (entity: string): Change => ({ change: 'conditions.pause', entity, paused: true })
    const fresh = { location: 'main', from: null, to: 'passed', madeAt: 1, at: 2, tell: false } as const
    await the().commit([
      ...['orders', 'check:orders:has_rows', 'check:orders2:x', 'marts/orders'].map(pause),
      { change: 'freshness.move', asset: 'orders', ...fresh },
    ])
    expect(await the().commit([rename('orders', 'raw'), rename('none', 'x')])).toEqual([
      drop('NAME_TAKEN'),
      drop('NAME_UNKNOWN'),
    ])
    expect(await the().commit([rename('orders', 'marts/orders')])).toEqual([ok])
    expect(await the().assets.history('orders')).toEqual([])
    expect(await the().assets.partitions('marts/orders')).toEqual(['a'])
    expect(await the().checks.latest('marts/orders')).toHaveLength(1)
    expect(await the().assets.failed('marts/orders')).toHaveLength(1)
    expect((await the().assets.summary()).map((it) => it.asset)).toEqual(['marts/orders', 'raw', 'sums'])
    expect(await the().runs.list({ asset: 'marts/orders' })).toHaveLength(1)
    const [sums] = await the().assets.latest([{ asset: 'sums', partition: null }])
    expect(sums!.inputVersions).toEqual({
      'marts/orders|a': 'v1',
      'marts/orders': '',
      orders_old: 'x',
      'raw|a': 'y',
    })
    expect((await the().freshness.list()).map((it) => [it.asset, it.state])).toEqual([['marts/orders', 'passed']])
    const pauses = (await the().conditions.pauses()).map((it) => it.entity)
    expect(pauses.toSorted()).toEqual(['check:marts/orders:has_rows', 'check:orders2:x', 'marts/orders'])
    expect(await events('asset.renamed')).toMatchObject([{ asset: 'marts/orders', data: { from: 'orders' } }])
  })
}
