import type { Requested } from '@sluice/api/workers'
import { type Json, asset, dynamic, encode, external, flow, sensor } from '@sluice/core'
import { claimRun, newRun } from '@sluice/engine'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Deciding, openDeciding } from '../fixtures/deciding.ts'

let its: Deciding
/** What the code was asked with. */
let asked: { cursor: string | null; events: readonly Json[]; keys: Readonly<Record<string, readonly string[]>> }[]
beforeEach(async () => {
  its = await openDeciding('2026-01-01T00:00:00Z')
  asked = []
})
afterEach(() => its.close())

const sync = flow('sync', () => 1)
const elsewhere = external('external', {})
const run = (over: object = {}) => ({
  target: 'sync',
  params: null,
  title: null,
  once: null,
  tags: {},
  partition: null,
  limits: null,
  ...over,
})
const answers = (code: () => Requested | Promise<Requested>): void => {
  its.code = async (request) => {
    asked.push(request as never)
    return code()
  }
}
const files = sensor('files', { targets: [sync], every: '30s' }, () => ({ runs: [] }))
const state = async (name = 'files') => (await its.store.sensors.get('main', name))!
const ticks = async () => (await its.store.ticks.list({ kind: 'sensor', limit: 100 })).toReversed()
const count = async (): Promise<number> => (await its.store.runs.list({ limit: 100 })).length

