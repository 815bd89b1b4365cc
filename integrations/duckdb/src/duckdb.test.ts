import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { bindSql, type Column, type IoManager, sourcesFor, sql, type Table } from '@sluice/core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { duckdb, query } from './index.ts'

const columns: Column[] = [
  { name: 'day', type: 'string', nullable: false },
  { name: 'cents', type: 'integer', nullable: false },
]
const { o } = sourcesFor(['o']) as unknown as { o: Record<string, never> }
let folder: string
let io: IoManager
let steps = 0

const open = async (readOnly = false) =>
  (io = await duckdb('wh.duckdb', { wait: '0ms' }).open({ root: folder, home: folder, readOnly }))
const into = (name: string, partition: string | null = null) => ({
  name,
  partition,
  columns,
  slot: { run: 'r1', epoch: 1, step: (steps += 1), attempt: 1 },
  signal: new AbortController().signal,
})
/** Writes and publishes, as a run does. */
const make = async (value: unknown, name: string, partition: string | null = null, view = false) => {
  const context = { ...into(name, partition), view }
  const { ref } = await io.write(value, context)
  await io.published!(ref, context)
  return { ref, table: (await io.read(ref, context)) as Table<{ day: string; cents: number }> }
}
/** What a person sees who opens the file. */
const seen = async (text: string): Promise<unknown[]> => {
  await io.close()
  const instance = await DuckDBInstance.create(join(folder, 'wh.duckdb'), { access_mode: 'READ_ONLY' })
  const connection = await instance.connect()
  const rows = (await connection.runAndReadAll(text)).getRows()
  connection.closeSync()
  instance.closeSync()
  return rows
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'duckdb-'))
  await open()
})
afterEach(async () => {
  await io.close()
  await rm(folder, { recursive: true })
})

describe('what people see', () => {
  test('the latest of a table under its own name, only once it is published', async () => {
    await make([{ day: 'a', cents: 1 }], 'marts/daily/"revenue"')
    await make([{ day: 'b', cents: 2 }], 'marts/daily/"revenue"')
    await io.write([{ day: 'c', cents: 3 }], into('marts/daily/"revenue"'))
    await make([{ day: 'x', cents: 4 }], 'plain')
    expect(await seen('select * from "marts/daily"."""revenue""", plain')).toEqual([['b', 2n, 'x', 4n]])
  })

  test('the latest of each slice together, also when slices come at once', async () => {
    await Promise.all(['3', '1', '2', '1b'].map((day, cents) => make([{ day, cents }], 'raw/orders', day.slice(0, 1))))
    await make([{ day: '2 again', cents: 9 }], 'raw/orders', '2')
    const rows = (await seen('select day from raw.orders order by 1')).flat()
    expect(rows).toHaveLength(3)
    expect(rows).toEqual(expect.arrayContaining(['2 again', '3']))
  })

  test('an asset that becomes partitioned keeps nothing of what it was', async () => {
    await make([{ day: 'whole', cents: 1 }], 'orders')
    await make([{ day: 'slice', cents: 1 }], 'orders', 'k')
    expect(await seen('select day from orders')).toEqual([['slice']])
  })

  test('a removed slice leaves the view, the last one takes it away', async () => {
    const first = await make([{ day: '1', cents: 1 }], 'orders', '1')
    const second = await make([{ day: '2', cents: 1 }], 'orders', '2')
    await io.remove([first.ref])
    expect(await query(sql`select day from ${second.table}`)).toEqual([{ day: '2' }])
    await io.remove([second.ref])
    expect(await seen(`select count(*)::int from duckdb_views() where view_name = 'orders'`)).toEqual([[0]])
  })

  test('a view holds the query: what it reads from may not be stored twice', async () => {
    const { table } = await make(
      [
        { day: 'a', cents: 1 },
        { day: 'b', cents: 5 },
      ],
      'orders',
    )
    const view = await make(
      bindSql(sql`select ${o['day']!}, ${o['cents']!} from ${o} where ${o['cents']!} > 2`, { o: table }),
      'large',
      null,
      true,
    )
    expect(await view.table.toArray()).toEqual([{ day: 'b', cents: 5 }])
    const over = await make(bindSql(sql`select * from ${o}`, { o: view.table }), 'over')
    expect(await over.table.toArray()).toEqual([{ day: 'b', cents: 5 }])
    expect(
      await seen(
        `select table_type, large.day from information_schema.tables, large where table_schema = 'main' and table_name = 'large'`,
      ),
    ).toEqual([['VIEW', 'b']])
    await open()
    for await (const { ref } of io.list!()) await io.remove([ref])
    expect(await Array.fromAsync(io.list!())).toEqual([])
  })
})

test('what a view reads is kept until the view is gone', async () => {
  const rows = [{ day: 'a', cents: 1 }]
  const orders = await make(rows, 'orders')
  const base = await make(bindSql(sql`select * from ${o}`, { o: orders.table }), 'base', null, true)
  const over = await make(bindSql(sql`select * from ${o}`, { o: base.table }), 'over', null, true)
  await make([{ day: 'b', cents: 2 }], 'orders')
  await io.remove([orders.ref, base.ref])
  expect(await Array.fromAsync(io.list!())).toHaveLength(2) // nothing to be found twice
  expect(await over.table.toArray()).toEqual(rows)
  await io.remove([over.ref])
  await expect(orders.table.toArray()).rejects.toThrow(expect.objectContaining({ code: 'VALUE_MISSING' }))
  expect(await seen('select day from orders')).toEqual([['b']])
  expect(await seen(`select count(*)::int from duckdb_views() where schema_name = 'sluice'`)).toEqual([[0]])
})

