import {
  asset,
  assets,
  type Backfill,
  collect,
  daily,
  flow,
  isTerminalRun,
  job,
  oneOf,
  output,
  self,
  sets,
  snapshotOf,
  timeLeft,
} from '@sluice/core'
import { type BackfillRequest, type Store, actOnBackfill, changeConcurrency, planBackfill } from '@sluice/engine'
import { openSqliteInProcess } from '@sluice/storage'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { anAssetStep } from '../fixtures/an-asset-step.ts'
import { expectEachOnce } from '../fixtures/backfilled.ts'
import { ends } from '../fixtures/retried.ts'
import { retryPass } from '../runs/retry-pass.ts'
import { openBackfillPass } from './backfill-pass.ts'
import type { JobParams } from './with-params.ts'

const days = daily({ start: '2026-01-01', end: '2026-01-11' })
const raw = asset('raw', { partitions: days }, () => 1)
const clean = asset('clean', { partitions: days, pool: 'heavy', inputs: { raw } }, () => 1)
const total = asset('total', { inputs: { clean } }, () => 1)
const trend = asset('trend', { partitions: days, inputs: { before: self<number>().at(-1) } }, () => 1)
const many = asset('many', { partitions: oneOf(Array.from({ length: 5_000 }, (_, n) => `k${n}`)) }, () => 1)
const first = asset('first', { partitions: days }, () => 1)
const second = asset('second', { partitions: days, inputs: { first } }, () => 1)
const flaky = asset('flaky', { partitions: days, runRetries: 1 }, () => 1)
const outputs = { left: output<number>('left'), right: output<number>('right') }
const pair = assets('pair', { partitions: days, outputs }, () => ({ left: 1, right: 2 }))
const load = flow('load', { params: z.object({ day: z.string() }) }, ({ day }) => day)
const loads = job('loads', { target: load, partitions: days, delay: '1m', params: ({ key }) => ({ day: key }) })
const snapshot = snapshotOf(
  collect([raw, clean, total, trend, many, flaky, first, second, pair.left, pair.right, load, loads]),
)
/** What a worker would say: the params of a slice; `null` where there is none. */
let says: ((partition: string) => unknown) | null
const code: JobParams = {
  has: async () => says !== null,
  ask: async (_location, _job, run, partition) => says && { ...run, params: JSON.stringify(says(partition)) },
}

let store: Store
let time: number
let pass: () => Promise<number>
let id: string
beforeEach(async () => {
  store = await openSqliteInProcess(':memory:')
  time = Date.parse('2026-02-01T00:00:00Z')
  says = (day) => ({ day })
  pass = openBackfillPass({ store, now: () => time, code })
})
afterEach(() => store.close())

async function create(target: string, more: Partial<BackfillRequest> = {}): Promise<Backfill> {
  const request = { target, partition: 'all', ...more }
  const { backfill } = await planBackfill({ store, location: 'main', snapshot, request, now: time++ })
  await store.commit([{ change: 'backfill.create', backfill }])
  id = backfill.id
  return backfill
}
const settle = async () => {
  while ((await pass()) > 0);
}
const its = async () => (await store.backfills.find(id))!
const runs = async () => (await store.runs.list({ limit: 1000 })).toReversed()
const open = async () => (await runs()).filter(({ state }) => !isTerminalRun(state))
const made = async () =>
  (await open()).map(({ target }) =>
    target.kind === 'assets' ? `${target.assets} ${target.partitions?.map((key) => key.slice(-2)) ?? 'whole'}` : '',
  )
const act = async (action: Parameters<typeof actOnBackfill>[1]) => {
  const change = actOnBackfill(await its(), action, time)
  return change && (await store.commit([change]))[0]
}
type End = Parameters<typeof ends>[2]
/** Ends those that are open, and lets the backfill go on. */
const endAll = async (state: (what: string) => End = () => 'succeeded') => {
  for (const run of await open())
    await ends(
      store,
      run,
      state(run.target.kind === 'assets' ? `${run.target.assets} ${run.target.partitions}` : ''),
      (time += 1000),
    )
  await settle()
}
const done = async () => (await its()).progress.parts.map((part) => [part.done, part.failed].map(sets.countOf))

