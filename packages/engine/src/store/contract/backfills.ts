import type { Backfill } from '@sluice/core'
import { expect, test } from 'vitest'
import { claim, create, deliver, drop, id, ok, queued, type WithStore } from './rows.ts'

const backfill = (nth: number, over: Partial<Backfill> = {}): Backfill => ({
  id: `b${String(nth).padStart(20, '0')}`,
  location: 'main',
  state: 'running',
  version: 0,
  plan: {
    target: 'sales+',
    partitions: 'all',
    policy: { keys: 3 },
    concurrency: 2,
    job: null,
    tags: { team: 'data' },
    at: { now: 1000, dynamic: { customers: ['acme', 'zoë'] } },
    parts: [
      {
        assets: ['sales'],
        spec: { kind: 'dynamic', name: 'customers' },
        set: [{ from: 0, to: 2, rest: true }],
        after: [{ part: 0, mapping: { kind: 'slice', by: -1 }, soft: false }],
        terms: null,
        owners: ['team:data'],
        steps: 1,
        expected: 1200,
      },
    ],
  },
  progress: {
    parts: [{ asked: [{ from: 0, to: 1, rest: true }], done: [], failed: [], slices: 0, busy: 0 }],
    open: [id(1)],
    runs: 0,
    covered: 0,
    lastEnd: 0,
  },
  createdAt: 1000,
  endedAt: null,
  ...over,
})

export function backfills(the: WithStore): void {
  const first = backfill(1)
  const { progress } = first
  const made = (one: Backfill) => ({ change: 'backfill.create', backfill: one }) as const
  const decide = (from: number, over: object = {}) =>
    ({
      change: 'backfill.decide',
      backfill: first.id,
      from,
      state: 'running',
      progress,
      endedAt: null,
      at: 77,
      ...over,
    }) as const

  test('one is kept as it was made, and found by the beginning of its id', async () => {
    expect(await the().commit([made(first), made({ ...first, location: 'other' }), made(backfill(2))])).toEqual([
      ok,
      ok,
      ok,
    ])
    expect(await the().backfills.find(first.id)).toEqual(first)
    expect(await the().backfills.find(first.id.slice(0, 5))).toBeNull()
    expect((await the().backfills.find('latest'))?.id).toBe(backfill(2).id)
    expect(await the().backfills.find('')).toBeNull()
  })

  test('who decides on what has moved decides nothing, and makes no run', async () => {
    await the().commit([made(first)])
    const more = { ...progress, runs: 7, open: [] }
    expect(await the().commit([[decide(0, { progress: more }), create(1)]])).toEqual([ok])
    expect(await the().commit([[decide(0), create(2)], { ...decide(0), backfill: 'bother' }])).toEqual([
      drop('WATERMARK_MOVED'),
      drop('NAME_UNKNOWN'),
    ])
    expect(await the().runs.get(id(2))).toBeNull()
    expect(await the().backfills.find(first.id)).toEqual({ ...first, version: 1, progress: more })
  })

  test('those that are not over, without their plans; and all of them, newest first', async () => {
    const states = ['paused', 'canceling', 'failed', 'succeeded', 'canceled'] as const
    await the().commit([made(first), ...states.map((state, nth) => made(backfill(nth + 2, { state })))])
    const { plan, ...head } = first
    expect(plan.target).toBe('sales+')
    expect((await the().backfills.active())[0]).toEqual(head)
    expect((await the().backfills.active()).map(({ state }) => state)).toEqual(['running', 'paused', 'canceling'])
    const names = async (q: Parameters<ReturnType<WithStore>['backfills']['list']>[0]) =>
      (await the().backfills.list(q)).map((one) => Number(one.id.slice(1)))
    expect(await names({})).toEqual([6, 5, 4, 3, 2, 1])
    expect(await names({ before: backfill(3).id, limit: 1 })).toEqual([2])
    expect(await names({ states: ['failed', 'running'] })).toEqual([4, 1])
    expect(await names({ states: [] })).toEqual([])
    expect(await the().commit([decide(0, { state: 'failed', endedAt: 9000 })])).toEqual([ok])
    expect((await the().backfills.find(first.id))?.endedAt).toBe(9000)
    await the().commit([decide(1, { state: 'failed', endedAt: 9000 })])
    const told = await the().events.list({ types: ['backfill.changed'] })
    expect(
      told.map(({ at, data }) => [at, data]).filter(([, data]) => (data as { backfill: string }).backfill === first.id),
    ).toEqual([
      [1000, { backfill: first.id, location: 'main', state: 'running' }],
      [77, { backfill: first.id, location: 'main', state: 'failed' }],
    ])
    expect((await the().backfills.active()).map(({ state }) => state)).toEqual(['paused', 'canceling'])
  })

  test('those that are over go when they are old', async () => {
    await the().commit([
      made(first),
      made(backfill(2, { state: 'failed', endedAt: 50 })),
      made(backfill(3, { state: 'failed', endedAt: 150 })),
    ])
    const { ids } = await the().history.old({ of: 'backfills', before: 100, limit: 10 })
    expect(ids).toEqual([backfill(2).id])
    await the().commit([{ change: 'history.forget', of: 'backfills', ids: [...ids, first.id], before: 100 }])
    expect((await the().backfills.list({})).map(({ id: one }) => one)).toEqual([backfill(3).id, first.id])
  })

  test('how many runs are now; a run that somebody has claimed is not taken back', async () => {
    await the().commit([queued(1), queued(2), deliver(2), claim(id(2)), queued(3)])
    const states = await the().runs.states([id(1), id(2), id(9)])
    expect(states.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
      { id: id(1), state: 'waiting', epoch: 0 },
      { id: id(2), state: 'running', epoch: 1 },
    ])
    expect(await the().runs.states([])).toEqual([])
    const back = (nth: number) => ({ change: 'run.cancel', run: id(nth), unstarted: true, at: 50 }) as const
    expect(await the().commit([back(1), [back(3), back(2)], back(1)])).toEqual([
      ok,
      drop('NOT_CLAIMABLE'),
      drop('NOT_CLAIMABLE'),
    ])
    expect((await the().runs.get(id(1)))?.state).toBe('canceled')
    expect((await the().runs.get(id(3)))?.state).toBe('waiting')
  })
}
