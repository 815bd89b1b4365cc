import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  bindSql,
  type Column,
  encode,
  type IoFactory,
  type IoManager,
  param,
  type Slot,
  sourcesFor,
  sql,
  type Table,
} from '@sluice/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { duckdb, parquet, query } from './index.ts'

const columns: Column[] = [
  { name: 'id', type: 'string', nullable: false },
  { name: 'cents', type: 'integer', nullable: false },
  { name: 'rate', type: 'number', nullable: true },
  { name: 'big', type: 'bigint', nullable: true },
  { name: 'paid', type: 'boolean', nullable: true },
  { name: 'at', type: 'date', nullable: true },
  { name: 'extra', type: 'json', nullable: true },
]
const full = {
  id: 'a"\'\n',
  cents: 9_007_199_254_740_991,
  rate: 0.1,
  big: -(2n ** 63n),
  paid: true,
  at: new Date('1969-12-31T23:59:59.999Z'),
  extra: { list: [1, null, 'x'] },
}
const bare = { id: '', cents: -1, rate: null, big: null, paid: null, at: null, extra: null }
const totals: Column[] = [{ name: 'n', type: 'integer', nullable: false }]

let folder: string
let io: IoManager
let steps = 0

const slot = (): Slot => ({ run: 'r4k2', epoch: 1, step: (steps += 1), attempt: 1 })
const into = (name: string, cols: readonly Column[] | null, partition: string | null = null) => ({
  name,
  partition,
  columns: cols,
  slot: slot(),
  signal: new AbortController().signal,
})
const write = (
  value: unknown,
  name: string,
  cols: readonly Column[] | null = columns,
  partition: string | null = null,
) => io.write(cols ? value : encode(value), into(name, cols, partition))
const read = async (
  ref: Awaited<ReturnType<typeof write>>['ref'],
  name = 'orders',
  cols: readonly Column[] | null = columns,
) => (await io.read(ref, { name, partition: null, columns: cols })) as Table<Record<string, unknown>>
const store = async (rows: unknown, name = 'orders', cols = columns) =>
  read((await write(rows, name, cols)).ref, name, cols)
const slicesOf = (tables: Record<string, unknown>) => ({
  keys: Object.keys(tables),
  missing: [],
  get: async (key: string) => tables[key],
  values: async () => Object.values(tables),
  async *[Symbol.asyncIterator]() {
    yield* Object.entries(tables)
  },
})
const numbers = function* (count: number) {
  for (let cents = 0; cents < count; cents += 1) yield { ...bare, id: `n${cents}`, cents }
}

const factories: [string, () => IoFactory][] = [
  ['duckdb', () => duckdb('wh.duckdb')],
  ['parquet', () => parquet('data [1]*')],
]

