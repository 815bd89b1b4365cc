import { asset, check, collect, daily, external, snapshotOf } from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import { describe, expect, test } from 'vitest'
import { planLaunch, planRetry } from '../index.ts'
import { withHarness } from '../runs/with-harness.ts'

const t = withHarness(openSqliteInProcess)

let made = 0
const days = daily({ start: '2026-01-01', end: '2026-02-01' })
const orders = asset('orders', () => {
  made += 1
  return [{ id: 1 }, { id: 1 }]
}).checks({ rows: check.rows({ min: 1 }), ids: { ...check.unique('id'), blocking: true } })
const sales = asset('sales', { partitions: days }, (_, { partition, metadata }) => {
  metadata({ cents: 100 + (Number(partition.key.slice(-2)) % 5) })
  return partition.key
}).checks({ usual: check.anomaly('cents') })
const vendor = external('vendor', { read: () => [1, 2, 3] }).checks({ rows: check.rows({ min: 3 }) })
const definitions = [orders, sales, vendor]

describe('checks apart from their asset', () => {
  test('look at what there is, and make nothing', async () => {
    await t.h.materialize(definitions, ['orders'])
    const before = made
    const end = await t.h.check(definitions, ['orders:rows', 'orders:ids', 'vendor:rows'])
    expect(end).toMatchObject({ state: 'failed', error: { message: 'A step failed: orders:ids.' } })
    const steps = await t.h.store.steps.list(end.run)
    expect(steps.map(({ name, state, kind }) => [name, state, kind])).toEqual([
      ['orders:rows', 'succeeded', 'check'],
      ['orders:ids', 'failed', 'check'],
      ['vendor:rows', 'succeeded', 'check'],
    ])
    expect(made).toBe(before)
    const results = await t.h.store.checks.ofRun(end.run)
    expect(results.map(({ check: name, passed }) => [name, passed])).toEqual([
      ['rows', true],
      ['ids', false],
      ['rows', true],
    ])
  })

  test('fail their run where one does not pass that is no warning, whether or not it blocks', async () => {
    const a = asset('a', () => 1).checks({
      plain: () => ({ passed: false }),
      soft: { severity: 'warn', blocking: true, run: () => ({ passed: false }) },
      unsure: () => ({ passed: null }),
    })
    await t.h.materialize([a], ['a'])
    expect(await t.h.check([a], ['a:soft', 'a:unsure'])).toMatchObject({ state: 'succeeded' })
    const end = await t.h.check([a], ['a:plain', 'a:soft'])
    expect(end).toMatchObject({ state: 'failed', error: { cause: { code: 'CHECK_FAILED' } } })
    const states = (await t.h.store.steps.list(end.run)).map(({ name, state, reason }) => [name, state, reason])
    expect(states).toEqual([
      ['a:plain', 'failed', 'did not pass'],
      ['a:soft', 'succeeded', 'did not pass'],
    ])
    expect(await t.h.store.checks.ofRun(end.run)).toHaveLength(2)
    expect(await t.h.store.runs.list({ asset: 'a' })).toHaveLength(3)
  })

  test('fail where nothing was made; of partitions, those that never were are skipped', async () => {
    expect(await t.h.check(definitions, ['orders:rows'])).toMatchObject({
      state: 'failed',
      error: { cause: { code: 'VALUE_MISSING' } },
    })
    await t.h.materialize(definitions, ['sales'], ['2026-01-01'])
    const end = await t.h.check(definitions, ['sales:usual'], ['2026-01-01', '2026-01-02'])
    expect(end).toMatchObject({ state: 'succeeded' })
    const steps = await t.h.store.steps.list(end.run)
    expect(steps.map(({ key, state, reason }) => [key, state, reason])).toEqual([
      ['2026-01-01', 'succeeded', 'nothing to say yet'],
      ['2026-01-02', 'skipped', 'was never made'],
    ])
  })

  test('compare a day with the newest of other days', async () => {
    const keys = Array.from({ length: 9 }, (_, nth) => `2026-01-0${nth + 1}`)
    await t.h.materialize(definitions, ['sales'], keys)
    await t.h.materialize(definitions, ['sales'], keys) // again: each day still counts once
    const end = await t.h.check(definitions, ['sales:usual'], ['2026-01-09'])
    const [result] = await t.h.store.checks.ofRun(end.run)
    expect(result).toMatchObject({ passed: true, metadata: { compared: { value: 8 }, cents: { value: 104 } } })
  })

  test('one that the code has no more is said', async () => {
    expect(await t.h.check(definitions, ['orders:gone'])).toMatchObject({
      state: 'failed',
      error: { code: 'CHECK_UNKNOWN' },
    })
  })
})

describe('planned', () => {
  const snapshot = snapshotOf(collect(definitions))
  const plan = (target: string, over: object) =>
    planLaunch({
      store: t.h.store,
      location: 'main',
      snapshot,
      request: { target, cause: { by: 'person' }, ...over },
      now: Date.UTC(2026, 5, 1),
    })

  test('by a selection: all checks, or those of a name, with the partitions of what has them', async () => {
    expect(await plan('key:orders or key:vendor', { onlyChecks: 'all' })).toMatchObject({
      name: 'checks of key:orders or key:vendor',
      target: {
        kind: 'checks',
        assets: ['orders', 'vendor'],
        checks: ['orders:rows', 'orders:ids', 'vendor:rows'],
        partitions: null,
      },
    })
    expect(await plan('*', { onlyChecks: ['ids'] })).toMatchObject({ target: { checks: ['orders:ids'] } })
    expect(await plan('sales', { onlyChecks: 'all', partition: '2026-01-01..2026-01-02' })).toMatchObject({
      target: { checks: ['sales:usual'], partitions: ['2026-01-01', '2026-01-02'] },
    })
  })

  test('a check that none has is a mistake', async () => {
    await expect(plan('*', { onlyChecks: ['row'] })).rejects.toMatchObject({
      code: 'CHECK_UNKNOWN',
      hint: 'Did you mean rows?',
    })
  })

  test('a check is tried again alone', async () => {
    await t.h.materialize(definitions, ['orders'])
    const { run } = await t.h.check(definitions, ['orders:rows', 'orders:ids'])
    const before = (await t.h.store.runs.get(run))!
    const { run: again } = await planRetry(t.h.store, before, { alone: 'orders:ids' }, 0)
    expect(again.target).toMatchObject({ kind: 'checks', assets: ['orders'], checks: ['orders:ids'] })
  })
})
