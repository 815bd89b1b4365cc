import { asset, collect, daily, external, snapshotOf } from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import { expect, test } from 'vitest'
import { withHarness } from '../runs/with-harness.ts'
import { type OutsideReport, reportAsset } from './report.ts'

const t = withHarness(openSqliteInProcess)
const now = Date.UTC(2026, 1, 3)

const days = daily({ start: '2026-01-01' })
const prices = external('prices', { partitions: days }).checks({
  whole: { severity: 'warn', blocking: true, run: () => ({ passed: true }) },
})
const orders = asset('orders', { codeVersion: '3' }, () => 1)
const { assets } = snapshotOf(collect([prices, orders]))

const tell = (name: string, report: OutsideReport) =>
  reportAsset(t.h.store, { definition: assets.find((one) => one.name === name)!, report, by: 'loader', now })

test('a materialization has a run that it came from, a version and typed facts', async () => {
  const { run, isNew } = await tell('prices', {
    what: 'materialization',
    partition: '2026-02-01',
    dataVersion: 'v1',
    metadata: { rows: 3, at: { type: 'timestamp', value: 5 } },
    at: now - 1000,
  })
  expect(isNew).toBe(true)
  expect(await t.h.store.assets.latest([{ asset: 'prices', partition: '2026-02-01' }])).toMatchObject([
    {
      run,
      kind: 'materialization',
      dataVersion: 'v1',
      value: null,
      inputVersions: null,
      at: now - 1000,
      metadata: { rows: { type: 'number', value: 3 }, at: { type: 'timestamp', value: 5 } },
    },
  ])
  expect(await t.h.store.runs.get(run)).toMatchObject({
    state: 'succeeded',
    title: 'materialization of prices 2026-02-01, reported',
    cause: { by: 'report', name: 'loader' },
  })
})

test('a check has what the code says of it, unless the report does; one that the code has not is an error', async () => {
  const partition = '2026-02-01'
  await tell('prices', { what: 'check', check: 'whole', passed: false, partition })
  await tell('prices', { what: 'check', check: 'theirs', passed: null, partition })
  const [theirs, whole] = await t.h.store.checks.latest('prices')
  expect(whole).toMatchObject({ check: 'whole', passed: false, severity: 'warn', blocking: true })
  expect(theirs).toMatchObject({ check: 'theirs', passed: null, severity: 'error', blocking: false })
})

test('the same word records once, and finds the first', async () => {
  const report = { what: 'observation', once: 'event 7' } as const
  const first = await tell('orders', report)
  const second = await tell('orders', report)
  expect(second).toEqual({ run: first.run, isNew: false })
  expect(await t.h.store.assets.history('orders')).toHaveLength(1)
  expect((await t.h.store.runs.list({})).map(({ id }) => id)).toEqual([first.run])
})

test('partitions are those that there are', async () => {
  await expect(tell('prices', { what: 'observation' })).rejects.toMatchObject({ code: 'PARTITION_REQUIRED' })
  const unknown = { what: 'observation', partition: '2026-02-05' } as const
  await expect(tell('prices', unknown)).rejects.toMatchObject({ code: 'PARTITION_UNKNOWN' })
  await expect(tell('orders', unknown)).rejects.toMatchObject({ code: 'PARTITION_UNKNOWN' })
})

test('what Sluice holds a value of is not replaced by a word about it', async () => {
  await t.h.materialize([orders], ['orders'])
  await expect(tell('orders', { what: 'materialization' })).rejects.toMatchObject({ code: 'CONFLICT' })
  expect(await tell('orders', { what: 'observation' })).toMatchObject({ isNew: true })
})