describe.each(factories)('%s', (_, factory) => {
  const open = async (readOnly = false) =>
    (io = await factory().open({ root: folder, home: join(folder, '.sluice'), readOnly }))
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'io-'))
    await open()
  })
  afterEach(async () => {
    await io.close()
    await rm(folder, { recursive: true })
  })

  test('rows come back as they were, and again after the process has let go of them', async () => {
    const { ref, rows } = await write([full, bare, { id: 'c', cents: 0 }], 'raw/orders')
    expect(rows).toBe(3)
    const wanted = [full, bare, { ...bare, id: 'c', cents: 0 }]
    expect(await (await read(ref)).toArray()).toEqual(wanted)
    await io.close()
    await open()
    expect(await (await read(JSON.parse(JSON.stringify(ref)))).toArray()).toEqual(wanted)
    expect(await Array.fromAsync((await read(ref)).rows({ limit: 1 }))).toEqual([full])
  })

  test('rows are counted where they are: nulls, and different combinations of columns', async () => {
    const table = await store([full, { ...bare, cents: 1 }, { ...bare, cents: 1 }, { ...bare, id: 'b', rate: 1 }])
    const counted = await table.count!({ nulls: ['rate', 'id'], distinct: ['id', 'cents'] })
    expect(counted).toEqual({ rows: 4, nulls: { rate: 2, id: 0 }, complete: 4, distinct: 3 })
    expect(await table.count!({ distinct: ['rate'] })).toMatchObject({ complete: 2, distinct: 2 })
    expect(await (await store([])).count!({ nulls: ['id'] })).toEqual({
      rows: 0,
      nulls: { id: 0 },
      complete: 0,
      distinct: 0,
    })
  })

  test('streams of any kind, and of none', async () => {
    const later = async function* () {
      yield* numbers(5000)
    }
    for (const [rows, count] of [
      [numbers(4096), 4096],
      [later(), 5000],
      [[], 0],
      [new Set([full]), 1],
    ] as const) {
      const written = await write(rows, 'orders')
      expect(written.rows).toBe(count)
      expect(await (await read(written.ref)).toArray()).toHaveLength(count)
    }
  })

  test('a row that does not fit is named, and leaves nothing', async () => {
    const wrong = [
      [{ ...full, cents: 'x' }, /Row 3001 of "orders" does not fit its columns: column "cents" should be integer/],
      [{ ...full, id: undefined }, /Row 3001 .* "id" is missing/],
      [{ ...full, big: 2n ** 63n }, /Row 3001 .* "big" cannot be stored: .* 64 bits/],
      [7, /Row 3001 .* a number/],
    ] as const
    for (const [row, message] of wrong) {
      const rows = [...numbers(3000), row]
      await expect(write(rows, 'orders')).rejects.toThrow(
        expect.objectContaining({ code: 'ROW_INVALID', message: expect.stringMatching(message) }),
      )
    }
    expect(await Array.fromAsync(io.list!())).toEqual([])
  })

  test('a source that throws leaves nothing, and its error is kept', async () => {
    const rows = async function* () {
      yield full
      throw new Error('the line broke')
    }
    await expect(write(rows(), 'orders')).rejects.toThrow('the line broke')
    expect(await Array.fromAsync(io.list!())).toEqual([])
  })

  test('what is no table and has columns is refused', async () => {
    await expect(write(3, 'orders')).rejects.toThrow(/"orders" has columns.*gave a number/)
  })

  test('values without columns are any storable value', async () => {
    const value = { when: new Date(0), map: new Map([['a', 1n]]), text: "it's" }
    const { ref, bytes } = await write(value, 'steps/train', null)
    expect(await read(ref, 'steps/train', null)).toEqual(value)
    expect(bytes).toBeGreaterThan(20)
    await io.remove([ref])
    await io.remove([ref])
    await expect(read(ref, 'steps/train', null)).rejects.toThrow(expect.objectContaining({ code: 'VALUE_MISSING' }))
  })

  test('slots never collide: attempts, partitions and names that look alike', async () => {
    const first = into('a/b', columns)
    const contexts = [
      first,
      { ...first, slot: { ...first.slot, attempt: 2 } },
      { ...first, slot: { ...first.slot, epoch: 2 } },
      { ...first, name: 'a', partition: 'b' },
      { ...first, name: 'a@b' },
      { ...first, name: 'a/b@c' },
      { ...first, partition: 'c' },
      { ...first, partition: '../c' },
      { ...first, partition: '*' },
      { ...first, partition: 'x'.repeat(400) },
      { ...first, partition: `${'x'.repeat(400)}y` },
    ]
    const written = await Promise.all(contexts.map((context, cents) => io.write([{ ...bare, cents }], context)))
    const tables = await Promise.all(written.map(({ ref }) => read(ref)))
    expect((await Promise.all(tables.map((table) => table.toArray()))).flat().map((row) => row['cents'])).toEqual(
      contexts.map((_, cents) => cents),
    )
    const listed = await Array.fromAsync(io.list!())
    expect(
      listed.map(({ slot: { epoch, attempt } }) => `${epoch}.${attempt}`).toSorted((a, b) => a.localeCompare(b)),
    ).toEqual([...Array<string>(9).fill('1.1'), '1.2', '2.1'])
  })

  test('list and remove work together', async () => {
    await write([full], 'orders')
    await write('text', 'note', null)
    for await (const { ref } of io.list!()) await io.remove([ref])
    expect(await Array.fromAsync(io.list!())).toEqual([])
  })

  test('a removed table is missing, by its name', async () => {
    const { ref } = await write([full], 'orders')
    const table = await read(ref)
    await io.remove([ref])
    await expect(table.toArray()).rejects.toThrow(expect.objectContaining({ code: 'VALUE_MISSING' }))
  })

  test('a query over a table, its columns quoted and its values bound', async () => {
    const odd: Column[] = [
      { name: 'a "b"; --', type: 'integer', nullable: false },
      { name: 'who', type: 'string', nullable: false },
    ]
    const table = await store(
      [
        { [odd[0]!.name]: 4, who: "x'; drop table y; --" },
        { [odd[0]!.name]: 5, who: 'z' },
      ],
      'odd',
      odd,
    )
    const { t } = sourcesFor(['t']) as { t: Record<string, never> }
    const text = sql`select sum(${t[odd[0]!.name]!})::bigint as n from ${t} where ${t['who']!} = ${param("x'; drop table y; --")};`
    const { ref, rows } = await write(bindSql(text, { t: table }), 'total', totals)
    expect(rows).toBe(1)
    expect(await (await read(ref, 'total', totals)).toArray()).toEqual([{ n: 4 }])
  })

  test('every kind of value is bound as itself', async () => {
    const kinds: Column[] = [
      ['s', 'string'],
      ['i', 'integer'],
      ['f', 'number'],
      ['h', 'number'],
      ['b', 'boolean'],
      ['d', 'date'],
      ['t', 'date'],
      ['p', 'date'],
      ['n', 'string'],
      ['l', 'integer'],
    ].map(([name, type]) => ({ name, type, nullable: true }) as Column)
    const when = '2024-02-29T12:00:00.5Z'
    const text = sql`select ${param('é')} as s, ${param(7)} as i, ${param(0.5)} as f, ${param(1e300)} as h, ${param(false)} as b,
      ${param(new Date(when))} as d, ${param(Temporal.Instant.from(when))} as t, ${param(Temporal.PlainDate.from('2024-02-29'))} as p, ${param(null)}::varchar as n, ${param(2n ** 40n)} as l`
    const { ref } = await write(text, 'kinds', kinds)
    const wanted = [
      {
        s: 'é',
        i: 7,
        f: 0.5,
        h: 1e300,
        b: false,
        d: new Date(when),
        t: new Date(when),
        p: new Date('2024-02-29'),
        n: null,
        l: 2 ** 40,
      },
    ]
    expect(await (await read(ref, 'kinds', kinds)).toArray()).toEqual(wanted)
    const viewed = await io.write(text, { ...into('kinds', kinds), view: true })
    expect(await (await read(viewed.ref, 'kinds', kinds)).toArray()).toEqual(wanted)
  })

  test('a table twice under two names, queries inside queries, and a query as an input', async () => {
    const { o, p } = sourcesFor(['o', 'p']) as Record<string, Record<string, never>>
    const table = await store([
      { ...bare, cents: 1 },
      { ...bare, cents: 2 },
    ])
    const large = bindSql(sql`select * from ${p!} where ${p!['cents']!} > ${param(1)}`, { p: table })
    const text = sql`with o as (select * from ${o!}) select count(*) as n from ${o!} a, ${o!} b, ${sql`select 1 as one where ${param(true)}`} c, ${p!} where ${param(1)} = 1`
    const { ref } = await write(bindSql(text, { o: table, p: large }), 'total', totals)
    expect(await (await read(ref, 'total', totals)).toArray()).toEqual([{ n: 4 }])
    const own = sql`select * from ${bindSql(sql`select count(*) as n from ${o!}`, { o: large })}`
    expect(await query(own)).toEqual([{ n: 1 }])
  })

  test('slices are read together; slices that differ in columns, by name; none, as no rows', async () => {
    const { s } = sourcesFor(['s']) as Record<string, Record<string, never>>
    const short: Column[] = [{ name: 'cents', type: 'integer', nullable: false }]
    const slices = slicesOf({ a: await store([full]), b: await store([{ cents: 4 }, { cents: 5 }], 'orders', short) })
    const text = sql`select count(*) as n from ${s!} where ${s!['cents']!} > ${param(4)}`
    for (const [input, n] of [
      [slices, 2],
      [slicesOf({}), 0],
      [undefined, 0],
    ] as const) {
      const { ref } = await write(bindSql(text, { s: input }), 'total', totals)
      expect(await (await read(ref, 'total', totals)).toArray()).toEqual([{ n }])
    }
  })

  test('a table of another manager is read through its rows', async () => {
    const { t } = sourcesFor(['t']) as Record<string, Record<string, never>>
    const foreign = {
      name: 'there',
      async *rows() {
        for (let i = 0; i < 3000; i += 1) yield { i, at: new Date(i), note: i === 5 ? null : { i } }
      },
      toArray: async () => [],
    }
    const { ref } = await write(
      bindSql(sql`select count(*) filter (${t!['at']!} >= ${param(new Date(1000))}) as n from ${t!}`, { t: foreign }),
      'total',
      totals,
    )
    expect(await (await read(ref, 'total', totals)).toArray()).toEqual([{ n: 2000 }])
  })

  test('a query that does not fit its columns is refused before it runs', async () => {
    const table = await store([full])
    const cases: [unknown, RegExp][] = [
      [
        sql`select id as n from ${table}`,
        /column "n" is an integer, but the query gives VARCHAR: cast it \(n::BIGINT\)/,
      ],
      [sql`select 1 as m`, /column "n" is not in the query's result \(m\).*gives a column "m"/],
      [sql`select nope as n from ${table}`, /"nope" not found/],
      [sql`selec 1 as n`, /syntax error/],
    ]
    for (const [text, message] of cases) {
      await expect(write(text, 'total', totals)).rejects.toThrow(
        expect.objectContaining({ code: 'SQL_INVALID', message: expect.stringMatching(message) }),
      )
    }
    await expect(write(sql`select null::bigint as n`, 'total', totals)).rejects.toThrow(
      expect.objectContaining({ code: 'ROW_INVALID', message: expect.stringMatching(/null in column "n"/) }),
    )
    await expect(write(sql`select 'x'::bigint as n`, 'total', totals)).rejects.toThrow(
      expect.objectContaining({ code: 'ROW_INVALID' }),
    )
  })

  test('an abort stops a query and a stream', async () => {
    const stop = new AbortController()
    const endless = async function* () {
      for (let i = 0; ; i += 1) {
        if (i === 10_000) stop.abort(new Error('enough'))
        yield { ...bare, cents: i }
      }
    }
    await expect(io.write(endless(), { ...into('orders', columns), signal: stop.signal })).rejects.toThrow('enough')
    const slow = new AbortController()
    const running = io.write(
      sql`select count(*) as n from range(1000000) a, range(1000000) b where a.range + b.range = 3`,
      { ...into('total', totals), signal: slow.signal },
    )
    setTimeout(() => slow.abort(new Error('too slow')), 20)
    await expect(running).rejects.toThrow('too slow')
    expect(await Array.fromAsync(io.list!())).toEqual([])
  })
})
