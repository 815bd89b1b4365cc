import { expect, test } from 'vitest'
import type { Materialization } from '@sluice/core'
import type { Store } from '../ports.ts'
import { aCheck, aMaterialization, drop, end, id, ok, running, type WithStore } from './rows.ts'

export function assets(the: WithStore): void {
  const made = (run: string, step: number, over: Partial<Materialization> = {}, epoch = 1) =>
    ({ change: 'asset.record', epoch, materialization: aMaterialization(run, step, over) }) as const

  test('asset.record stores every column, gives ids in commit order, and tells of it', async () => {
    const run = await running(the(), 1)
    const full: Partial<Materialization> = {
      partition: '2026-01-01',
      attempt: 2,
      value: { io: 'files', ref: { path: 'p' }, bytes: 3, rows: 1 },
      dataVersion: 'd',
      codeVersion: 'c',
      inputVersions: { 'raw|2026-01-01': 'v' },
      metadata: { rows: { type: 'number', value: 3 } },
    }
    expect(await the().commit([made(run, 1, full), made(run, 2, { partition: '2026-01-01' })])).toEqual([ok, ok])
    const [newest, first] = await the().assets.history('orders')
    expect(first).toEqual({ ...aMaterialization(run, 1, full), id: first!.id })
    expect(newest!.id).toBeGreaterThan(first!.id)
    const [, , event] = await the().events.list({ run })
    expect(event).toMatchObject({
      type: 'asset.materialized',
      run,
      step: 1,
      asset: 'orders',
      partition: '2026-01-01',
      at: 3000,
      data: { id: first!.id },
    })
  })

  test('asset.record is fenced, and once when it is sent again', async () => {
    const run = await running(the(), 1)
    const ended = await running(the(), 2)
    await the().commit([end(ended, 1, 'succeeded')])
    expect(
      await the().commit([made(run, 1, {}, 2), made(ended, 1), made(id(9), 1), made(run, 1), made(run, 1)]),
    ).toEqual([drop('STALE_EPOCH'), drop('RUN_ENDED'), drop('RUN_UNKNOWN'), ok, ok])
    expect(await the().assets.history('orders')).toHaveLength(1)
    expect(await the().assets.summary()).toMatchObject([{ count: 1, partitions: 0 }])
    expect(await the().events.list({ run })).toHaveLength(3)
  })

  test('latest, history, partitions and summary', async () => {
    const run = await running(the(), 1)
    await the().commit([
      made(run, 1, { partition: 'b' }),
      made(run, 2, { partition: 'a' }),
      made(run, 3, { partition: 'b', dataVersion: 'v2' }),
      made(run, 4, { kind: 'observation', partition: 'b', value: null }),
      made(run, 5, { kind: 'observation', partition: 'c', value: null }),
      made(run, 6, { asset: 'sums' }),
      made(run, 7, { asset: 'seen', kind: 'observation', value: null }),
    ])
    const slice = (asset: string, partition: string | null) => ({ asset, partition })
    const steps = (rows: readonly Materialization[]) => rows.map((row) => row.step)
    const asked = [
      slice('orders', 'b'),
      slice('orders', 'c'),
      slice('sums', null),
      slice('orders', null),
      slice('orders', 'a'),
    ]
    expect(steps(await the().assets.latest(asked))).toEqual([3, 6, 2])
    expect(steps(await the().assets.latest(asked, 'observation'))).toEqual([4, 5])
    expect(await the().assets.latest([])).toEqual([])
    expect(steps(await the().assets.history('orders'))).toEqual([5, 4, 3, 2, 1])
    expect(steps(await the().assets.history('orders', { partition: 'b', kind: 'materialization' }))).toEqual([3, 1])
    expect(steps(await the().assets.history('orders', { limit: 2 }))).toEqual([5, 4])
    const [, third] = await the().assets.history('orders', { partition: 'b' })
    expect(steps(await the().assets.history('orders', { before: third!.id, limit: 1 }))).toEqual([2])
    expect(steps(await the().assets.history('sums', { partition: null }))).toEqual([6])
    expect(await the().assets.partitions('orders')).toEqual(['a', 'b'])
    expect(await the().assets.partitions('orders', { limit: 1 })).toEqual(['a'])
    expect(await the().assets.partitions('orders', { after: 'a', limit: 9 })).toEqual(['b'])
    expect(await the().assets.partitions('orders', { observed: true })).toEqual(['a', 'b', 'c'])
    expect(await the().assets.partitions('sums')).toEqual([])
    expect((await the().assets.summary(['sums', 'none'])).map(({ asset }) => asset)).toEqual(['sums'])
    expect(await the().assets.summary([])).toEqual([])
    const summary = await the().assets.summary()
    expect(summary.map(({ asset, latest, count, partitions }) => [asset, latest.step, count, partitions])).toEqual([
      ['orders', 5, 5, 2],
      ['seen', 7, 1, 0],
      ['sums', 6, 1, 0],
    ])
  })

  test('ofRun: what the run recorded, the oldest first, a page at a time', async () => {
    const [run, other] = [await running(the(), 1), await running(the(), 2)]
    await the().commit([
      made(run, 9, { partition: 'b' }),
      made(other, 1, { partition: 'b' }),
      made(run, 2, { asset: 'aaa' }),
      made(run, 3, { asset: 'seen', kind: 'observation', value: null }),
    ])
    const found = await the().assets.ofRun(run)
    expect(found.map(({ asset, step }) => [asset, step])).toEqual([
      ['orders', 9],
      ['aaa', 2],
      ['seen', 3],
    ])
    expect(found[0]).toEqual((await the().assets.history('orders'))[1])
    expect(await the().assets.ofRun(run, { limit: 2 })).toEqual(found.slice(0, 2))
    expect(await the().assets.ofRun(run, { after: found[0]!.id, limit: 1 })).toEqual([found[1]])
    expect(await the().assets.ofRun(id(9))).toEqual([])
  })

  test('one step makes several assets and partitions', async () => {
    const run = await running(the(), 1)
    const slices = [{ asset: 'a' }, { asset: 'b', partition: 'x' }, { asset: 'b', partition: 'y' }]
    expect(await the().commit([slices.map((slice) => made(run, 1, slice))])).toEqual([ok])
    expect((await the().assets.summary()).map((it) => [it.asset, it.count])).toEqual([
      ['a', 1],
      ['b', 2],
    ])
  })

  test('check.record: every column, fenced, once; the newest of each check', async () => {
    const run = await running(the(), 1)
    const full = aCheck(run, 1, {
      partition: 'p',
      passed: false,
      severity: 'warn',
      blocking: false,
      metadata: { bad: { type: 'json', value: [1] } },
    })
    const check = (result: typeof full, epoch = 1) => ({ change: 'check.record', epoch, result }) as const
    expect(await the().commit([check(full), check(full), check(full, 4)])).toEqual([ok, ok, drop('STALE_EPOCH')])
    const [first] = await the().checks.ofRun(run)
    expect(await the().checks.ofRun(run)).toEqual([{ ...full, id: first!.id }])
    await the().commit([
      check(aCheck(run, 2, { check: 'fresh' })),
      check(aCheck(run, 3, { partition: 'q' })),
      check(aCheck(run, 4, { partition: 'p' })),
    ])
    const latest = async (partition?: string | null) =>
      (await the().checks.latest('orders', partition)).map((it) => [it.check, it.step])
    expect(await latest()).toEqual([
      ['fresh', 2],
      ['has_rows', 4],
    ])
    expect(await latest('q')).toEqual([['has_rows', 3]])
    expect(await latest(null)).toEqual([['fresh', 2]])
    const history = async (q?: Parameters<Store['checks']['history']>[2]) =>
      (await the().checks.history('orders', 'has_rows', q)).map(({ step }) => step)
    expect(await history()).toEqual([4, 3, 1])
    expect(await history({ limit: 2 })).toEqual([4, 3])
    expect(await history({ partition: 'p' })).toEqual([4, 1])
    expect(
      await history({ partition: 'p', limit: 1, before: (await the().checks.latest('orders', 'p'))[0]!.id }),
    ).toEqual([1])
    expect(await history({ partition: null })).toEqual([])
    await the().commit([check(aCheck(run, 5, { check: 'unsure', passed: null }))])
    expect(await the().checks.history('orders', 'unsure')).toMatchObject([{ passed: null }])
    const all = await the().checks.ofRun(run)
    expect(await the().checks.ofRun(run, { after: all[0]!.id, limit: 2 })).toEqual(all.slice(1, 3))
    expect(await the().checks.ofRun(id(9))).toEqual([])
    expect((await the().events.list({ run })).filter((event) => event.type === 'check.evaluated')).toHaveLength(5)
  })
}
