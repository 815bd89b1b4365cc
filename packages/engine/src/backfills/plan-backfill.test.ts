import {
  type AnyAsset,
  type BackfillPolicy,
  asset,
  collect,
  daily,
  domainOfPart,
  flow,
  grid,
  hourly,
  job,
  keysIn,
  limit,
  monthly,
  oneOf,
  sets,
  snapshotOf,
} from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Store } from '../store/ports.ts'
import { aMaterialization, aRun, aStep, create, id } from '../store/contract/rows.ts'
import { planBackfill } from './plan-backfill.ts'

const now = Date.parse('2026-03-10T05:30:00Z')
const raw = asset('raw', { partitions: daily({ start: '2026-01-01' }), owners: ['a@example.com'] }, () => 1)
const hours = asset('hours', { partitions: hourly({ start: '2026-01-01' }), inputs: { raw } }, () => 1)
const month = asset('month', { partitions: monthly({ start: '2026-01-01', endOffset: 1 }), inputs: { raw } }, () => 1)
const total = asset('total', { inputs: { month } }, () => 1)
const cells = asset(
  'cells',
  { partitions: grid({ day: daily({ start: '2026-01-01' }), region: oneOf(['eu', 'us']) }) },
  () => 1,
)
const vendor = limit('vendor', { atOnce: 3 })
const marts = job('marts', {
  target: 'key:raw+1 and not key:hours',
  pool: 'heavy',
  limit: vendor,
  tags: { team: 'data' },
  owners: ['team:data'],
})
const sync = flow('sync', () => 1)
const snapshot = snapshotOf(collect([raw, hours, month, total, cells, marts, sync] as AnyAsset[]))

let store: Store
beforeEach(async () => {
  store = await openSqliteInProcess(':memory:')
})
afterEach(() => store.close())

const plan = (target: string, partition?: string, more: object = {}) =>
  planBackfill({ store, location: 'main', snapshot, request: { target, partition, ...more }, now })
/** By asset: its first and last slice, and how many. */
const slices = async (target: string, partition: string) => {
  const { backfill, leftOut } = await plan(target, partition)
  const { parts } = backfill.plan
  const each = parts.map((part) => {
    const [first, ...rest] = keysIn(domainOfPart(backfill.plan, part), part.set)
    return [part.assets.join('+'), [first, rest.at(-1) ?? first].join(' '), sets.countOf(part.set)]
  })
  return { each, leftOut }
}

describe('which slices', () => {
  test('a selection may ask how fresh assets are', async () => {
    const before = (await plan('status:missing and key:raw', '2026-02-01')).backfill.plan.parts
    expect(before.map(({ assets }) => assets)).toEqual([['raw']])
    await expect(plan('status:fresh', '2026-02-01')).rejects.toMatchObject({ code: 'SELECTION_EMPTY' })
  })

  test('assets that have no such keys make what comes from them, or leads to them; others are made once', async () => {
    expect(await slices('key:raw+', '2026-01-30..2026-02-02')).toEqual({
      each: [
        ['raw', '2026-01-30 2026-02-02', 4],
        ['hours', '2026-01-30-00:00 2026-02-02-23:00', 96],
        ['month', '2026-01-01 2026-02-01', 2],
        ['total', ' ', 1],
      ].map((row) => [...row]),
      leftOut: 0,
    })
    expect((await slices('key:raw or key:hours', '2026-02-02-05:00..2026-02-03-01:00')).each).toEqual([
      ['raw', '2026-02-02 2026-02-03', 2],
      ['hours', '2026-02-02-05:00 2026-02-03-01:00', 21],
    ])
  })

  test('of all, those that need what does not exist yet are left out; named, they are refused', async () => {
    // Five hours of today have ended; today has not.
    const { each, leftOut } = await slices('key:hours', 'all')
    expect([each, leftOut]).toEqual([[['hours', '2026-01-01-00:00 2026-03-09-23:00', 68 * 24]], 5])
    await expect(plan('hours', '2026-03-09-20:00..2026-03-10-02:00')).rejects.toMatchObject({
      code: 'PARTITION_UNKNOWN',
      message: '"hours" needs 2026-03-10 of "raw", which does not exist.',
    })
    // The month goes on: it needs days that are still to come.
    expect((await slices('key:month+', 'all')).each.map(([name, , count]) => [name, count])).toEqual([
      ['month', 2],
      ['total', 1],
    ])
  })

  test('missing is what was never made', async () => {
    await store.commit([create(1), { change: 'run.claim', run: id(1), from: 0, owner: 'w', at: 1, codeVersion: null }])
    for (const [n, key] of ['2026-01-01', '2026-01-03'].entries())
      await store.commit([
        {
          change: 'asset.record',
          epoch: 1,
          materialization: aMaterialization(id(1), n + 1, { asset: 'raw', partition: key }),
        },
      ])
    expect((await slices('key:raw', 'missing')).each).toEqual([['raw', '2026-01-02 2026-03-09', 66]])
    // Of each asset its own: what is to be made of one is not made of the others.
    expect((await slices('key:raw or key:cells', 'stale')).each).toEqual([
      ['raw', '2026-01-02 2026-03-09', 66],
      ['cells', expect.any(String), 136],
    ])
  })
})

