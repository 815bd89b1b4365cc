import { type AnyAsset, asset, daily, dynamic, hourly, monthly, oneOf, self, weekly } from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import { describe, expect, test } from 'vitest'
import { withHarness } from '../runs/with-harness.ts'

const t = withHarness(openSqliteInProcess)
const days = daily({ start: '2026-01-01' })
const region = oneOf(['eu', 'us'])

const byText = (a: unknown, b: unknown): number => (String(a) < String(b) ? -1 : 1)

async function valueOf(made: AnyAsset, partition: string | null = null): Promise<unknown> {
  const [found] = await t.h.store.assets.latest([{ asset: made.name, partition }])
  return found?.value ? t.h.values.read(made, partition, found.value) : undefined
}

describe('partitioned assets', () => {
  const sales = asset('sales', { partitions: days }, (_, { partition: { key, window } }) => ({
    key,
    start: window.start.toString(),
    end: window.end.toString(),
  }))

  test('are made once for each key, and a downstream with the same partitions reads the same key', async () => {
    const next = asset('next', { partitions: days, inputs: { sales } }, ({ sales: value }, { partition }) => [
      value.key,
      partition.key,
    ])
    const end = await t.h.materialize([next], ['sales', 'next'], ['2026-01-01', '2026-01-02'])
    expect(end).toMatchObject({ state: 'succeeded' })
    expect(await valueOf(sales, '2026-01-02')).toEqual({
      key: '2026-01-02',
      start: '2026-01-02T00:00:00Z',
      end: '2026-01-03T00:00:00Z',
    })
    expect(await valueOf(next, '2026-01-01')).toEqual(['2026-01-01', '2026-01-01'])
    expect(await t.h.store.assets.partitions('next')).toEqual(['2026-01-01', '2026-01-02'])
  })

  test('without a partition they are refused, before anything runs', async () => {
    let ran = false
    const first = asset('first', () => void (ran = true))
    const end = await t.h.materialize([sales, first], ['first', 'sales'])
    expect(end).toMatchObject({
      state: 'failed',
      error: { code: 'PARTITION_REQUIRED', message: expect.stringContaining('"sales" is partitioned') as string },
    })
    expect(ran).toBe(false)
  })

  test('a key that does not exist is refused', async () => {
    const end = await t.h.materialize([sales], ['sales'], ['2025-12-31'])
    expect(end).toMatchObject({ state: 'failed', error: { code: 'PARTITION_UNKNOWN' } })
  })

  test('a failed key holds back only what reads that key', async () => {
    const flaky = asset('flaky', { partitions: days }, (_, { partition }) => {
      if (partition.key === '2026-01-01') throw new Error('no data')
      return 1
    })
    const next = asset('next', { partitions: days, inputs: { flaky } }, ({ flaky: value }) => value)
    const end = await t.h.materialize([next], ['flaky', 'next'], ['2026-01-01', '2026-01-02'])
    expect(end).toMatchObject({ state: 'failed', error: { message: 'A step failed: flaky (2026-01-01).' } })
    expect(
      (await t.h.store.steps.list(end.run))
        .map(({ name, key, state, reason }) => [name, key, state, reason])
        .toSorted(byText),
    ).toEqual([
      ['flaky', '2026-01-01', 'failed', null],
      ['flaky', '2026-01-02', 'succeeded', null],
      ['next', '2026-01-01', 'upstream_failed', 'flaky (2026-01-01) failed'],
      ['next', '2026-01-02', 'succeeded', null],
    ])
  })

  test('of a fixed set, and of a dynamic one', async () => {
    const customers = dynamic('customers')
    const byRegion = asset('by region', { partitions: region }, (_, { partition }) => partition.key.toUpperCase())
    const byCustomer = asset('by customer', { partitions: customers }, (_, { partition }) => partition.key.length)
    expect(await t.h.materialize([byRegion], ['by region'], ['us'])).toMatchObject({ state: 'succeeded' })
    expect(await valueOf(byRegion, 'us')).toBe('US')
    expect(await t.h.materialize([byCustomer], ['by customer'], ['acme'])).toMatchObject({
      state: 'failed',
      error: { code: 'PARTITION_UNKNOWN' },
    })
    await customers.add(['acme', 'bolt'])
    expect(await t.h.materialize([byCustomer], ['by customer'], ['acme', 'bolt'])).toMatchObject({ state: 'succeeded' })
    await customers.remove(['acme'])
    expect(await customers.keys()).toEqual(['bolt'])
  })

  test('perRun: one call for all keys', async () => {
    const calls: unknown[] = []
    const many = asset('many', { partitions: days, perRun: true }, (_, { partition: { keys, window } }) => {
      calls.push([keys, window.start.toString(), window.end.toString()])
      return keys.length
    })
    const end = await t.h.materialize([many], ['many'], ['2026-01-01', '2026-01-02', '2026-01-03'])
    expect(end).toMatchObject({ state: 'succeeded' })
    expect(calls).toEqual([
      [['2026-01-01', '2026-01-02', '2026-01-03'], '2026-01-01T00:00:00Z', '2026-01-04T00:00:00Z'],
    ])
    expect(await t.h.store.steps.list(end.run)).toMatchObject([{ name: 'many', key: null }])
    for (const key of ['2026-01-01', '2026-01-03']) expect(await valueOf(many, key)).toBe(3)
  })
})

