import { fileURLToPath } from 'node:url'
import { query } from '@sluice/duckdb'
import { asset, daily, param, type Source, sql, sqlAsset } from 'sluice'
import { z } from 'zod'

/** A data file of the package `vega-datasets`. */
const pathOf = (name: string) => fileURLToPath(new URL(`../data/${name}`, import.meta.resolve('vega-datasets')))
const file = (name: string) => param(pathOf(name))
export const flightsFile = pathOf('flights-3m.parquet')

/** The first half of 2001. The file has six flights more, at midnight of July 1st: a day that is not whole is left out. */
export const days = daily({ start: '2001-01-01', end: '2001-07-01', timeZone: 'UTC' })

const Airport = z.object({
  code: z.string(),
  name: z.string(),
  city: z.string().nullable(),
  state: z.string().nullable(),
  country: z.string(),
  latitude: z.number(),
  longitude: z.number(),
})
const Flight = z.object({
  departed_at: z.date(),
  origin: z.string(),
  destination: z.string(),
  miles: z.int(),
  delay: z.int(),
})

export const airports = asset(
  'airports',
  { columns: Airport, group: 'sources', kinds: ['csv'] },
  () => sql`
  select iata as code, name, nullif(city, 'NA') as city, nullif(state, 'NA') as state, country, latitude, longitude
  from read_csv(${file('airports.csv')}, header = true)`,
).checks({
  codes_are_unique: {
    blocking: true,
    run: async ({ value }) => none(await count(sql`select code from ${value} group by code having count(*) > 1`)),
  },
  on_the_map: async ({ value }) =>
    none(await count(sql`select code from ${value} where abs(latitude) > 90 or abs(longitude) > 180`)),
})

// One day at a time, straight from Parquet. No column may be null, so a flight without an origin would stop its day here.
export const rawFlights = asset(
  'raw/flights',
  { partitions: days, columns: Flight, group: 'sources', kinds: ['parquet'] },
  (_, { partition }) => sql`
  select date as departed_at, origin, destination, distance as miles, delay from read_parquet(${file('flights-3m.parquet')})
  where date >= ${param(partition.window.start)} and date < ${param(partition.window.end)}`,
).checks({
  // The quietest day has 14,000: a day with fewer than 10,000 flights was cut short, and goes no further.
  day_is_whole: { blocking: true, run: async ({ value }) => atLeast(10_000, await count(sql`select 1 from ${value}`)) },
})

/** Each flight with what is wrong with it, if anything. Part of the two queries below. */
const judged = ({ f, a }: { f: Source<z.infer<typeof Flight>>; a: Source<z.infer<typeof Airport>> }) => sql`
  select ${f}.*, case
    when row_number() over (partition by ${f.departed_at}, ${f.origin}, ${f.destination}, ${f.miles}, ${f.delay}) > 1 then 'the same row again'
    when start.code is null or stop.code is null then 'unknown airport'
    when ${f.origin} = ${f.destination} or ${f.miles} <= 0 then 'goes nowhere'
    when abs(${f.miles} - 7918 * asin(sqrt(
      sin(radians(stop.latitude - start.latitude) / 2) ** 2 +
      cos(radians(start.latitude)) * cos(radians(stop.latitude)) * sin(radians(stop.longitude - start.longitude) / 2) ** 2
    ))) > 100 then 'impossible distance'
    when ${f.delay} < -120 then 'left hours early'
    -- The red-eye from Phoenix to Detroit: off a few minutes before midnight, and "a day late".
    when ${f.delay} > 1380 and abs(epoch(${f.departed_at} - date_trunc('day', ${f.departed_at} + interval 12 hours))) <= 900 then 'a day is counted twice'
  end as problem
  from ${f} left join ${a} as start on start.code = ${f.origin} left join ${a} as stop on stop.code = ${f.destination}`

export const flights = sqlAsset('flights', {
  partitions: days,
  columns: Flight,
  group: 'flights',
  inputs: { f: rawFlights, a: airports },
  materialize: 'incremental',
  sql: (from) => sql`select departed_at, origin, destination, miles, delay from ${judged(from)} where problem is null`,
})

export const rejected = sqlAsset('rejected', {
  columns: Flight.extend({ problem: z.string() }),
  group: 'flights',
  inputs: { f: rawFlights, a: airports },
  sql: (from) => sql`select * from ${judged(from)} where problem is not null order by departed_at`,
}).checks({
  // Bad rows are put aside, which is worth a warning; more than one in a thousand would be another kind of file.
  nothing_rejected: {
    severity: 'warn',
    run: async ({ value }) => {
      const reasons = await query<{ problem: string; flights: number }>(
        sql`select problem, count(*) as flights from ${value} group by 1 order by 2 desc, 1`,
      )
      return {
        passed: reasons.length === 0,
        metadata: Object.fromEntries(reasons.map(({ problem, flights: n }) => [problem, n])),
      }
    },
  },
  few_rejected: {
    blocking: true,
    run: async ({ value }) => {
      const bad = await count(sql`select 1 from ${value}`)
      return { passed: bad < 3_000, metadata: { rejected: bad } }
    },
  },
})

async function count(rows: Parameters<typeof query>[0]): Promise<number> {
  const [row] = await query<{ n: number }>(sql`select count(*) as n from ${rows}`)
  return row!.n
}
const none = (found: number) => ({ passed: found === 0, metadata: { found } })
const atLeast = (wanted: number, found: number) => ({ passed: found >= wanted, metadata: { found, wanted } })