test('by dependency, each run with its tag and what it is of; and over when all is made', async () => {
  await create('key:raw+', {
    partition: '2026-01-01..2026-01-03',
    tags: { why: 'test' },
    priority: -5,
    concurrency: 2,
  })
  await settle()
  expect(await made()).toEqual(['raw 01', 'raw 02', 'raw 03'])
  expect((await runs())[0]).toMatchObject({
    tags: { why: 'test', 'sluice/backfill': id },
    cause: { by: 'backfill', name: id },
    terms: { pool: 'default', priority: -5, limits: [{ name: `backfill ${id}`, options: { atOnce: 2 } }] },
  })
  await endAll()
  expect([await made(), (await open())[0]!.terms?.pool]).toEqual([['clean 01', 'clean 02', 'clean 03'], 'heavy'])
  await endAll()
  expect(await made()).toEqual(['total whole'])
  await endAll()
  expect(await its()).toMatchObject({ state: 'succeeded', progress: { open: [], runs: 7 } })
  expect((await its()).endedAt).not.toBeNull()
  await settle()
  expect(await runs()).toHaveLength(7)
})

test('of slices that need the one before, one at a time', async () => {
  await create('trend', { partition: '2026-01-02..2026-01-04' })
  for (const key of ['02', '03', '04']) {
    await settle()
    expect(await made()).toEqual([`trend ${key}`])
    await endAll()
  }
  expect((await its()).state).toBe('succeeded')
})

test('a failure holds back what needs it; a retry makes only that', async () => {
  await create('key:raw+', { partition: '2026-01-01..2026-01-03' })
  await settle()
  await endAll((what) => (what === 'raw 2026-01-02' ? 'failed' : 'succeeded'))
  expect(await made()).toEqual(['clean 01', 'clean 03'])
  await endAll()
  expect([(await its()).state, await done()]).toEqual([
    'failed',
    [
      [2, 1],
      [2, 0],
      [0, 0],
    ],
  ])
  expect(await act('retry')).toEqual({ ok: true })
  await settle()
  expect(await made()).toEqual(['raw 02'])
  await endAll()
  await endAll()
  await endAll()
  expect([(await its()).state, (await runs()).length]).toEqual(['succeeded', 3 + 2 + 1 + 1 + 1])
  await expect(act('retry')).rejects.toMatchObject({ code: 'CONFLICT' })
})

test('a retry makes what failed, and keeps what succeeded above it in the same run', async () => {
  await create('key:first+', { partition: '2026-01-01' })
  await settle()
  const [run] = await open()
  expect(await made()).toEqual(['first,second 01'])
  const its = { run: run!.id, at: time }
  await store.commit([{ change: 'run.claim', ...its, from: 0, owner: 'w', codeVersion: null }])
  for (const [n, name] of ['first', 'second'].entries())
    await store.commit([
      {
        change: 'step.record',
        epoch: 1,
        step: anAssetStep(run!.id, n + 1, { name, key: '2026-01-01', state: n === 0 ? 'succeeded' : 'failed' }),
      },
    ])
  await store.commit([{ change: 'run.end', ...its, epoch: 1, state: 'failed', error: null, result: null }])
  await settle()
  await act('retry')
  await settle()
  const [again] = await open()
  expect([again!.retryOf, again!.target]).toEqual([run!.id, run!.target])
  expect((await store.steps.list(again!.id)).map(({ name, state }) => [name, state])).toEqual([['first', 'succeeded']])
})

test('a run that is tried again by itself is waited for', async () => {
  await create('flaky', { partition: '2026-01-01' })
  await settle()
  const [first] = await open()
  await ends(store, first!, 'failed', (time += 1000))
  await settle()
  expect(await its()).toMatchObject({ state: 'running', progress: { open: [first!.id] } })
  await store.commit([{ change: 'cursor.move', name: 'run-retries', from: null, to: 0 }])
  await retryPass({ store, now: () => time })
  await settle()
  const [second] = await open()
  expect((await its()).progress.open).toEqual([second!.id])
  await endAll()
  expect([(await its()).state, await done()]).toEqual(['succeeded', [[1, 0]]])
})

