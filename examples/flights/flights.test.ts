import { query } from '@sluice/duckdb'
import type { Sql, Table } from 'sluice'
import { expect, test } from 'vitest'
import { airports, backtest, flights, rawFlights, rejected, routeDays } from './pipeline.ts'

/** What an asset's function returns, for these inputs. */
const sqlOf = (
  asset: { run: ((inputs: never, context: never) => unknown) | undefined },
  inputs: object = {},
  context: object = {},
) => asset.run!(inputs as never, context as never) as Sql
const day = (key: string, to = Temporal.PlainDate.from(key).add({ days: 1 }).toString()) => ({
  partition: {
    key,
    window: { start: Temporal.Instant.from(`${key}T00:00Z`), end: Temporal.Instant.from(`${to}T00:00Z`) },
  },
})
const tableOf = (rows: readonly object[]): Table<unknown> => ({
  name: 'rows',
  toArray: async () => [...rows],
  async *rows() {
    yield* rows
  },
})

const good = { departed_at: new Date('2001-01-01T08:00Z'), origin: 'LAX', destination: 'SFO', miles: 337, delay: 4 }
const bad = [
  [{ ...good }, 'the same row again'],
  [{ ...good, origin: 'QQQ' }, 'unknown airport'],
  [{ ...good, destination: 'LAX' }, 'goes nowhere'],
  [{ ...good, miles: 3370 }, 'impossible distance'],
  [{ ...good, delay: -121 }, 'left hours early'],
  [{ ...good, departed_at: new Date('2001-01-01T23:57Z'), delay: 1433 }, 'a day is counted twice'],
  [{ ...good, departed_at: new Date('2001-01-01T00:02Z'), delay: 1442 }, 'a day is counted twice'],
] as const
/** Strange, and possible: a day late at noon, and a punctual flight at midnight. */
const odd = [
  { ...good, delay: 1433, departed_at: new Date('2001-01-01T12:00Z') },
  { ...good, departed_at: new Date('2001-01-01T23:57Z') },
]

test('bad rows are put aside, each with its reason, and only those', async () => {
  const inputs = { f: tableOf([good, ...odd, ...bad.map(([row]) => row)]), a: sqlOf(airports) }
  const aside = await query<{ problem: string }>(sqlOf(rejected, inputs))
  expect(aside.map(({ problem }) => problem).sort()).toEqual(bad.map(([, problem]) => problem).sort())
  const kept = await query<typeof good>(sqlOf(flights, inputs, day('2001-01-01')))
  expect(kept.sort((a, b) => a.departed_at.getTime() - b.departed_at.getTime())).toEqual([good, ...odd])
})

test('a day of the real file has its flights, from midnight to midnight', async () => {
  const found = await query<typeof good>(sqlOf(rawFlights, {}, day('2001-06-30')))
  expect(found).toHaveLength(15_626)
  const times = found.map(({ departed_at: at }) => at.getTime()).sort((a, b) => a - b)
  expect([times[0], times.at(-1)]).toEqual([Date.parse('2001-06-30T00:00Z'), Date.parse('2001-06-30T23:59Z')])
})

test('the whole file has 219 bad rows', async () => {
  const all = sqlOf(rawFlights, {}, day('2001-01-01', '2001-07-01'))
  const problems = (await query<{ problem: string }>(sqlOf(rejected, { f: all, a: sqlOf(airports) }))).map(
    ({ problem }) => problem,
  )
  const counts = Object.fromEntries(
    Map.groupBy(problems, (problem) => problem)
      .entries()
      .map(([problem, rows]) => [problem, rows.length]),
  )
  expect(counts).toEqual({ 'the same row again': 191, 'a day is counted twice': 25, 'left hours early': 3 })
})

test('the backtest learns nothing from June', async () => {
  const days = (june: number) =>
    tableOf(
      ['2001-05-28', '2001-05-29', '2001-06-04', '2001-06-05'].map((key) => ({
        day: key,
        origin: 'LAX',
        destination: 'SFO',
        flights: 10,
        delay: key < '2001-06' ? 100 : june,
        late: 0,
      })),
    )
  const errors = async (june: number) =>
    (await query<{ mean_error: number }>(sqlOf(backtest, { d: days(june) }))).map(({ mean_error: error }) => error)
  expect(await errors(100)).toEqual([0, 0, 0])
  expect(await errors(300)).toEqual([20, 20, 20])
})

test('delays of a day are added up by route', async () => {
  const f = tableOf([good, { ...good, delay: 16 }, { ...good, delay: 15 }, { ...good, origin: 'SAN' }])
  expect(
    (await query(sqlOf(routeDays, { f }, day('2001-01-01')))).sort(
      (a, b) => Number(b['flights']) - Number(a['flights']),
    ),
  ).toEqual([
    { day: '2001-01-01', origin: 'LAX', destination: 'SFO', flights: 3, late: 1, delay: 35 },
    { day: '2001-01-01', origin: 'SAN', destination: 'SFO', flights: 1, late: 0, delay: 4 },
  ])
})