describe('edges', () => {
  const n = asset('n', { partitions: days }, (_, { partition }) => Number(partition.key.slice(-2)))
  const january = Array.from({ length: 9 }, (_, day) => `2026-01-0${day + 1}`)

  test('.at(-1) is the slice before; of the first there is none', async () => {
    const step = asset('step', { partitions: days, inputs: { n, before: n.at(-1) } }, ({ n: now, before }) => [
      now,
      before ?? null,
    ])
    await t.h.materialize([step], ['n', 'step'], ['2026-01-01', '2026-01-02'])
    expect([await valueOf(step, '2026-01-01'), await valueOf(step, '2026-01-02')]).toEqual([
      [1, null],
      [2, 1],
    ])
  })

  test('.at([-6, 0]) is a window of slices, those that hold nothing named', async () => {
    const week = asset('week', { partitions: days, inputs: { n: n.at([-6, 0]) } }, async ({ n: slices }) => ({
      keys: slices.keys,
      missing: slices.missing,
      sum: (await slices.values()).reduce((a, b) => a + b, 0),
    }))
    await t.h.materialize(
      [n],
      ['n'],
      january.filter((key) => key !== '2026-01-05'),
    )
    await t.h.materialize([week], ['week'], ['2026-01-09', '2026-01-02'])
    expect(await valueOf(week, '2026-01-09')).toEqual({
      keys: january.slice(2).filter((key) => key !== '2026-01-05'),
      missing: ['2026-01-05'],
      sum: 37,
    })
    expect(await valueOf(week, '2026-01-02')).toEqual({ keys: ['2026-01-01', '2026-01-02'], missing: [], sum: 3 })
  })

  test("'last' and 'all', of what exists", async () => {
    const short = daily({ start: '2026-01-01', end: '2026-01-04' })
    const few = asset('few', { partitions: short }, (_, { partition }) => partition.key)
    const last = asset('last', { inputs: { last: few.at('last'), all: few.at('all') } }, async ({ last: one, all }) => [
      one,
      all.keys,
      all.missing,
    ])
    await t.h.materialize([few], ['few'], ['2026-01-01', '2026-01-03'])
    expect(await t.h.materialize([last], ['last'])).toMatchObject({ state: 'succeeded' })
    expect(await valueOf(last)).toEqual(['2026-01-03', ['2026-01-01', '2026-01-03'], ['2026-01-02']])
  })

  test('{ only } is one slice by name', async () => {
    const named = asset('named', { partitions: region }, (_, { partition }) => partition.key)
    const eu = asset('eu', { inputs: { named: named.at({ only: 'eu' }) } }, ({ named: value }) => value)
    await t.h.materialize([eu], ['named'], ['eu'])
    expect(await t.h.materialize([eu], ['eu'])).toMatchObject({ state: 'succeeded' })
    expect(await valueOf(eu)).toBe('eu')
  })

  test('other grains by the clock: the slices that overlap', async () => {
    const hours = asset('hours', { partitions: hourly({ start: '2026-01-01' }) }, (_, { partition }) => partition.key)
    const day = asset('day', { partitions: days, inputs: { hours } }, ({ hours: slices }) => [
      slices.keys.length + slices.missing.length,
      slices.keys,
    ])
    await t.h.materialize([day], ['hours'], ['2026-01-02-00:00', '2026-01-02-23:00', '2026-01-03-00:00'])
    await t.h.materialize([day], ['day'], ['2026-01-02'])
    expect(await valueOf(day, '2026-01-02')).toEqual([24, ['2026-01-02-00:00', '2026-01-02-23:00']])
    const month = asset(
      'month',
      { partitions: monthly({ start: '2026-01-01' }), inputs: { n } },
      ({ n: slices }) => slices.keys.length + slices.missing.length,
    )
    const week = asset(
      'weeks',
      { partitions: weekly({ start: '2026-01-04' }), inputs: { n } },
      ({ n: slices }) => slices.keys.length + slices.missing.length,
    )
    await t.h.materialize([month], ['month'], ['2026-02-01'])
    await t.h.materialize([week], ['weeks'], ['2026-01-04'])
    expect([await valueOf(month, '2026-02-01'), await valueOf(week, '2026-01-04')]).toEqual([28, 7])
  })

  test('an unpartitioned downstream reads all, one by one, none before it is asked for', async () => {
    let reads = 0
    const total = asset('total', { inputs: { n } }, async ({ n: slices }) => {
      reads = slices.keys.length
      const seen: unknown[] = []
      for await (const [key, value] of slices) {
        seen.push([key, value])
        if (seen.length === 2) break
      }
      return {
        seen,
        one: await slices.get('2026-01-03'),
        none: await slices.get('1999-01-01').catch((error: { code: string }) => error.code),
        gap: await slices.get('2026-01-09').catch((error: { code: string }) => error.code),
      }
    })
    await t.h.materialize([total], ['n'], january.slice(0, 4))
    expect(await t.h.materialize([total], ['total'])).toMatchObject({ state: 'succeeded' })
    expect(reads).toBe(4)
    expect(await valueOf(total)).toEqual({
      seen: [
        ['2026-01-01', 1],
        ['2026-01-02', 2],
      ],
      one: 3,
      none: 'PARTITION_UNKNOWN',
      gap: 'VALUE_MISSING',
    })
  })

  test('self: a running total', async () => {
    const balance = asset(
      'balance',
      { partitions: days, inputs: { n, before: self<number>().at(-1) } },
      ({ n: now, before }) => (before ?? 0) + now,
    )
    const end = await t.h.materialize([balance], ['n', 'balance'], january.slice(0, 4))
    expect(end).toMatchObject({ state: 'succeeded' })
    expect(await valueOf(balance, '2026-01-04')).toBe(10)
  })

  test('deps carry no value, wait, and take .at() too', async () => {
    const order: string[] = []
    const first = asset('first', () => void order.push('first'))
    const byDay = asset('by day', { partitions: days }, (_, { partition }) => void order.push(partition.key))
    const last = asset('last', { deps: [first, byDay.at('all')] }, (inputs) => {
      order.push('last')
      return Object.keys(inputs)
    })
    await t.h.materialize([last], ['last', 'by day', 'first'], ['2026-01-01', '2026-01-02'])
    expect(order.at(-1)).toBe('last')
    expect(await valueOf(last)).toEqual([])
  })

  test('an optional edge to what was never made is undefined', async () => {
    const never = asset('never', () => 1)
    const may = asset('may', { inputs: { never: never.optional() } }, ({ never: value }) => value === undefined)
    await t.h.materialize([may], ['may'])
    expect(await valueOf(may)).toBe(true)
  })

  test('a slice that is missing is an error that names it', async () => {
    const next = asset('next', { partitions: days, inputs: { n } }, ({ n: value }) => value)
    const end = await t.h.materialize([next], ['next'], ['2026-01-03'])
    expect(end).toMatchObject({
      state: 'failed',
      error: { cause: { code: 'VALUE_MISSING', message: 'Partition 2026-01-03 of "n" holds no value yet.' } },
    })
  })

  test('perRun reads every slice that its keys reach', async () => {
    const sum = asset('sum', { partitions: days, perRun: true, inputs: { n } }, async ({ n: slices }) =>
      (await slices.values()).reduce((a, b) => a + b, 0),
    )
    await t.h.materialize([sum], ['n', 'sum'], ['2026-01-01', '2026-01-02'])
    expect(await valueOf(sum, '2026-01-01')).toBe(3)
    await t.h.materialize([sum], ['sum'], ['2026-01-02'])
    expect(await valueOf(sum, '2026-01-02')).toBe(2)
  })
})
