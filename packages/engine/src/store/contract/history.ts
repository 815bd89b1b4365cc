import { expect, test } from 'vitest'
import type { StoredValue } from '@sluice/core'
import type { HistoryKind } from '../changes.ts'
import type { OldQuery } from '../history-reads.ts'
import {
  aCheck,
  aLine,
  aMaterialization,
  anEvent,
  aStep,
  claim,
  create,
  drop,
  end,
  id,
  ok,
  record,
  running,
  type WithStore,
} from './rows.ts'

const file = (ref: string): StoredValue => ({ io: 'files', ref, bytes: 1, rows: null })

const version = (name: string, createdAt: number, bundle: string | null = null) =>
  ({
    change: 'location.register',
    version: { location: 'main', version: name, snapshot: {} as never, entries: [], git: null, bundle, createdAt },
  }) as const

export function history(the: WithStore): void {
  /** Everything that may go, page by page. */
  const old = async (of: OldQuery['of'], before: number, more: Partial<OldQuery> = {}) => {
    const found: (string | number)[] = []
    for (let after: OldQuery['after']; ;) {
      const page = await the().history.old({ of, before, limit: 2, ...more, ...(after !== undefined && { after }) })
      found.push(...page.ids)
      if (page.next === null) return found
      after = page.next
    }
  }
  const forget = async (of: HistoryKind, before: number, ids?: readonly (string | number)[]) =>
    the().commit([{ change: 'history.forget', of, before, ids: ids ?? (await old(of, before)) }])
  const forgetRun = (run: string, before = 10_000, rows = 100) =>
    the().commit([{ change: 'run.forget', run, before, rows }])

  test('a run goes with all that is its own, in bites, the last steps first; others stay', async () => {
    const marks = { tags: { team: 'data' }, owners: ['team:data'] }
    const target = { kind: 'assets', selection: 'orders', assets: ['orders'], partitions: null } as const
    for (const nth of [1, 2]) {
      const run = await running(the(), nth, { ...marks, target, name: 'orders' })
      await the().commit([
        ...[1, 2, 3].map((step) => record(aStep(run, step, { parent: step - 1 }))),
        { change: 'log.add', epoch: 1, run, once: 1, lines: [aLine(run, 'a'), aLine(run, 'b'), aLine(run, 'c')] },
        end(run, 1, 'succeeded', 9000 + nth),
      ])
    }
    expect(await old('runs', 9001)).toEqual([])
    expect(await old('runs', 9002)).toEqual([id(1)])
    expect(await forgetRun(id(1), 9001)).toEqual([drop('RUN_KEPT')])
    expect(await forgetRun(id(1), 9002, 2)).toEqual([ok])
    expect((await the().steps.list(id(1))).map(({ step }) => step)).toEqual([1])
    expect(await the().logs.counts(id(1))).toEqual({ 0: 1 })
    expect(await the().runs.get(id(1))).not.toBeNull()
    expect(await forgetRun(id(1), 9002, 2)).toEqual([ok])
    expect(await the().runs.get(id(1))).toBeNull()
    expect(await the().steps.list(id(1))).toEqual([])
    expect(await the().logs.list({ run: id(1) })).toEqual([])
    for (const query of [{ tag: 'team=data' }, { owner: 'team:data' }, { asset: 'orders' }, {}])
      expect((await the().runs.list(query)).map((run) => run.id)).toEqual([id(2)])
    expect(await the().steps.counts(id(2))).toEqual({ succeeded: 3 })
    expect(await the().logs.counts(id(2))).toEqual({ 0: 3 })
    expect(await forgetRun(id(1), 9002)).toEqual([drop('RUN_UNKNOWN')])
    expect(await the().commit([record(aStep(id(1), 9))])).toEqual([drop('RUN_UNKNOWN')])
  })

  test('a run stays while it is not over, while a retry of it stays, and while its parent goes on', async () => {
    await running(the(), 1)
    await running(the(), 2)
    await running(the(), 3, { retryOf: id(2) })
    await running(the(), 4, { cause: { by: 'flow', parent: { run: id(1), step: 1 } } })
    await the().commit([create(5), ...[2, 3, 4].map((nth) => end(id(nth), 1, 'crashed', 100))])
    expect(await old('runs', 5000)).toEqual([id(3)])
    expect(await forgetRun(id(1))).toEqual([drop('RUN_KEPT')])
    expect(await forgetRun(id(2))).toEqual([drop('RUN_KEPT')])
    expect(await forgetRun(id(5))).toEqual([drop('RUN_KEPT')])
    expect(await the().commit([claim(id(2), 1)])).toEqual([ok])
    await the().commit([end(id(2), 2, 'succeeded', 100)])
    expect(await forgetRun(id(3))).toEqual([ok])
    await the().commit([end(id(1), 1, 'succeeded', 200)])
    expect(await old('runs', 5000)).toEqual([id(1), id(2), id(4)])
  })

  test('records: the newest of each slice and each asset stays, of either kind, and those of runs that go on', async () => {
    const run = await running(the(), 1)
    const made = (step: number, over = {}) =>
      ({ change: 'asset.record', epoch: 1, materialization: aMaterialization(run, step, { at: 10, ...over }) }) as const
    await the().commit([
      made(1),
      made(2, { kind: 'observation' }),
      made(3),
      made(4, { partition: 'p' }),
      made(5, { partition: 'p' }),
      made(6, { kind: 'observation' }),
      made(7, { partition: 'q', at: 50 }),
      made(8, { asset: 'other', kind: 'observation' }),
      made(9, { partition: 'q', at: 60 }),
    ])
    expect(await old('records', 55)).toEqual([])
    await the().commit([end(run, 1, 'succeeded', 100)])
    const steps = async () => (await the().assets.ofRun(run)).map(({ step }) => step)
    expect(await old('records', 50)).toHaveLength(3)
    await forget('records', 50)
    expect(await steps()).toEqual([3, 5, 6, 7, 8, 9])
    await forget('records', 55, await old('records', 1000)) // only what is old enough
    expect(await steps()).toEqual([3, 5, 6, 8, 9])
    expect(await the().assets.summary()).toMatchObject([
      { asset: 'orders', count: 4, partitions: 2, latest: { step: 9 } },
      { asset: 'other', count: 1 },
    ])
    const latest = (partition: string | null) => ({ asset: 'orders', partition })
    expect(
      (await the().assets.latest([latest(null), latest('p'), latest('q')]))
        .map(({ step }) => step)
        .toSorted((a, b) => a - b),
    ).toEqual([3, 5, 9])
    expect(await the().assets.partitions('orders')).toEqual(['p', 'q'])
    // Its run may go; what is current stays.
    expect(await forgetRun(run)).toEqual([ok])
    expect(await the().assets.latest([latest('p')])).toMatchObject([{ step: 5, run }])
  })

  test('checks: the newest result of each slice stays', async () => {
    const run = await running(the(), 1)
    const checked = (step: number, over = {}) =>
      ({ change: 'check.record', epoch: 1, result: aCheck(run, step, { at: 10, ...over }) }) as const
    await the().commit([
      checked(1),
      checked(2, { partition: 'p' }),
      checked(3),
      checked(4, { partition: 'p', at: 20 }),
      checked(5, { check: 'fresh' }),
      end(run, 1, 'succeeded', 100),
    ])
    await forget('checks', 20)
    expect((await the().checks.ofRun(run)).map(({ step }) => step)).toEqual([3, 4, 5])
    expect((await the().checks.latest('orders')).map(({ step }) => step)).toEqual([5, 4])
  })

  test('lines go by themselves, but not those of a run that goes on', async () => {
    const [over, going] = [await running(the(), 1), await running(the(), 2)]
    const log = (run: string, at: number) =>
      ({ change: 'log.add', epoch: 1, run, lines: [aLine(run, 'a', { at }), aLine(run, 'b', { at: at + 1 })] }) as const
    await the().commit([log(over, 10), log(going, 10), log(over, 20), end(over, 1, 'succeeded', 100)])
    await forget('logs', 21)
    expect((await the().logs.list({ run: over })).map(({ at }) => at)).toEqual([21])
    expect(await the().logs.counts(going)).toEqual({ 0: 2 })
  })

  test('events go from the first on, without a gap; the newest stays; what a consumer has not read, for longer', async () => {
    const added = (at: number) => ({ change: 'event.add', epoch: 0, event: anEvent({ at }) }) as const
    await the().commit([10, 20, 30, 5, 40].map(added))
    const all = async () => (await the().events.list({})).map(({ at }) => at)
    const [first, second, third] = await the().events.list({})
    expect(await old('events', 30)).toEqual([first!.id, second!.id])
    expect(await old('events', 1000)).toHaveLength(4)
    await the().commit([{ change: 'cursor.move', name: 'alerts', from: null, to: first!.id }])
    expect(await old('events', 1000, { unread: 20 })).toEqual([first!.id])
    expect(await old('events', 1000, { unread: 25 })).toEqual([first!.id, second!.id])
    expect(await old('events', 1000, { unread: 1000 })).toHaveLength(4)
    await the().commit([
      { change: 'sensor.put', location: 'main', name: 'polling', spec: { every: 1 }, at: 1 },
      { change: 'sensor.put', location: 'main', name: 'on-failure', spec: { on: { state: 'failed' } }, at: 1 },
      { change: 'cursor.move', name: 'alerts', from: first!.id, to: third!.id },
    ])
    expect(await old('events', 1000, { unread: 0 })).toHaveLength(3)
    await forget('events', 1000, [first!.id, second!.id])
    expect(await all()).toEqual([30, 5, 40])
    expect(await the().events.first()).toBe(second!.id + 1)
    await forget('events', 1000, await old('events', 1000, { unread: 1000 }))
    await forget('events', 1000, [(await the().events.last()) + 5])
    expect(await all()).toEqual([40])
    await the().commit([added(50)])
    expect(await all()).toEqual([40, 50]) // numbers go on
  })

  test('ticks: the newest of each name stays', async () => {
    const its = { location: 'main', name: 'nightly' }
    const tick = (at: number) => ({
      scheduledFor: at,
      decidedAt: at,
      outcome: 'skipped' as const,
      reason: null,
      error: null,
      runs: [],
      count: 1,
    })
    const put = { origin: 'code', spec: {}, fingerprint: 'f', at: 1 } as const
    const decided = { revision: 0, from: 1, to: 30, ticks: [10, 20, 30].map(tick) }
    await the().commit([
      { change: 'schedule.put', ...its, ...put },
      { change: 'schedule.put', ...its, ...put, name: 'yearly' },
      { change: 'schedule.decide', ...its, ...decided },
      { change: 'schedule.decide', ...its, name: 'yearly', revision: 0, from: 1, to: 10, ticks: [tick(10)] },
    ])
    await forget('ticks', 30)
    expect((await the().ticks.list({})).map(({ name, decidedAt }) => [name, decidedAt])).toEqual([
      ['yearly', 10],
      ['nightly', 30],
    ])
    await forget('ticks', 1000)
    expect(await the().ticks.list({})).toHaveLength(2)
  })

  test('alerts that have left, words of launches and cache entries that expired; what is in use stays', async () => {
    const message = { id: 'm', kind: 'run', title: 't', text: 'x', at: 1, count: 1, data: {} } as never
    const alert = (name: string) => ({ id: name, location: 'main', channel: 'webhook' as const, message })
    const once = (nth: number, scope: string) =>
      ({ ...create(nth, { createdAt: 10 }), once: { scope, key: `k${nth}` } }) as never
    const run = await running(the(), 9)
    const cached = (key: string, expiresAt: number | null) =>
      ({ change: 'cache.put', epoch: 1, run, step: 1, key, value: { inline: '1' }, at: 1, expiresAt }) as const
    await the().commit([
      { change: 'alert.add', alert: alert('a'), at: 1 },
      { change: 'alert.add', alert: alert('b'), at: 1 },
      { change: 'alert.take', alert: 'a', attempts: 0, until: 5 },
      { change: 'alert.decide', alert: 'a', attempts: 1, state: 'sent', error: null, nextAt: 5, at: 10 },
      once(1, 'launch'),
      once(2, 'sensor main files'),
      cached('old', 50),
      cached('young', 150),
      cached('always', null),
    ])
    await forget('alerts', 100)
    expect((await the().alerts.list({})).map((one) => one.id)).toEqual(['b'])
    await forget('words', 100)
    expect(await the().runs.once('launch', 'k1')).toBeNull()
    expect(await the().runs.once('sensor main files', 'k2')).toBe(id(2))
    await forget('cache', 100)
    expect(await the().cache.get('old', 0)).toBeNull()
    expect(await the().cache.get('young', 0)).not.toBeNull()
    expect(await the().cache.get('always', 0)).not.toBeNull()
  })

  test('values of a run that is gone are live only where the cache, or a step that took them from there, has them', async () => {
    const run = await running(the(), 1)
    const other = await running(the(), 2)
    await the().commit([
      ...[1, 2, 3].map((step) => record(aStep(run, step, { result: file(`v${step}`) }))),
      { change: 'cache.put', epoch: 1, run, step: 1, key: 'k', value: file('v1'), at: 1, expiresAt: null },
      record(aStep(other, 7, { result: file('v2'), cachedFrom: { run, step: 2 } })),
      end(run, 1, 'succeeded', 100),
    ])
    const live = () => the().values.live([1, 2, 3].map((step) => ({ run, epoch: 1, step, attempt: 1 })))
    expect(await live()).toEqual([true, true, true])
    expect(await forgetRun(run)).toEqual([ok])
    expect(await live()).toEqual([true, true, false])
  })

  test('of versions of code the active one stays, the newest besides it, and what a run or a worker has; bundles with them', async () => {
    const piece = (bundle: string) =>
      ({ change: 'blob.put', ref: `bundles/${bundle}`, piece: 0, text: bundle }) as const
    const machine = { host: 'h', pid: 7, node: '26.10.0', sluice: '0.0.0' }
    const worker = {
      id: 'w1',
      name: 'w',
      pool: 'default',
      slots: 1,
      draining: false,
      versions: { main: ['v2'] },
      machine,
    }
    await the().commit([
      ...['one', 'two', 'shared'].map(piece),
      version('c1', 10, 'one'), // the run's
      version('v2', 20, 'two'),
      version('v3', 25, 'shared'),
      version('v4', 30, 'shared'),
      version('v5', 40),
      { change: 'location.activate', location: 'main', version: 'v5', at: 50 },
      { change: 'worker.join', worker, lease: 20_000 },
    ])
    const run = await running(the(), 1)
    await the().commit([end(run, 1, 'succeeded', 60)])
    expect(await old('versions', 25)).toEqual([])
    expect(await old('versions', 100)).toEqual(['v3'])
    await the().commit([{ change: 'worker.leave', worker: 'w1', expired: false, at: 70 }])
    expect(await old('versions', 100)).toEqual(['v2', 'v3'])
    // What is needed after all stays, whoever asks.
    await forget('versions', 100, ['c1', 'v2', 'v3', 'v4', 'v5'])
    expect((await the().locations.versions('main')).map((one) => one.version)).toEqual(['v5', 'v4', 'c1'])
    const kept = async (): Promise<readonly string[]> => the().blobs.list({ prefix: 'bundles/' })
    expect(await kept()).toEqual(['bundles/one', 'bundles/shared'])
    expect(await forgetRun(run)).toEqual([ok])
    await forget('versions', 100)
    expect((await the().locations.versions('main')).map((one) => one.version)).toEqual(['v5', 'v4'])
    expect(await kept()).toEqual(['bundles/shared'])
  })
}