describe('query', () => {
  test('gives plain values, from where the tables are', async () => {
    const { table } = await make(
      [
        { day: 'a', cents: 1 },
        { day: 'b', cents: 5 },
      ],
      'orders',
    )
    expect(
      await query(
        sql`select count(*) as n, avg(cents) as mean, max(day) as last, list(cents) as all_cents, timestamp '2024-01-01' as t from ${table}`,
      ),
    ).toEqual([{ n: 2, mean: 3, last: 'b', all_cents: [1, 5], t: new Date('2024-01-01') }])
    expect(await query(sql`select 1 + 1 as two`)).toEqual([{ two: 2 }])
  })

  test('runs where the tables are, also those of a query inside', async () => {
    const { table } = await make([{ day: 'a', cents: 1 }], 'orders')
    const inside = sql`select 1 from ${Object.assign(table, {
      rows: () => {
        throw new Error('copied')
      },
    })}`
    expect(await query(sql`select count(*) as n from ${inside}`)).toEqual([{ n: 1 }])
    expect(await query(bindSql(sql`select count(*) as n from ${o}`, { o: inside }))).toEqual([{ n: 1 }])
  })
})

describe('one process', () => {
  test('a reader that stops early does not keep the file open', async () => {
    const rows = Array.from({ length: 200_000 }, (_, cents) => ({ day: `day ${cents}`, cents }))
    const { ref, table } = await make(rows, 'orders')
    for await (const row of table.rows()) if (row.cents === 3) break
    await query(sql`select * from ${table}`).then((all) => expect(all).toHaveLength(rows.length))
    await expect(
      (async () => {
        for await (const row of table.rows()) if (row.cents === 30_000) throw new Error('no more')
      })(),
    ).rejects.toThrow('no more')
    await io.close()
    await open()
    expect(await Array.fromAsync(((await io.read(ref, into('orders'))) as Table<unknown>).rows({ limit: 2 }))).toEqual(
      rows.slice(0, 2),
    )
  })
})

describe('several processes', () => {
  const child = (mode: string): ReturnType<typeof fork> =>
    fork(join(import.meta.dirname, 'testing/holder.ts'), [mode, folder], {
      execArgv: ['--conditions=@sluice/source'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })

  test('a file that another process holds is busy: who, and what to do', async () => {
    const holder = child('hold')
    await once(holder, 'message')
    for (const readOnly of [false, true]) {
      await open(readOnly)
      const error = await io.write([], into('orders')).catch((cause: unknown) => cause)
      expect(error).toMatchObject({ code: 'STORE_BUSY', retryable: true, data: { pid: holder.pid } })
      expect((error as { hint: string }).hint).toContain(`kill ${holder.pid}`)
    }
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    await open()
    await expect(make([{ day: 'a', cents: 1 }], 'orders')).resolves.toBeDefined()
  })

  test('who waits for such a file says for whom, and goes on when it is free', async () => {
    const holder = child('hold')
    await once(holder, 'message')
    await io.close()
    io = await duckdb('wh.duckdb', { wait: '5m' }).open({ root: folder, home: folder, readOnly: false })
    const told = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const written = io.write([{ day: 'a', cents: 1 }], into('orders'))
    await expect
      .poll(() => told.mock.calls.flat())
      .toEqual([expect.stringContaining(`wh.duckdb is open in process ${holder.pid}`)])
    told.mockRestore()
    holder.kill('SIGKILL')
    await expect(written).resolves.toMatchObject({ rows: 1 })
  })

  test('a process killed while it writes leaves what was published, and nothing else', async () => {
    const writer = child('write')
    const [kept] = (await once(writer, 'message')) as [{ ref: never }]
    writer.kill('SIGKILL')
    await once(writer, 'exit')
    await open()
    const table = (await io.read(kept.ref, into('orders'))) as Table<unknown>
    expect(await table.toArray()).toEqual([{ day: 'kept', cents: 1 }])
    expect(await Array.fromAsync(io.list!())).toHaveLength(1)
    expect(await seen('select day from orders')).toEqual([['kept']])
  })

  test('reading only needs a file, and changes nothing', async () => {
    await open(true)
    await expect(
      query(
        sql`select * from ${(await io.read({ table: 'x', columns: columns as never }, into('x'))) as Table<unknown>}`,
      ),
    ).rejects.toThrow(expect.objectContaining({ code: 'VALUE_MISSING' }))
    await open()
    const { ref } = await make([{ day: 'a', cents: 1 }], 'orders')
    await io.close()
    await open(true)
    expect(await ((await io.read(ref, into('orders'))) as Table<unknown>).toArray()).toEqual([{ day: 'a', cents: 1 }])
    await expect(io.write([], into('orders'))).rejects.toThrow(/read-only/)
  })
})

describe('memory', () => {
  test('two million rows in and out take little of it', { timeout: 300_000 }, async () => {
    for (const [manager, most] of [
      ['duckdb', 300],
      ['parquet', 500],
    ] as const) {
      const streamer = fork(join(import.meta.dirname, 'testing/streamer.ts'), [manager, folder], {
        execArgv: ['--conditions=@sluice/source'],
      })
      const [{ rows, peak }] = (await once(streamer, 'message')) as [{ rows: number; peak: number }]
      await once(streamer, 'exit')
      expect(rows).toBe(2_000_000)
      // The rows are 300 MB as text and far more as JavaScript's objects; an empty process with DuckDB takes 100.
      expect(peak).toBeLessThan(most)
    }
  })
})