describe('of a run of many keys that failed, what it made counts', () => {
  test.each([
    ['all but one', 'raw', (key: string) => key !== '2026-01-02', [2, 1]],
    ['none', 'raw', () => false, [0, 3]],
    ['of what one step makes together', 'key:left or key:right', (key: string) => key !== '2026-01-02', [2, 1]],
  ])('%s', async (_, target, isMade, expected) => {
    await create(target, { partition: '2026-01-01..2026-01-03', policy: { keys: 'all' } })
    await settle()
    const [run] = await open()
    await store.commit([{ change: 'run.claim', run: run!.id, from: 0, owner: 'w', at: time, codeVersion: null }])
    for (const [n, key] of ['2026-01-01', '2026-01-02', '2026-01-03'].entries())
      await store.commit([
        {
          change: 'step.record',
          epoch: 1,
          step: anAssetStep(run!.id, n + 1, {
            ...(target === 'raw' ? { name: 'raw' } : { name: 'pair', kind: 'assets' }),
            key,
            state: isMade(key) ? 'succeeded' : 'failed',
          }),
        },
      ])
    await store.commit([
      { change: 'run.end', run: run!.id, epoch: 1, state: 'failed', error: null, result: null, at: (time += 1000) },
    ])
    await settle()
    expect([(await its()).state, await done()]).toEqual(['failed', [expected]])
    await act('retry')
    await settle()
    expect((await made())[0]).toMatch(expected[1] === 1 ? / 02$/ : / 01,02,03$/)
  })
})

test('pause takes back what has not started, what goes on ends; resume goes on', async () => {
  await create('raw')
  await settle()
  const [first] = await open()
  await store.commit([{ change: 'run.claim', run: first!.id, from: 0, owner: 'w', at: time, codeVersion: null }])
  await act('pause')
  await settle()
  expect(await its()).toMatchObject({ state: 'paused', progress: { open: [first!.id] } })
  expect((await runs()).filter(({ state }) => state === 'canceled')).toHaveLength(9)
  await store.commit([
    { change: 'run.end', run: first!.id, epoch: 1, state: 'succeeded', error: null, result: null, at: time },
  ])
  await settle()
  expect([(await its()).state, await made(), await done()]).toEqual(['paused', [], [[1, 0]]])
  await act('resume')
  await settle()
  expect(await made()).toHaveLength(9)
  await endAll()
  expect([(await its()).state, await done()]).toEqual(['succeeded', [[10, 0]]])
})

test('cancel stops all of it; what was canceled can be made by a retry', async () => {
  await create('raw')
  await settle()
  const [first] = await open()
  await store.commit([{ change: 'run.claim', run: first!.id, from: 0, owner: 'w', at: time, codeVersion: null }])
  await act('cancel')
  await settle()
  expect([(await its()).state, (await store.runs.get(first!.id))!.state]).toEqual(['canceling', 'canceling'])
  await expect(act('retry')).rejects.toMatchObject({ code: 'CONFLICT' })
  await store.commit([
    { change: 'run.end', run: first!.id, epoch: 1, state: 'canceled', error: null, result: null, at: time },
  ])
  await settle()
  await settle()
  expect([(await its()).state, await done(), await open()]).toEqual(['canceled', [[0, 0]], []])
  await act('retry')
  await settle()
  expect(await made()).toHaveLength(10)
})

test.each([1, 4])('after a tenth the time that is left is known within a half, with %i places', async (places) => {
  await create('many', { partition: 'k0..k99' })
  await settle()
  const begun = time
  const took = (nth: number) => 1000 + (nth % 7) * 30
  /** As a worker with so many places would: when one is free, the next run begins a little later. */
  const free = Array.from({ length: places }, () => begun)
  const ended: { id: string; from: number; to: number }[] = (await open()).map(({ id: run }, nth) => {
    const place = free.indexOf(Math.min(...free))
    const from = free[place]! + 40
    free[place] = from + took(nth)
    return { id: run, from, to: free[place] }
  })
  for (const { id: run, from, to } of ended.toSorted((a, b) => a.to - b.to).slice(0, 10)) {
    await store.commit([{ change: 'run.claim', run, from: 0, owner: 'w', at: from, codeVersion: null }])
    await store.commit([{ change: 'run.end', run, epoch: 1, state: 'succeeded', error: null, result: null, at: to }])
    time = to
  }
  await settle()
  const really = Math.max(...free) - time
  const said = timeLeft(await its(), 1)!
  expect(said).toBeGreaterThan(0.5 * really)
  expect(said).toBeLessThan(1.5 * really)
})

test('at most a thousand of its runs wait, and the rest follows as they end', async () => {
  await create('many')
  await settle()
  expect((await open()).length).toBe(1000)
  const [first] = await open()
  await ends(store, first!, 'succeeded', time)
  await settle()
  expect([(await open()).length, (await its()).progress.runs]).toEqual([1000, 1])
})

