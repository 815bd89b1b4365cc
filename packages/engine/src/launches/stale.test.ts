import {
  asset,
  collect,
  domainOfPart,
  external,
  flow,
  job,
  keysIn,
  oneOf,
  schedule,
  sensor,
  snapshotOf,
} from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import { describe, expect, test } from 'vitest'
import { planBackfill } from '../backfills/plan-backfill.ts'
import { withHarness } from '../runs/with-harness.ts'
import { planLaunch } from './plan.ts'
import { type RetryRequest, planRetry } from './retry.ts'
import { selectedAssets } from './select.ts'

const t = withHarness(openSqliteInProcess)
const names = oneOf(['a', 'b', 'c'])
let version = '1'
const feed = external('feed', { observe: () => ({ dataVersion: 'x' }) })
const made = () => {
  const raw = asset('raw', { codeVersion: version, partitions: names }, (_, { partition }) => partition.key)
  const clean = asset('clean', { codeVersion: '1', partitions: names, inputs: { raw }, group: 'marts' }, () => 1)
  const total = asset('total', { codeVersion: '1', inputs: { clean }, deps: [feed] }, () => 1)
  return [raw, clean, total, feed]
}

async function plan(target: string, more: { partition?: string; stale?: boolean } = {}) {
  const sync = flow('sync', () => 1)
  const definitions = [...made(), sync, job('behind', { target: 'status:stale or status:missing' })]
  const snapshot = snapshotOf(collect(definitions))
  const request = { target, cause: { by: 'person' }, ...more } as const
  const run = await planLaunch({ store: t.h.store, location: 'main', snapshot, request, now: Date.now() })
  if (run.target.kind !== 'assets') return run.target
  const { assets, partitions, partitionsOf } = run.target
  return [assets.join(' '), partitions?.join(' ') ?? null, ...(partitionsOf ? [partitionsOf] : [])]
}

async function backfill(partition: string) {
  const snapshot = snapshotOf(collect(made()))
  const request = { target: '*', partition }
  const planned = await planBackfill({ store: t.h.store, location: 'main', snapshot, request, now: Date.now() })
  const { plan: its } = planned.backfill
  return its.parts.map((part) => [...part.assets, ...keysIn(domainOfPart(its, part), part.set)].join(' '))
}

