import { param, type Source, sql, sqlAsset } from 'sluice'
import { z } from 'zod'
import { routeDays } from './delays.ts'

interface RouteDay {
  day: string
  origin: string
  destination: string
  flights: number
  delay: number
}

/** As many flights of an average route are mixed into each route's mean: a route flown ten times knows little of itself. */
const PRIOR = param(60)

/**
 * What a route's delay should be on a weekday, learned from the days before `until`: the route's own mean, and how much
 * that weekday differs from others on the whole network. (A mean for each route and weekday does worse: too few flights.)
 */
const expected = (d: Source<RouteDay>, until: string) => sql`
  with known as (select *, isodow(${d.day}::date) as weekday from ${d} where ${d.day} < ${param(until)}),
    network as (select sum(delay) / sum(flights) as mean from known),
    weekdays as (select weekday, sum(delay) / sum(flights) - network.mean as lift from known, network group by weekday, network.mean),
    routes as (
      select origin, destination, sum(flights) as flights, (sum(delay) + ${PRIOR} * network.mean) / (sum(flights) + ${PRIOR}) as mean
      from known, network group by origin, destination, network.mean)
  select origin, destination, weekday, flights, routes.mean + lift as expected, routes.mean as route_mean, network.mean as network_mean
  from routes, weekdays, network`

/** The delay to expect, in minutes, for each route and weekday (1 is Monday). */
export const forecast = sqlAsset('forecast', {
  group: 'forecast',
  inputs: { d: routeDays },
  columns: z.object({
    origin: z.string(),
    destination: z.string(),
    weekday: z.int(),
    expected: z.number(),
    flights: z.int(),
  }),
  sql: ({ d }) => sql`
    select origin, destination, weekday, expected, flights from ${expected(d, '2001-07-01')} order by origin, destination, weekday`,
})

/** How wrong it would have been: learned from January to May, compared with each route's mean delay on each day of June. */
export const backtest = sqlAsset('forecast/backtest', {
  group: 'forecast',
  inputs: { d: routeDays },
  columns: z.object({ model: z.string(), mean_error: z.number(), flights: z.int() }),
  sql: ({ d }) => sql`
    with june as (
      select ${d.flights}, ${d.delay} / ${d.flights} as actual, e.*
      from ${d} join ${expected(d, '2001-06-01')} as e
        on ${d.origin} = e.origin and ${d.destination} = e.destination and isodow(${d.day}::date) = e.weekday
      where ${d.day} >= '2001-06-01'),
    guesses as (
      select 'one mean for all' as model, network_mean as guess, * from june
      union all select 'mean of the route', route_mean, * from june
      union all select 'route and weekday', expected, * from june)
    select model, sum(flights * abs(actual - guess)) / sum(flights) as mean_error, sum(flights) as flights
    from guesses group by model order by mean_error desc`,
})
