import type { LimitClaim } from '@sluice/core'
import { expect, test } from 'vitest'
import { claim, create, deliver, drop, end, id, ok, queued, running, terms, type WithStore } from './rows.ts'

const names = (candidates: readonly { readonly run: string }[]) => candidates.map(({ run }) => Number(run.slice(1)))
const requeue = (nth: number, epoch = 1, until: number | null = null) =>
  ({ change: 'run.requeue', run: id(nth), epoch, until, at: 2000 }) as const
const one = { name: 'db', key: null, options: { atOnce: 1 } } as const

export function queue(the: WithStore): void {
  const next = async (limit = 10, pool = 'default') => names(await the().queue.next(pool, limit))

  test('only a run with terms stands in the queue, and its columns come back', async () => {
    const cause = { by: 'schedule', name: 'nightly', scheduledFor: 5 } as const
    await the().commit([create(1), queued(2, { priority: 3 }, { job: 'eu', cause, owners: ['team:data'] })])
    expect(await the().queue.next('default', 10)).toEqual([
      { run: id(2), epoch: 0, pool: 'default', priority: 3, job: 'eu', location: 'main', codeVersion: null },
    ])
    expect(await the().runs.get(id(2))).toMatchObject({
      job: 'eu',
      terms: terms({ priority: 3 }),
      cause,
      owners: ['team:data'],
    })
    expect(names((await the().runs.list({ owner: 'team:data' })).map(({ id: run }) => ({ run })))).toEqual([2])
  })

  test('by pool and priority, then the job that was served longest ago, then age', async () => {
    const a = { job: 'a' }
    await the().commit([
      ...[1, 2, 3, 4].map((nth) => queued(nth, {}, a)),
      queued(5, {}, { job: 'b' }),
      queued(6, { priority: 1 }, a),
      queued(7, { pool: 'gpu' }, a),
    ])
    expect(await next()).toEqual([6, 1, 5, 2, 3, 4])
    expect(await next(3)).toEqual([6, 1, 5])
    expect(await next(10, 'gpu')).toEqual([7])
    expect(await the().commit([deliver(6), deliver(1)])).toEqual([ok, ok])
    expect(await next()).toEqual([5, 2, 3, 4])
    expect(await the().queue.ahead(id(4))).toBe(2)
  })

  test('with a thousand of one job waiting, another job is among the next two', async () => {
    await the().commit(Array.from({ length: 1000 }, (_, nth) => queued(nth, {}, { job: 'a' })))
    await the().commit([deliver(0)])
    await the().commit([queued(2000, {}, { job: 'b' })])
    expect(await next(2)).toContain(2000)
    await the().commit([deliver(2000), deliver(1)])
    expect(await next(2)).toEqual([2, 3])
  })

  test('delivered, claimed, ended: out of the queue, and the slot of the pool is free again', async () => {
    await the().commit([queued(1), queued(2)])
    expect(await the().commit([deliver(1, 1), deliver(1, 1), deliver(2, 1)])).toEqual([ok, ok, drop('LIMIT_FULL')])
    expect(await the().runs.get(id(1))).toMatchObject({ state: 'starting', owner: null })
    expect((await the().runs.get(id(2)))?.waitingFor).toEqual({
      for: 'turn',
      limit: 'pool:default',
      since: 1200,
      holders: [id(1)],
    })
    expect(names(await the().queue.delivered('default', 5))).toEqual([1])
    expect(names(await the().queue.unclaimed(1200))).toEqual([])
    expect(names(await the().queue.unclaimed(1201))).toEqual([1])
    expect(await the().commit([claim(id(1))])).toEqual([ok])
    expect(await the().queue.delivered('default', 5)).toEqual([])
    expect(await the().slots.held({})).toEqual([
      { name: 'pool:default', key: null, run: id(1), step: 0, takenAt: 1200 },
    ])
    await the().commit([end(id(1), 1, 'succeeded')])
    expect(await the().slots.held({})).toEqual([])
    expect(await next()).toEqual([2])
    expect(await the().commit([deliver(2, 1)])).toEqual([ok])
  })

  test('a limit that is full blocks, says who holds it, and wakes the first in line', async () => {
    const limits = [one]
    await the().commit([queued(1, { limits }), queued(2, { limits }), queued(3, { limits, priority: 1 }), queued(4)])
    expect(await the().commit([deliver(1), deliver(2), deliver(3), deliver(4)])).toEqual([
      ok,
      drop('LIMIT_FULL'),
      drop('LIMIT_FULL'),
      ok,
    ])
    expect((await the().runs.get(id(2)))?.waitingFor).toEqual({
      for: 'turn',
      limit: 'db',
      since: 1200,
      holders: [id(1)],
    })
    expect(await next()).toEqual([])
    expect(await the().slots.summary()).toEqual([
      { name: 'db', key: null, held: 1, waiting: 2 },
      { name: 'pool:default', key: null, held: 2, waiting: 0 },
    ])
    expect((await the().slots.summary({ pools: false })).map(({ name }) => name)).toEqual(['db'])
    expect((await the().slots.summary({ names: ['pool:default', 'x'] })).map(({ held }) => held)).toEqual([2])
    expect(await the().slots.summary({ names: [] })).toEqual([])
    await the().commit([claim(id(1)), end(id(1), 1, 'failed')])
    expect(await next()).toEqual([3])
  })

  test('limits are taken all or none, and each key counts by itself', async () => {
    const of = (key: string | null) => ({ ...one, key })
    await the().commit([
      queued(1, { limits: [of('a')] }),
      queued(2, { limits: [of('b'), of('a')] }),
      queued(3, { limits: [of('b')] }),
    ])
    expect(await the().commit([deliver(1), deliver(2), deliver(3)])).toEqual([ok, drop('LIMIT_FULL'), ok])
    expect((await the().runs.get(id(2)))?.waitingFor).toMatchObject({ limit: 'db', key: 'a' })
    const after = { name: 'db', key: 'a' }
    expect(await the().slots.summary({ limit: 1 })).toMatchObject([{ name: 'db', key: 'a', held: 1, waiting: 1 }])
    expect(await the().slots.summary({ after, limit: 1 })).toMatchObject([{ name: 'db', key: 'b', held: 1 }])
  })

  test('a rate lets as many through as it has tokens, and says when the next one comes', async () => {
    const limits = [{ name: 'api', key: null, options: { rate: '2/m' } }] as const
    await the().commit([1, 2, 3].map((nth) => queued(nth, { limits })))
    expect(await the().commit([1, 2, 3].map((nth) => deliver(nth, 10, 60_000)))).toEqual([ok, ok, drop('LIMIT_FULL')])
    expect((await the().runs.get(id(3)))?.waitingFor).toMatchObject({ for: 'turn', limit: 'api', until: 90_000 })
    expect(await the().queue.nextDue()).toBe(90_000)
    await the().commit([{ change: 'queue.due', at: 89_999 }])
    expect(await next()).toEqual([])
    await the().commit([{ change: 'queue.due', at: 90_000 }])
    expect(await the().commit([deliver(3, 10, 90_000)])).toEqual([ok])
  })

  test('full: skip ends the run, cancel-oldest asks the oldest to stop', async () => {
    const skip = [{ ...one, options: { atOnce: 1, full: 'skip' } }] as const
    const oldest = [{ ...one, name: 'latest', options: { atOnce: 1, full: 'cancel-oldest' } }] as const
    await the().commit([
      queued(1, { limits: skip }),
      queued(2, { limits: skip }),
      queued(3, { limits: oldest }),
      queued(4, { limits: oldest }),
      deliver(1),
      deliver(2),
      deliver(3),
      claim(id(3)),
    ])
    await the().commit([deliver(4)])
    expect(await the().runs.get(id(2))).toMatchObject({ state: 'canceled', error: { code: 'LIMIT_FULL' } })
    expect(await the().runs.get(id(3))).toMatchObject({ state: 'canceling' })
    await the().commit([end(id(3), 1, 'canceled')])
    expect(await next()).toEqual([4])
  })

  test('a run that waits for a time, one that is put back, one that is canceled', async () => {
    await the().commit([
      queued(1, {}, { waitingFor: { for: 'time', until: 5000 } }),
      queued(2),
      queued(3),
      deliver(2),
      claim(id(2)),
      deliver(3),
    ])
    expect(await next()).toEqual([])
    await the().commit([requeue(2), { change: 'run.cancel', run: id(3), at: 2000 }])
    expect(await next()).toEqual([2])
    expect(await the().slots.held({})).toEqual([])
    expect(await the().runs.get(id(3))).toMatchObject({ state: 'canceled' })
    await the().commit([{ change: 'queue.due', at: 5000 }])
    expect(await next()).toEqual([1, 2])
    expect(await the().commit([{ ...requeue(2), epoch: 9 }])).toEqual([drop('STALE_EPOCH')])
    expect(await the().queue.counts()).toEqual([{ pool: 'default', state: 'ready', count: 2 }])
  })

  test('a retry waits for its delay with what it adopts; another under the same word is nothing', async () => {
    const before = await running(the(), 1)
    await the().commit([end(before, 1, 'failed')])
    const retry = (nth: number) => {
      const cause = { by: 'retry', name: before, retry: 2 } as const
      const its = { max: 3, delay: ['1s', '1m'], jitter: 0.5, from: 'failure' } as const
      const run = { cause, retryOf: before, waitingFor: { for: 'retry', until: 5000 } } as const
      return [
        { ...queued(nth, { runRetries: its }, run), once: { scope: 'retry', key: before } } as never,
        { change: 'run.adopt', run: id(nth), epoch: 0, from: before } as const,
      ]
    }
    expect(await the().commit([retry(2), retry(3)])).toEqual([ok, drop('RUN_UNKNOWN')])
    expect(await the().runs.get(id(2))).toMatchObject({
      cause: { by: 'retry', name: before, retry: 2 },
      terms: { runRetries: { max: 3, delay: ['1s', '1m'], jitter: 0.5, from: 'failure' } },
      waitingFor: { for: 'retry', until: 5000 },
    })
    expect(await the().runs.get(id(3))).toBeNull()
    expect([await next(), await the().queue.nextDue()]).toEqual([[], 5000])
    await the().commit([{ change: 'queue.due', at: 4999 }])
    expect(await next()).toEqual([])
    await the().commit([{ change: 'queue.due', at: 5000 }])
    expect(await next()).toEqual([2])
  })

  test('a second launch with the same word launches nothing', async () => {
    const once = { scope: 'api', key: 'k' }
    const launch = (nth: number) => ({ ...queued(nth), once }) as never
    expect(await the().commit([launch(1)])).toEqual([ok])
    expect(await the().commit([launch(2)])).toEqual([ok])
    expect(await the().runs.once('api', 'k')).toBe(id(1))
    expect(await the().runs.once('schedule nightly', 'k')).toBeNull()
    expect(await the().runs.get(id(2))).toBeNull()
  })

  test('steps take slots, stand in line, and are granted them in order', async () => {
    const first = await running(the(), 1)
    const second = await running(the(), 2)
    const take = (run: string, step: number) =>
      ({ change: 'slot.take', run, epoch: 1, step, claim: one, at: 10 }) as const
    const free = (run: string, step: number) => ({ change: 'slot.free', run, epoch: 1, step }) as const
    expect(await the().commit([take(first, 1), take(first, 1), take(first, 2), take(second, 1)])).toEqual([
      ok,
      ok,
      drop('LIMIT_FULL'),
      drop('LIMIT_FULL'),
    ])
    await the().commit([free(first, 1)])
    expect(await the().slots.granted(first, [1, 2])).toEqual([2])
    expect(await the().commit([take(first, 2)])).toEqual([ok])
    expect(await the().slots.granted(second, [1])).toEqual([])
    // What a run holds and waits for goes with it.
    await the().commit([end(first, 1, 'failed')])
    expect(await the().slots.granted(second, [1])).toEqual([1])
    expect(await the().commit([{ ...take(second, 3), epoch: 0 }])).toEqual([drop('STALE_EPOCH')])
  })

  test('a run that waits for the end of another is ready when it has ended, however it ended', async () => {
    const parent = id(1)
    await the().commit([queued(1), deliver(1), claim(parent), queued(2), queued(3), { ...requeue(1), child: id(2) }])
    expect(await the().runs.get(parent)).toMatchObject({ state: 'waiting', waitingFor: { for: 'child', run: id(2) } })
    expect(await next()).toEqual([2, 3])
    expect(await the().slots.summary()).toEqual([])
    await the().commit([{ change: 'run.cancel', run: id(3), at: 50 }])
    expect(await next()).toEqual([2])
    await the().commit([{ change: 'run.cancel', run: id(2), at: 60 }])
    expect(await next()).toEqual([1])
    expect(await the().runs.get(parent)).toMatchObject({ waitingFor: { for: 'worker' }, resumes: 0 })
    // One that has ended already is not waited for.
    await the().commit([claim(parent, 1), { ...requeue(1, 2), child: id(2) }])
    expect(await next()).toEqual([1])
  })

  test('several slots at once, one limit given back and not another, and who stands in line', async () => {
    const run = await running(the(), 1)
    const three = { name: 'three', key: 'a', options: { atOnce: 3 } } as const
    const take = (step: number, count: number, claim: LimitClaim = three) =>
      ({ change: 'slot.take', run, epoch: 1, step, claim, count, at: 10 + step }) as const
    expect(await the().commit([take(1, 2), take(1, 1, one), take(2, 2), take(3, 1)])).toEqual([
      ok,
      ok,
      drop('LIMIT_FULL'),
      drop('LIMIT_FULL'),
    ])
    expect(await the().slots.waiting({ name: 'three', key: 'a' })).toEqual([
      { name: 'three', key: 'a', run, step: 2 },
      { name: 'three', key: 'a', run, step: 3 },
    ])
    const free = { change: 'slot.free', run, epoch: 1, step: 1, limit: { name: 'three', key: 'a' }, at: 50 } as const
    await the().commit([free])
    expect(await the().slots.granted(run, [2, 3])).toEqual([2, 3])
    expect(await the().slots.held({ name: 'three', key: 'a' })).toMatchObject([{ takenAt: 50 }, { takenAt: 50 }])
    expect(await the().slots.held({ name: one.name })).toMatchObject([{ run, step: 1 }])
    expect((await the().slots.summary()).find(({ name }) => name === 'three')).toMatchObject({ held: 3, waiting: 0 })
    // Who leaves the line makes room for who is behind.
    await the().commit([take(4, 3), take(5, 1), { ...free, step: 2 }])
    expect(await the().slots.granted(run, [5])).toEqual([])
    await the().commit([{ ...free, step: 4 }])
    expect(await the().slots.granted(run, [5])).toEqual([5])
  })

  test('a step whose limit says to skip does not stand in line', async () => {
    const run = await running(the(), 1)
    const claim = { name: 'skipping', key: null, options: { atOnce: 1, full: 'skip' } } as const
    const take = (step: number) => ({ change: 'slot.take', run, epoch: 1, step, claim, at: 10 }) as const
    expect(await the().commit([take(1), take(2)])).toEqual([ok, drop('LIMIT_FULL')])
    expect(await the().slots.waiting({})).toEqual([])
  })
}
