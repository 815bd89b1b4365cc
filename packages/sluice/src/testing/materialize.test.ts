import { asset, assets, daily, grid, hourly, oneOf, dynamic, output, resource, skip, task, log, use } from 'sluice'
import { materialize, table } from 'sluice/testing'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

const Order = z.object({ id: z.string(), cents: z.number() })
const orders = asset('orders', { columns: Order }, () => [{ id: 'a', cents: 1 }])
const db = resource('db', {
  config: z.object({ path: z.string() }),
  open: ({ path }) => ({ query: (sql: string) => `${path}: ${sql}` }),
})

describe('materialize', () => {
  test('gives the function what the test gives, and what it made', async () => {
    const total = asset(
      'total',
      { inputs: { orders }, resources: { db } },
      async ({ orders: table1 }, { resources, metadata }) => {
        const rows = await table1.toArray()
        metadata({ rows: rows.length, asked: resources.db.query('x') })
        log.info('counted', { rows: rows.length })
        return rows.reduce((sum, row) => sum + row.cents, 0)
      },
    ).checks({
      positive: ({ value }) => ({ passed: value > 0, metadata: { value } }),
      small: ({ value }) => ({ passed: value < 5 }),
    })
    const made = await materialize(total, {
      inputs: {
        orders: [
          { id: 'x', cents: 4 },
          { id: 'y', cents: 5 },
        ],
      },
      resources: { db: { query: (text) => `fake ${text}` } },
    })
    expect(made).toMatchObject({
      value: 9,
      checks: {
        positive: { passed: true, metadata: { value: { type: 'number', value: 9 } } },
        small: { passed: false },
      },
      metadata: { rows: { type: 'number', value: 2 }, asked: { type: 'text', value: 'fake x' } },
      logs: [{ level: 'info', message: 'counted' }],
    })
    expect(made).not.toHaveProperty('skipped')
  })

  test('a table is validated row by row, and its value is a table', async () => {
    const made = await materialize(orders)
    expect(await made.value.toArray()).toEqual([{ id: 'a', cents: 1 }])
    expect(made.metadata).toEqual({ rows: { type: 'number', value: 1 } })
    const bad = asset('bad', { columns: Order }, () => [
      { id: 'a', cents: 1 },
      { id: 'b', cents: 'two' as never },
    ])
    await expect(materialize(bad)).rejects.toMatchObject({
      code: 'ROW_INVALID',
      message: expect.stringContaining('Row 2') as string,
    })
  })

  test('throws the very error that the function threw', async () => {
    class Mine extends Error {}
    const bad = asset('bad', () => {
      throw new Mine('no')
    })
    await expect(materialize(bad)).rejects.toBeInstanceOf(Mine)
  })

  test('says why nothing was made', async () => {
    const none = asset('none', (): number | ReturnType<typeof skip> => skip('no files yet')).checks({
      some: ({ value }) => ({ passed: value > 0 }),
    })
    expect(await materialize(none)).toMatchObject({ value: undefined, skipped: 'no files yet', checks: {} })
  })

  test('partitions: by the clock with their window, by name, in a grid', async () => {
    const day = asset('day', { partitions: daily({ start: '2026-01-01' }) }, (_, { partition }) =>
      partition.window.start.toString(),
    )
    expect((await materialize(day, { partition: '2099-05-01' })).value).toBe('2099-05-01T00:00:00Z')
    await expect(materialize(day, { partition: 'yesterday' })).rejects.toMatchObject({ code: 'PARTITION_UNKNOWN' })
    const region = asset('region', { partitions: oneOf(['eu', 'us']) }, (_, { partition }) => partition.key)
    expect((await materialize(region, { partition: 'us' })).value).toBe('us')
    await expect(materialize(region, { partition: 'asia' as 'eu' })).rejects.toMatchObject({
      code: 'PARTITION_UNKNOWN',
    })
    const cells = asset(
      'cells',
      { partitions: grid({ hour: hourly({ start: '2026-01-01' }), customer: dynamic('c') }) },
      (_, { partition: { key, dims } }) => [key, dims.hour.window.end.toString(), dims.customer.key],
    )
    expect((await materialize(cells, { partition: { hour: '2026-01-01-00:00', customer: 'acme' } })).value).toEqual([
      'acme|2026-01-01-00:00',
      '2026-01-01T01:00:00Z',
      'acme',
    ])
  })

  test('many slices are given as a record, and read as slices', async () => {
    const day = asset('day', { partitions: daily({ start: '2026-01-01' }) }, () => 1)
    const tables = asset('tables', { columns: Order, partitions: oneOf(['a', 'b']) }, () => [])
    const all = asset(
      'all',
      { inputs: { day, tables, first: day.at('last'), before: day.at('all') } },
      async ({ day: days, tables: each, first, before }) => {
        const rows: string[] = []
        for await (const [key, one] of each) for (const row of await one.toArray()) rows.push(`${key} ${row.id}`)
        return {
          days: days.keys,
          sum: (await days.values()).reduce((a, b) => a + b, 0),
          one: await days.get('2026-01-02'),
          first,
          before: before.keys.length,
          rows,
        }
      },
    )
    const made = await materialize(all, {
      inputs: {
        day: { '2026-01-01': 1, '2026-01-02': 2 },
        tables: { a: [{ id: 'x', cents: 1 }], b: table([]) },
        first: 7,
        before: {},
      },
    })
    expect(made.value).toEqual({
      days: ['2026-01-01', '2026-01-02'],
      sum: 3,
      one: 2,
      first: 7,
      before: 0,
      rows: ['a x'],
    })
  })

  test('params are validated; absent inputs are refused, optional ones are absent', async () => {
    const late = asset(
      'late',
      { inputs: { orders: orders.optional() }, params: z.object({ min: z.number().default(1) }) },
      ({ orders: given }, { params }) => [given === undefined, params.min],
    )
    expect((await materialize(late)).value).toEqual([true, 1])
    expect((await materialize(late, { params: { min: 3 } })).value).toEqual([true, 3])
    await expect(materialize(late, { params: { min: 'x' as never } })).rejects.toMatchObject({ code: 'PARAMS_INVALID' })
    const needs = asset('needs', { inputs: { late } }, ({ late: value }) => value.length)
    await expect(materialize(needs, { inputs: {} as never })).rejects.toMatchObject({ code: 'VALUE_MISSING' })
  })

  test('one of several assets of a step', async () => {
    const { a, b } = assets(
      'both',
      { subset: true, outputs: { a: output<number>('a'), b: output<string>('b') } },
      (_, { wanted }) => ({
        ...(wanted.has('a') && { a: 1 }),
        b: skip('not today'),
      }),
    )
    expect((await materialize(a)).value).toBe(1)
    expect((await materialize(b)).skipped).toBe('not today')
  })

  test('tasks inside it are steps, and use what is configured', async () => {
    const ask = task('ask', { retries: { max: 2, delay: '1h' } }, async (n: number) => {
      if (n === 1) throw new Error('again')
      return (await use(db)).query('q')
    })
    const asks = asset('asks', async () => [await ask(2), (await ask.settled(1)).ok])
    expect((await materialize(asks, { with: [db.with({ path: './x' })] })).value).toEqual(['./x: q', false])
  })

  test('what cannot be stored fails as it would in a run', async () => {
    const bad = asset('bad', () => ({ f: () => 1 }))
    await expect(materialize(bad)).rejects.toMatchObject({ code: 'RESULT_NOT_STORABLE' })
  })
})
