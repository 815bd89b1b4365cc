import { type AnyAsset, type Slices, asset, cron, daily, dynamic, grid, hourly, oneOf } from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import { describe, expect, test } from 'vitest'
import { withHarness } from '../runs/with-harness.ts'

const t = withHarness(openSqliteInProcess)

const regions = oneOf(['eu', 'us'])
const days = daily({ start: '2026-01-01', end: '2026-01-04' })

async function valueOf(made: AnyAsset, partition: string | null): Promise<unknown> {
  const [found] = await t.h.store.assets.latest([{ asset: made.name, partition }])
  return t.h.values.read(made, partition, found!.value!)
}

describe('grids', () => {
  test('a slice knows each of its dimensions, and reads what is partitioned by one of them', async () => {
    const rates = asset('rates', { partitions: days }, (_, { partition }) => Number(partition.key.slice(-1)))
    const sales = asset(
      'sales',
      { partitions: grid({ region: regions, day: days }), inputs: { rates } },
      ({ rates: rate }, { partition: { key, dims } }) =>
        `${key} ${dims.region.key} ${dims.day.window.end.toString()} ${rate}`,
    )
    const end = await t.h.materialize([sales], ['rates', 'sales'], ['2026-01-02', '2026-01-02|eu'])
    expect(end.state).toBe('succeeded')
    expect(await valueOf(sales, '2026-01-02|eu')).toBe('2026-01-02|eu eu 2026-01-03T00:00:00Z 2')
  })

  test('what is partitioned by one dimension reads all the rest, what is not partitioned reads all', async () => {
    const sales = asset(
      'sales',
      { partitions: grid({ region: regions, day: days }) },
      (_, { partition }) => partition.key,
    )
    const text = async (slices: Slices<string>) => `${slices.keys.join(' ')} / ${slices.missing.join(' ')}`
    const daysum = asset('daysum', { partitions: days, inputs: { sales } }, ({ sales: all }) => text(all))
    const total = asset('total', { inputs: { sales } }, async ({ sales: all }) => all.keys.length)
    const before = asset(
      'before',
      { partitions: sales.partitions, inputs: { one: sales.at({ dims: { day: -1 } }) } },
      ({ one }) => one ?? 'nothing',
    )
    await t.h.materialize([sales], ['sales'], ['2026-01-01|eu', '2026-01-02|eu', '2026-01-02|us'])
    const end = await t.h.materialize(
      [daysum, total, before],
      ['daysum', 'total', 'before'],
      ['2026-01-01', '2026-01-01|eu', '2026-01-02|eu'],
    )
    expect(end).toMatchObject({ state: 'succeeded' })
    expect(await valueOf(daysum, '2026-01-01')).toBe('2026-01-01|eu / 2026-01-01|us')
    expect(await valueOf(total, null)).toBe(3)
    expect([await valueOf(before, '2026-01-01|eu'), await valueOf(before, '2026-01-02|eu')]).toEqual([
      'nothing',
      '2026-01-01|eu',
    ])
  })

  test('of six dimensions and 10⁹ keys: nothing enumerates the product', async () => {
    const side = oneOf(Array.from({ length: 100 }, (_, n) => `k${n}`))
    const vendors = dynamic('vendors')
    const cells = asset(
      'cells',
      { partitions: grid({ a: side, b: side, c: side, d: side, day: days, vendor: vendors }) },
      (_, { partition }) => partition.dims.vendor.key,
    )
    const next = asset('next', { partitions: cells.partitions, inputs: { cells } }, ({ cells: one }) => `${one}!`)
    const some = asset('some', { inputs: { cells } }, async ({ cells: all }) => (await all.values()).join())
    await t.h.store.commit([{ change: 'partitions.add', name: 'vendors', keys: ['v1', 'v2'], at: 0 }])
    const keys = ['k1|k2|k3|k4|2026-01-02|v1', 'k99|k0|k0|k0|2026-01-03|v2']
    const end = await t.h.materialize([cells, next, some], ['cells', 'next', 'some'], keys)
    expect(end.state).toBe('succeeded')
    expect(await valueOf(next, keys[1]!)).toBe('v2!')
    expect(await valueOf(some, null)).toBe('v1,v2')
    await expect(t.h.materialize([cells], ['cells'], ['k1|k2|k3|k4|2026-01-09|v1'])).resolves.toMatchObject({
      error: expect.objectContaining({ code: 'PARTITION_UNKNOWN' }) as object,
    })
  })
})

test('slices by a cron: hours that overlap them, and what is left out', async () => {
  const hours = asset('hours', { partitions: hourly({ start: '2026-01-02', end: '2026-01-06' }) }, () => 1)
  const shifts = cron('0 6 * * 1-5', { start: '2026-01-01', end: '2026-01-07', exclude: ['2026-01-06T06:00'] })
  const shift = asset('shift', { partitions: shifts, inputs: { hours } }, ({ hours: all }) => [
    all.keys.length,
    all.missing.length,
  ])
  const end = await t.h.materialize([hours, shift], ['hours', 'shift'], ['2026-01-02-06:00', '2026-01-02-07:00'])
  expect(end.state).toBe('succeeded')
  // Friday's shift lasts until Monday: 72 hours.
  expect(await valueOf(shift, '2026-01-02-06:00')).toEqual([2, 70])
})