test('servers that decide at the same moment make each run once', () => expectEachOnce([store, store, store]))

test('a run of which nobody knows any more is made again', async () => {
  const backfill = await create('raw', { partition: '2026-01-01' })
  const progress = {
    ...backfill.progress,
    open: ['rgone'],
    parts: [{ ...backfill.progress.parts[0]!, asked: backfill.plan.parts[0]!.set }],
  }
  await store.commit([
    { change: 'backfill.decide', backfill: id, from: 0, state: 'running', progress, endedAt: null, at: time },
  ])
  await settle()
  expect(await made()).toEqual(['raw 01'])
})

describe('a partitioned job of a flow', () => {
  const params = async () => (await open()).map((run) => `${run.params} ${run.tags['sluice/partition']}`)

  test('a run for each slice, with what the code makes of its key; a retry goes on with one that failed', async () => {
    await create('loads', { partition: '2026-01-01..2026-01-02', concurrency: 1 })
    says = null
    await settle()
    expect([await open(), (await its()).state], 'nobody says what the params are').toEqual([[], 'running'])
    says = (day) => ({ day })
    await settle()
    expect(await params()).toEqual(['{"day":"2026-01-01"} 2026-01-01', '{"day":"2026-01-02"} 2026-01-02'])
    const [first] = await open()
    expect(first).toMatchObject({
      target: { kind: 'flow', name: 'load' },
      job: 'loads',
      waitingFor: { for: 'time', until: time + 60_000 },
      tags: { 'sluice/backfill': id, 'sluice/job': 'loads' },
      terms: { limits: [{ name: `backfill ${id}` }] },
    })
    for (const run of await open())
      await ends(store, run, run.id === first!.id ? 'failed' : 'succeeded', (time += 1000))
    await settle()
    expect([(await its()).state, await done()]).toEqual(['failed', [[1, 1]]])
    await act('retry')
    await settle()
    expect((await open()).map((run) => [run.retryOf, run.params])).toEqual([[first!.id, '{"day":"2026-01-01"}']])
    await endAll()
    expect([(await its()).state, await done()]).toEqual(['succeeded', [[2, 0]]])
  })

  test('a slice of which the code cannot say the params has failed; the others are made', async () => {
    says = (day) => {
      if (day === '2026-01-02') throw new Error('not this day')
      return { day }
    }
    await create('loads', { partition: '2026-01-01..2026-01-03' })
    await settle()
    expect([(await open()).length, await done()]).toEqual([2, [[0, 1]]])
    await endAll()
    expect([(await its()).state, await done()]).toEqual(['failed', [[2, 1]]])
  })

  test.each([
    ['loads', { policy: { keys: 2 } }, 'REQUEST_INVALID'],
    ['loads', { partition: 'missing' }, 'PARTITION_UNKNOWN'],
    ['loads', { partition: '2025-01-01' }, 'PARTITION_UNKNOWN'],
    ['load', {}, 'PARTITION_UNKNOWN'],
  ] as const)('%s %o is refused', async (target, more, code) => {
    await expect(create(target, more)).rejects.toMatchObject({ code })
  })
})

test('another concurrency: what has not started waits anew, what goes on ends', async () => {
  await create('many', { partition: 'k0..k249', concurrency: 5 })
  await settle()
  const [first] = await open()
  await store.commit([{ change: 'run.claim', run: first!.id, from: 0, owner: 'w', at: time, codeVersion: null }])
  const set = async (to: number | null) => {
    await store.commit([changeConcurrency(await its(), to, time)!])
    await settle()
    const waiting = (await open()).filter(({ epoch }) => epoch === 0)
    const limits = new Set(waiting.map(({ terms }) => JSON.stringify(terms!.limits.map(({ options }) => options))))
    return [waiting.length, ...limits]
  }
  expect(await set(2)).toEqual([249, '[{"atOnce":2}]'])
  expect(await set(null)).toEqual([249, '[]'])
  expect(changeConcurrency(await its(), null, time)).toBeNull()
  await store.commit([
    { change: 'run.end', run: first!.id, epoch: 1, state: 'succeeded', error: null, result: null, at: time },
  ])
  await endAll()
  expect([(await its()).state, await done()]).toEqual(['succeeded', [[250, 0]]])
  const over = await its()
  expect(() => changeConcurrency(over, 1, time)).toThrow('makes no more runs')
})