test('a job: its terms, tags and owners, over those of the assets', async () => {
  const { backfill } = await plan('marts', '2026-01-01..2026-01-31', {
    concurrency: 2,
    priority: 4,
    tags: { why: 'x' },
  })
  expect(backfill.plan).toMatchObject({
    job: 'marts',
    concurrency: 2,
    tags: { team: 'data', why: 'x', 'sluice/job': 'marts' },
  })
  expect(backfill.plan.parts[0]).toMatchObject({
    assets: ['raw'],
    owners: ['team:data', 'a@example.com'],
    terms: {
      pool: 'heavy',
      priority: 4,
      limits: [{ name: 'vendor' }],
    },
  })
})

test('what a slice took in the past', async () => {
  await store.commit([
    { change: 'run.create', run: aRun(1) },
    { change: 'run.claim', run: id(1), from: 0, owner: 'w', at: 1, codeVersion: null },
  ])
  for (const [n, took] of [100, 300].entries())
    await store.commit([
      {
        change: 'step.record',
        epoch: 1,
        step: aStep(id(1), n + 1, { name: 'raw', startedAt: 1000, endedAt: 1000 + took }),
      },
      {
        change: 'asset.record',
        epoch: 1,
        materialization: aMaterialization(id(1), n + 1, { asset: 'raw', partition: `2026-01-0${n + 1}` }),
      },
    ])
  const { backfill } = await plan('key:raw+1', '2026-01-01')
  expect(backfill.plan.parts.map(({ assets, expected }) => [assets[0], expected])).toEqual([
    ['raw', 200],
    ['hours', null],
    ['month', null],
  ])
})

describe('what cannot be', () => {
  test.each<[string, string, string | undefined, BackfillPolicy | undefined, string]>([
    ['a flow', 'sync', 'all', undefined, 'PARTITION_UNKNOWN'],
    ['nothing that is partitioned', 'total', 'all', undefined, 'PARTITION_UNKNOWN'],
    ['no partition', 'raw', undefined, undefined, 'PARTITION_REQUIRED'],
    ['a dimension that none has', 'raw', 'all', { by: 'region' }, 'REQUEST_INVALID'],
    ['another dimension', 'cells', 'all', { by: 'country' }, 'REQUEST_INVALID'],
  ])('%s', async (_, target, partition, policy, code) => {
    await expect(plan(target, partition, policy ? { policy } : {})).rejects.toMatchObject({ code })
  })
  test('a run of very many keys', async () => {
    const long = asset('long', { partitions: hourly({ start: '2020-01-01' }) }, () => 1)
    const request = { target: 'long', partition: 'all', policy: { keys: 'all' } } as const
    const its = snapshotOf(collect([long]))
    await expect(planBackfill({ store, location: 'main', snapshot: its, request, now })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    })
  })
})
