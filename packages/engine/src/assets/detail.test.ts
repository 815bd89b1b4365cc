import { asset, collect, daily, snapshotOf } from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import { expect, test } from 'vitest'
import { withHarness } from '../runs/with-harness.ts'
import { openAssetStates } from './asset-states.ts'
import { assetDetail } from './detail.ts'

const t = withHarness(openSqliteInProcess)

const days = daily({ start: '2026-01-01', end: '2026-01-06' })
let bad = ''
const raw = asset('raw', { codeVersion: '1', freshness: { within: '1h' } }, () => 1)
const sales = asset('sales', { partitions: days, deps: [raw] }, (_, { partition }) => {
  if (partition.key === '2026-01-03') throw new Error('no file')
  return partition.key
}).checks({ good: ({ value }) => ({ passed: value !== bad }) })
const total = asset('total', { inputs: { sales } }, () => 1)

const detail = (name: string, now = Date.now(), definitions: readonly unknown[] = [raw, total]) => {
  const { assets } = snapshotOf(collect(definitions))
  return assetDetail(t.h.store, openAssetStates(t.h.store), { asset: name, assets, location: 'main', now })
}

test('of an asset that was never made', async () => {
  expect(await detail('sales')).toMatchObject({
    upstream: ['raw'],
    downstream: ['total'],
    latest: null,
    records: 0,
    health: { health: 'unknown' },
    freshness: null,
    staleness: null,
    slices: {
      count: 5,
      first: '2026-01-01',
      counts: { missing: 5, fresh: 0 },
      missing: [{ from: '2026-01-01', to: '2026-01-05', count: 5 }],
    },
  })
  await expect(detail('sale')).rejects.toMatchObject({
    code: 'ASSET_UNKNOWN',
    hint: 'Did you mean sluice assets show sales?',
  })
})

test('partitions by state, what failed, and a check that did not pass in another partition than the newest', async () => {
  await t.h.materialize([raw, total], ['raw'])
  bad = '2026-01-01'
  await t.h.materialize([total], ['sales'], ['2026-01-01'])
  await t.h.materialize([total], ['sales'], ['2026-01-02', '2026-01-03'])
  const its = await detail('sales')
  expect(its.slices).toMatchObject({ counts: { fresh: 2, failed: 1, missing: 2 } })
  expect(its.checks).toMatchObject([{ check: 'good', partition: '2026-01-02', passed: true }])
  expect(its.failedChecks).toMatchObject([{ check: 'good', partition: '2026-01-01', passed: false }])
  expect(its.health).toEqual({
    health: 'degraded',
    materialization: 'degraded',
    checks: 'degraded',
    freshness: null,
  })
  expect(its.staleness).toMatchObject({ status: 'fresh', partition: '2026-01-02' })
})

test('freshness at the moment of asking, and why it is stale', async () => {
  await t.h.materialize([raw], ['raw'])
  const newer = asset('raw', { codeVersion: '2', freshness: { within: '1h' } }, () => 1)
  const now = Date.now()
  expect(await detail('raw', now, [newer])).toMatchObject({
    health: { health: 'healthy', freshness: 'healthy' },
    freshness: { state: 'passed' },
    staleness: { status: 'stale', causes: [{ kind: 'code' }] },
  })
  expect(await detail('raw', now + 2 * 3_600_000)).toMatchObject({
    health: { health: 'degraded', freshness: 'degraded' },
    freshness: { state: 'failed', nextAt: null },
    staleness: { status: 'fresh' },
  })
})

test('a check that the code does not have counts until the asset is made again', async () => {
  const one = asset('one', () => 1)
  await t.h.materialize([one.checks({ old: () => ({ passed: false }) })], ['one'])
  expect(await detail('one', Date.now(), [one])).toMatchObject({ health: { health: 'degraded' } })
  await t.h.materialize([one], ['one'])
  expect(await detail('one', Date.now(), [one])).toMatchObject({
    health: { health: 'healthy' },
    checks: [{ check: 'old', passed: false }],
  })
})
