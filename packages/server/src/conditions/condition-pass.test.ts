import { type AnyAsset, asset, collect, daily, eager, hourly, onCron, snapshotOf, when } from '@sluice/core'
import { newRun, planBackfill } from '@sluice/engine'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { expectOneDecides } from '../fixtures/looked-once.ts'
import { type Looking, MINUTE, openLooking } from '../fixtures/looking.ts'

let the: Looking
beforeEach(async () => {
  the = await openLooking('2026-01-01T12:00:00Z')
})
afterEach(() => the.close())

const a = asset('a', () => 1)
const below = (name: string, ...deps: readonly AnyAsset[]) => asset(name, { deps, condition: eager() }, () => 1)

describe('a look', () => {
  test('requests what is new, once, in a run that says so', async () => {
    await the.its.deploy([a, below('b', a)])
    await the.look()
    expect(await the.requested()).toEqual([])
    await the.make('a')
    await the.look()
    expect(await the.targets()).toEqual(['b'])
    expect((await the.requested())[0]).toMatchObject({
      cause: { by: 'condition' },
      terms: { location: 'main', pool: 'default' },
    })
    await the.after(MINUTE)
    expect(await the.targets()).toEqual(['b'])
    await the.work()
    await the.after(MINUTE)
    await the.make('a')
    await the.look()
    expect(await the.targets()).toEqual(['b', 'b'])
  })

  test('that finds nothing new reads only how far there are events', async () => {
    await the.its.deploy([a, below('b', a)])
    await the.make('a')
    await the.look()
    await the.work()
    await the.look()
    const before = await the.its.store.conditions.head()
    const { now: _, ...head } = before
    await the.after(MINUTE)
    expect(await the.its.store.conditions.head()).toMatchObject(head)
  })

  test('is decided by one of several servers', async () => {
    await expectOneDecides(the, [the.conditions, the.its.conditions(), the.its.conditions()])
  })

  test('goes on where a server was that is gone, and forgets nothing that happened meanwhile', async () => {
    await the.its.deploy([a, below('b', a)])
    await the.make('a')
    await the.look()
    await the.work()
    await the.look()
    the.its.now += MINUTE
    await the.make('a')
    the.conditions = the.its.conditions()
    await the.look()
    expect(await the.targets()).toEqual(['b', 'b'])
    const third = the.its.conditions()
    await the.look(third)
    expect(await the.targets()).toEqual(['b', 'b'])
  })

  test('what is updated while a request is under way is not lost', async () => {
    await the.its.deploy([a, below('b', a)])
    await the.make('a')
    await the.look()
    const [run] = await the.waiting()
    await the.worker.begin(run!)
    the.its.now += 1000
    await the.make('a')
    await the.look()
    expect(await the.targets()).toEqual(['b'])
    await the.worker.finish(run!)
    await the.look()
    expect(await the.targets()).toEqual(['b', 'b'])
  })

  test('one run of both is no reason to make the second again', async () => {
    await the.its.deploy([a, below('b', a)])
    await the.look()
    await the.make('a', 'b')
    await the.look()
    expect(await the.targets()).toEqual([])
  })

  test('a deploy with another condition counts from now on, and one without it forgets', async () => {
    await the.its.deploy([a, asset('b', { deps: [a] }, () => 1)])
    await the.make('a')
    await the.look()
    await the.its.deploy([a, below('b', a)])
    the.conditions.changed()
    await the.look()
    expect(await the.targets()).toEqual(['b'])
    await the.its.deploy([a, asset('b', { deps: [a] }, () => 1)])
    the.conditions.changed()
    await the.look()
    expect(await the.its.store.conditions.states(0)).toEqual([])
  })
})

