import { param, sql, sqlAsset } from 'sluice'
import { z } from 'zod'
import { airports, days, flights } from './flights.ts'

/** Fifteen minutes: what the airlines themselves call late. */
const late = param(15)

const Counts = z.object({ flights: z.int(), late: z.int(), delay: z.int() })
const AirportDay = Counts.extend({ day: z.string(), code: z.string() })
const RouteDay = Counts.extend({ day: z.string(), origin: z.string(), destination: z.string() })

// Sums, not means: days can be added up later without a second look at three million flights.
export const airportDays = sqlAsset('stats/airport_days', {
  partitions: days,
  columns: AirportDay,
  group: 'stats',
  inputs: { f: flights },
  sql: ({ f }, { partition }) => sql`
    select ${param(partition.key)} as day, ${f.origin} as code, count(*) as flights,
      count(*) filter (${f.delay} > ${late}) as late, sum(${f.delay}) as delay
    from ${f} group by ${f.origin}`,
})

export const routeDays = sqlAsset('stats/route_days', {
  partitions: days,
  columns: RouteDay,
  group: 'stats',
  inputs: { f: flights },
  sql: ({ f }, { partition }) => sql`
    select ${param(partition.key)} as day, ${f.origin}, ${f.destination}, count(*) as flights,
      count(*) filter (${f.delay} > ${late}) as late, sum(${f.delay}) as delay
    from ${f} group by ${f.origin}, ${f.destination}`,
})

// From here on without partitions: `d` is all days together.

/** All flights of a day. */
export const dayTotals = sqlAsset('marts/days', {
  group: 'marts',
  inputs: { d: airportDays },
  columns: z.object({ day: z.string(), flights: z.int(), mean_delay: z.number() }),
  sql: ({ d }) => sql`
    select ${d.day}, sum(${d.flights}) as flights, sum(${d.delay}) / sum(${d.flights}) as mean_delay from ${d} group by ${d.day} order by ${d.day}`,
})

const Totals = z.object({ flights: z.int(), mean_delay: z.number(), late_share: z.number() })

export const airportTotals = sqlAsset('marts/airports', {
  group: 'marts',
  inputs: { d: airportDays, a: airports },
  columns: Totals.extend({
    code: z.string(),
    name: z.string(),
    city: z.string().nullable(),
    state: z.string().nullable(),
  }),
  sql: ({ d, a }) => sql`
    select ${a.code}, ${a.name}, ${a.city}, ${a.state}, sum(${d.flights}) as flights,
      sum(${d.delay}) / sum(${d.flights}) as mean_delay, sum(${d.late}) / sum(${d.flights}) as late_share
    from ${d} join ${a} on ${a.code} = ${d.code} group by all order by flights desc`,
})

const RouteTotals = Totals.extend({ origin: z.string(), destination: z.string() })

export const routeTotals = sqlAsset('marts/routes', {
  group: 'marts',
  inputs: { d: routeDays },
  columns: RouteTotals,
  sql: ({ d }) => sql`
    select ${d.origin}, ${d.destination}, sum(${d.flights}) as flights,
      sum(${d.delay}) / sum(${d.flights}) as mean_delay, sum(${d.late}) / sum(${d.flights}) as late_share
    from ${d} group by all order by flights desc`,
})

/** From the most to the least punctual, among routes flown at least twice a day. */
export const routeRanking = sqlAsset('marts/route_ranking', {
  group: 'marts',
  inputs: { r: routeTotals },
  columns: RouteTotals.extend({ place: z.int() }),
  sql: ({ r }) => sql`
    select row_number() over (order by ${r.mean_delay}, ${r.origin}, ${r.destination}) as place, ${r}.*
    from ${r} where ${r.flights} >= ${param(2 * 181)} order by place`,
})