/** Passes until the sensors that look now have looked. */
async function settle(...sensings: { pass(): Promise<number>; changed(): void }[]): Promise<void> {
  for (let idle = 0; idle < 3;) {
    const did = await Promise.all(sensings.map((one) => one.pass()))
    idle = did.some((n) => n > 0) ? 0 : idle + 1
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('looking every so often', () => {
  test('launches what it asks for, under its words, with its new cursor', async () => {
    await its.deploy([files])
    let n = 0
    answers(() => ({ runs: [run({ once: `f${Math.min(++n, 2)}`, tags: { n: `${n}` } })], cursor: encode({ n }) }))
    const sensing = its.sensing()
    for (let looks = 0; looks < 3; looks++) {
      await settle(sensing)
      its.now += 30_000
    }
    expect(asked.map(({ cursor }) => cursor)).toEqual([null, encode({ n: 1 }), encode({ n: 2 })])
    expect(await count()).toBe(2)
    const all = await ticks()
    expect(all.map(({ outcome, runs }) => [outcome, runs.length])).toEqual([
      ['launched', 1],
      ['launched', 1],
      ['launched', 1],
    ])
    expect(all[2]!.runs).toEqual(all[1]!.runs)
    expect(await state()).toMatchObject({ cursor: encode({ n: 3 }), failures: 0, leasedBy: null })
  })

  test('of several servers one looks', async () => {
    await its.deploy([files])
    answers(() => ({ runs: [run()] }))
    const servers = [its.sensing(), its.sensing(), its.sensing()]
    for (let looks = 0; looks < 4; looks++) {
      servers.forEach((one) => one.changed())
      await settle(...servers)
      its.now += 30_000
    }
    expect(asked).toHaveLength(4)
    expect(await count()).toBe(4)
  })

  test('a skip is kept with its reason; nothing at all is not kept', async () => {
    await its.deploy([files])
    const sensing = its.sensing()
    answers(() => ({ runs: [] }))
    await settle(sensing)
    expect(await ticks()).toEqual([])
    its.now += 30_000
    answers(() => ({ skipped: 'no new files' }))
    await settle(sensing)
    expect(await ticks()).toMatchObject([{ outcome: 'skipped', reason: 'no new files' }])
  })

  test('one that fails looks later and later, keeps its cursor, and harms no other', async () => {
    await its.deploy([files, sensor('other', { targets: [sync], every: '30s' }, () => ({}))])
    its.code = async (request) => {
      if ((request as { sensor: string }).sensor === 'other') return { runs: [run()] }
      throw new Error('the server of files is down')
    }
    const sensing = its.sensing()
    const waits: number[] = []
    for (let looks = 0; looks < 4; looks++) {
      await settle(sensing)
      waits.push((await state()).nextAt - its.now)
      its.now = (await state()).nextAt
    }
    expect(waits).toEqual([30_000, 60_000, 120_000, 240_000])
    expect(await state()).toMatchObject({ failures: 4, cursor: null })
    expect((await ticks()).filter(({ name }) => name === 'files')).toMatchObject(
      Array.from({ length: 4 }, () => ({ outcome: 'failed', error: { code: 'TICK_FAILED' } })),
    )
    expect((await ticks()).filter(({ name }) => name === 'other').length).toBeGreaterThan(3)
    expect(its.said.at(-1)).toContain('failed 4 times in a row')
    its.code = async () => ({ runs: [] })
    await settle(sensing)
    expect(await state()).toMatchObject({ failures: 0 })
  })

  test('without a worker it waits, and that is no failure', async () => {
    await its.deploy([files])
    await settle(its.sensing())
    expect(await state()).toMatchObject({ failures: 0 })
    expect(await ticks()).toEqual([])
  })

  test('keys of dynamic partitions and what it reports come with the runs', async () => {
    const customers = dynamic('customers')
    const orders = asset('orders', { partitions: customers }, () => 1)
    await its.deploy([files, orders, elsewhere])
    await its.store.commit([{ change: 'partitions.add', name: 'customers', keys: ['old'], at: 1 }])
    answers(() => ({
      runs: [run({ target: 'orders', partition: 'acme' })],
      keys: [{ name: 'customers', add: ['acme'], remove: ['old'] }],
      reports: [{ asset: 'external', partition: null, what: 'materialization', dataVersion: 'v7', metadata: {} }],
    }))
    await settle(its.sensing())
    expect(asked[0]!.keys).toEqual({ customers: ['old'] })
    expect(await its.store.partitions.keys('customers')).toEqual(['acme'])
    const [made] = await its.store.assets.history('external')
    expect(made).toMatchObject({ dataVersion: 'v7', kind: 'materialization', value: null })
    expect(await its.store.runs.get(made!.run)).toMatchObject({
      state: 'succeeded',
      title: 'reported by files',
      cause: { by: 'sensor', name: 'files' },
    })
    expect(await ticks()).toMatchObject([{ outcome: 'launched', reason: '1 reported, 2 partition keys changed' }])
  })
})

describe('on what happens', () => {
  /** A run that ends as it is told. */
  const runs = async (name: string, state: 'succeeded' | 'failed', cause?: object) => {
    const made = newRun({
      target: { kind: 'flow', name },
      params: null,
      entry: null,
      now: its.now,
      ...(cause && { cause: cause as never }),
    })
    await claimRun(its.store, made, 'test', null, its.now)
    const error = state === 'failed' ? { name: 'Error', code: 'STEP_FAILED', message: 'no' } : null
    await its.store.commit([{ change: 'run.end', run: made.id, epoch: 1, state, error, result: null, at: its.now }])
    return made.id
  }

  test('runs that failed, of one flow, each once, the oldest first', async () => {
    await its.deploy([sensor('on-failure', { targets: [sync], on: { runs: 'failed', of: [sync] } }, () => ({}))])
    answers(() => ({ runs: [run()] }))
    const sensing = its.sensing()
    await settle(sensing)
    expect(asked).toEqual([])
    await runs('sync', 'succeeded')
    await runs('other', 'failed')
    const failed = [await runs('sync', 'failed'), await runs('sync', 'failed')]
    await settle(sensing)
    its.now += 2_000
    await settle(sensing)
    expect(asked.map(({ events }) => events.map((one) => (one as { run: string }).run))).toEqual([failed])
    expect(asked[0]!.events[0]).toMatchObject({ moment: 'failed', name: 'sync', error: { message: 'no' } })
    const last = await its.store.events.last()
    expect((await state('on-failure')).after).toBeGreaterThan(0)
    expect((await state('on-failure')).after).toBeLessThanOrEqual(last)
  })

  test('not of its own runs, unless it says so', async () => {
    await its.deploy([sensor('all', { targets: [sync], on: { runs: ['failed', 'succeeded'] } }, () => ({}))])
    answers(() => ({ runs: [] }))
    const sensing = its.sensing()
    await settle(sensing)
    await runs('sync', 'failed', { by: 'sensor', name: 'all' })
    const other = await runs('sync', 'succeeded')
    await settle(sensing)
    expect(asked.flatMap(({ events }) => events.map((one) => (one as { run: string }).run))).toEqual([other])
  })

  test('several assets, when one of them is made; what failed is seen again', async () => {
    const [a, b] = [asset('a', () => 1), asset('b', () => 1)]
    await its.deploy([a, b, sensor('made', { targets: [sync], on: { assets: [a, b] } }, () => ({}))])
    const make = async (name: string) => {
      const made = newRun({
        target: { kind: 'assets', selection: name, assets: [name], partitions: null },
        params: null,
        entry: null,
        now: its.now,
      })
      await claimRun(its.store, made, 'test', null, its.now)
      const materialization = {
        id: 0,
        kind: 'materialization',
        asset: name,
        partition: null,
        run: made.id,
        step: 1,
        attempt: 1,
        at: its.now,
        value: null,
        dataVersion: `v-${name}`,
        codeVersion: null,
        inputVersions: {},
        metadata: {},
      } as const
      await its.store.commit([{ change: 'asset.record', epoch: 1, materialization }])
    }
    const sensing = its.sensing()
    answers(() => {
      throw new Error('not now')
    })
    await settle(sensing)
    await make('a')
    await make('c')
    await make('b')
    await settle(sensing)
    its.now += 60_000
    answers(() => ({ runs: [run()] }))
    await settle(sensing)
    const seen = asked.map(({ events }) => events.map((one) => (one as { asset: string }).asset))
    expect(seen).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
    expect(asked[1]!.events[1]).toMatchObject({ moment: 'materialized', asset: 'b', dataVersion: 'v-b' })
    expect((await ticks()).map(({ outcome }) => outcome)).toEqual(['failed', 'launched'])
  })
})