describe('only what is behind', () => {
  test('what was never made, and what is stale, with the partitions of those; then nothing', async () => {
    version = '1'
    expect(await plan('*', { stale: true, partition: 'all' })).toEqual(['raw clean total', 'a b c'])
    await t.h.materialize(made(), ['raw', 'clean', 'total'], ['a', 'b'])
    expect(await plan('*', { stale: true, partition: 'all' })).toEqual(['raw clean', 'c'])
    expect(await plan('*', { stale: true, partition: 'b,c' })).toEqual(['raw clean', 'c'])
    await expect(plan('*', { stale: true, partition: 'a' })).rejects.toMatchObject({ code: 'UP_TO_DATE' })
    await expect(plan('*', { stale: true })).rejects.toMatchObject({ code: 'PARTITION_REQUIRED' })
    await expect(plan('total', { stale: true, partition: 'a' })).rejects.toMatchObject({ code: 'PARTITION_UNKNOWN' })
    await expect(plan('sync', { stale: true })).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
    version = '2'
    expect(await plan('*', { stale: true, partition: 'a,b' })).toEqual(['raw', 'a b'])
    await t.h.materialize(made(), ['raw'], ['a'])
    // A run makes of each asset its own, and so does a backfill.
    const own = { raw: ['b'], clean: ['a'] }
    expect(await plan('*', { stale: true, partition: 'a..b' })).toEqual(['raw clean', 'a b', own])
    expect(await backfill('stale')).toEqual(['raw b c', 'clean a c'])
    await t.h.materialize(made(), ['raw', 'clean', 'total'], ['a', 'b', 'c'])
    await expect(backfill('stale')).rejects.toMatchObject({ code: 'UP_TO_DATE' })
  })

  test('a run makes of each asset its own partitions, and is tried again with those', async () => {
    let done: string[] = []
    let broken = false
    const defined = (codeVersion: string) => {
      const raw = asset('raw', { codeVersion, partitions: names }, (_, { partition }) => {
        done.push(`raw ${partition.key}`)
        return codeVersion
      })
      const clean = asset('clean', { partitions: names, inputs: { raw } }, (_, { partition }) => {
        done.push(`clean ${partition.key}`)
        if (broken) throw new Error('no')
        return 1
      })
      return [raw, clean]
    }
    await t.h.materialize(defined('1'), ['raw', 'clean'], ['a', 'b', 'c'])
    const definitions = defined('2')
    await t.h.materialize(definitions, ['raw'], ['a'])
    const snapshot = snapshotOf(collect(definitions))
    const request = { target: '*', stale: true, partition: 'all', cause: { by: 'person' } } as const
    const run = await planLaunch({ store: t.h.store, location: 'main', snapshot, request, now: Date.now() })
    await t.h.store.commit([{ change: 'run.create', run }])
    done = []
    broken = true
    expect(await t.h.resume(run.id, definitions)).toMatchObject({ state: 'failed' })
    expect(done.toSorted()).toEqual(['clean a', 'raw b', 'raw c'])
    const before = (await t.h.store.runs.get(run.id))!
    const retried = async (request: RetryRequest) =>
      (await planRetry(t.h.store, before, request, Date.now())).run.target
    expect(await retried({})).toEqual(run.target)
    expect(await retried({ steps: ['clean'] })).toMatchObject({ assets: ['clean'], partitions: ['a'] })
    expect(await retried({ steps: ['clean', 'raw b'] })).toMatchObject({
      partitions: ['a', 'b'],
      partitionsOf: { raw: ['b'], clean: ['a'] },
    })
  })

  test('a selection may ask for it, and so may a job', async () => {
    version = '1'
    await t.h.materialize(made(), ['raw'], ['a', 'b', 'c'])
    expect(await plan('status:missing and group:marts', { partition: 'a' })).toEqual(['clean', 'a'])
    expect(await plan('status:fresh', { partition: 'a' })).toEqual(['raw', 'a'])
    expect(await plan('behind', { partition: 'all' })).toEqual(['clean total', 'a b c'])
    expect(await plan('job:behind and group:marts', { partition: 'a' })).toEqual(['clean', 'a'])
  })

  test('a thousand upstream slices are all looked at: the last one that changed counts', async () => {
    const keys = Array.from({ length: 1000 }, (_, n) => `k${n}`)
    const many = oneOf(keys)
    const raw = asset('raw', { codeVersion: '1', partitions: many }, () => 1)
    const sum = asset('sum', { codeVersion: '1', inputs: { raw } }, () => 1)
    const snapshot = snapshotOf(collect([raw, sum]))
    await t.h.materialize([raw, sum], ['raw', 'sum'], keys)
    const request = { target: 'sum', stale: true, cause: { by: 'person' } } as const
    const again = () => planLaunch({ store: t.h.store, location: 'main', snapshot, request, now: Date.now() })
    await expect(again()).rejects.toMatchObject({ code: 'UP_TO_DATE' })
    const changed = asset('raw', { codeVersion: '2', partitions: many }, () => 2)
    await t.h.materialize([changed], ['raw'], ['k999'])
    expect((await again()).target).toMatchObject({ assets: ['sum'] })
  })
})

test('assets by the job, the schedule and the sensor that make them, and by their location', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => asset(name, () => 1))
  const sync = flow('sync', () => 1)
  const both = job('both', { target: [a!, b!] })
  const snapshot = snapshotOf(
    collect([
      a,
      b,
      c,
      sync,
      both,
      schedule('nightly', { cron: '0 2 * * *', target: both }),
      schedule('hourly', { cron: '0 * * * *', target: sync }),
      sensor('files', { targets: [c!, sync], every: '1h' }, () => ({})),
    ]),
  )
  const names = (selection: string) => selectedAssets(snapshot, selection, { location: 'main' }).map(({ name }) => name)
  expect(names('job:both')).toEqual(['a', 'b'])
  expect(names('schedule:nightly')).toEqual(['a', 'b'])
  expect(names('schedule:hourly')).toEqual([])
  expect(names('sensor:files')).toEqual(['c'])
  expect(names('location:main and not job:both')).toEqual(['c'])
  expect(names('location:other')).toEqual([])
})