describe('time', () => {
  test('a cron that ticks wakes who asks for it', async () => {
    const b = asset('b', { condition: onCron('0 * * * *') }, () => 1)
    await the.its.deploy([b])
    await the.look()
    await the.after(59 * MINUTE)
    expect(await the.targets()).toEqual([])
    await the.after(2 * MINUTE)
    expect(await the.targets()).toEqual(['b'])
    await the.after(30 * MINUTE)
    expect(await the.targets()).toEqual(['b'])
  })

  test('a cron that ticked while no server was there counts once', async () => {
    const b = asset('b', { condition: onCron('0 * * * *') }, () => 1)
    await the.its.deploy([b])
    await the.look()
    the.its.now += 5 * 60 * MINUTE
    the.conditions = the.its.conditions()
    await the.look()
    expect(await the.targets()).toEqual(['b'])
  })

  test('a new slice by the clock is requested when it is there', async () => {
    const b = asset('b', { partitions: hourly({ start: '2026-01-01T10:00' }), condition: eager() }, () => 1)
    await the.its.deploy([b])
    await the.look()
    await the.after(60 * MINUTE)
    expect(await the.targets()).toEqual(['b 2026-01-01-11:00', 'b 2026-01-01-12:00'])
  })

  test('what failed is requested again after its delay, so many times', async () => {
    const b = asset('b', { deps: [a], condition: eager({ retry: { max: 2, delay: '10m' } }) }, () => 1)
    await the.its.deploy([a, b])
    await the.make('a')
    const fail = async () => {
      const [run] = await the.waiting()
      await the.worker.begin(run!)
      await the.worker.fail(run!)
      await the.look()
    }
    await the.look()
    await fail()
    await the.after(9 * MINUTE)
    expect(await the.targets()).toHaveLength(1)
    the.conditions = the.its.conditions()
    await the.look()
    await the.after(2 * MINUTE)
    expect(await the.targets()).toHaveLength(2)
    await fail()
    await the.after(15 * MINUTE)
    expect(await the.targets()).toHaveLength(2)
    await the.after(6 * MINUTE)
    expect(await the.targets()).toHaveLength(3)
    await fail()
    await the.after(24 * 60 * MINUTE)
    expect(await the.targets()).toHaveLength(3)
  })

  test('what is always so is requested once at a time, and not at once when it fails', async () => {
    await the.its.deploy([asset('b', { condition: when.missing() }, () => 1)])
    await the.look()
    await the.after(60 * MINUTE)
    expect(await the.targets()).toHaveLength(1)
    const [run] = await the.waiting()
    await the.worker.begin(run!)
    await the.worker.fail(run!)
    await the.look()
    expect(await the.targets()).toHaveLength(2)
    const [second] = await the.waiting()
    await the.worker.begin(second!)
    await the.worker.fail(second!)
    await the.after(1_000)
    expect(await the.targets()).toHaveLength(2)
    await the.after(10_000)
    expect(await the.targets()).toHaveLength(3)
  })
})

describe('pauses', () => {
  test('what is paused is not looked at, over a deploy, and what happened meanwhile is not made up for', async () => {
    await the.its.deploy([a, below('b', a), below('c', a)])
    await the.make('a')
    await the.look()
    await the.work()
    await the.look()
    const pause = async (entity: string, paused: boolean | null) => {
      await the.its.store.commit([{ change: 'conditions.pause', entity, paused }])
      the.conditions.changed()
      await the.look()
    }
    await pause('b', true)
    the.its.now += MINUTE
    await the.make('a')
    await the.look()
    expect((await the.waiting()).map(({ name }) => name)).toEqual(['c'])
    await the.work()
    await the.its.deploy([a, below('b', a), below('c', a)])
    await pause('', true)
    await pause('b', null)
    the.its.now += MINUTE
    await the.make('a')
    await the.look()
    expect(await the.waiting()).toEqual([])
    await pause('', null)
    expect(await the.waiting()).toEqual([])
    the.its.now += MINUTE
    await the.make('a')
    await the.look()
    expect((await the.waiting()).map(({ name }) => name)).toEqual(['b', 'c'])
  })
})

describe('trees', () => {
  test('are kept where something is requested or is other than before', async () => {
    await the.its.deploy([a, below('b', a)])
    await the.look()
    const trees = () => the.its.store.conditions.evaluations({ entity: 'b' })
    expect(await trees()).toMatchObject([{ requested: false, run: null, tree: { label: 'eager' } }])
    await the.make('a')
    await the.look()
    const [run] = await the.requested()
    expect((await trees()).find((one) => one.run !== null)).toMatchObject({ requested: true, run: run!.id })
    const { length } = await trees()
    await the.after(MINUTE)
    expect(await trees()).toHaveLength(length)
  })
})

test('what a backfill is to make is not requested besides, and when it is over it is', async () => {
  const days = daily({ start: '2025-12-31', end: '2026-01-01' })
  const up = asset('up', { partitions: days }, () => 1)
  const down = asset('down', { partitions: days, deps: [up], pool: 'other', condition: eager() }, () => 1)
  await the.its.deploy([up, down])
  await the.look()
  const { store } = the.its
  const request = { target: 'key:up+', partition: 'all' }
  const snapshot = snapshotOf(collect([up, down]))
  const { backfill } = await planBackfill({ store, location: 'main', snapshot, request, now: the.its.now })
  await store.commit([{ change: 'backfill.create', backfill }])
  const target = { kind: 'assets', selection: 'up', assets: ['up'], partitions: ['2025-12-31'] } as const
  const run = newRun({ target, params: null, entry: null, now: the.its.now })
  await store.commit([{ change: 'run.create', run }])
  await the.worker.begin(run)
  await the.worker.finish(run, new Set(['up']))
  await the.look()
  await the.after(MINUTE)
  expect(await the.targets()).toEqual([])
  const { progress, version: from } = (await store.backfills.find(backfill.id))!
  await store.commit([
    {
      change: 'backfill.decide',
      backfill: backfill.id,
      from,
      state: 'canceled',
      progress,
      endedAt: 1,
      at: the.its.now,
    },
  ])
  await the.look()
  expect(await the.targets()).toEqual(['down 2025-12-31'])
})
