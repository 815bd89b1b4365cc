import { mkdir, writeFile } from 'node:fs/promises'
import { asset, eager, meta } from 'sluice'
import { airportTotals, dayTotals, routeRanking } from './delays.ts'
import { lineChart } from './chart.ts'
import { rejected } from './flights.ts'
import { backtest } from './forecast.ts'

const folder = new URL('./report/', import.meta.url)
const minutes = (value: number) => `${value.toFixed(1)} min`
const list = (lines: readonly string[]) =>
  lines.map((line) => `- ${line}`).join('\n') || 'None yet: too few days were made.'

/** A page to read: what was flown, who was late, what the forecast is worth. Its value is the text; the chart is beside it. */
export const report = asset(
  'report',
  {
    group: 'report',
    kinds: ['markdown', 'svg'],
    // Under a server: whenever something that it is made from was made again without it.
    condition: eager(),
    inputs: { days: dayTotals, airports: airportTotals, ranking: routeRanking, rejected, backtest },
  },
  async ({ days, airports, ranking, rejected: bad, backtest: errors }, { metadata }) => {
    const byDay = await days.toArray()
    const svg = lineChart(
      'Mean delay of all flights of a day, in minutes',
      byDay.map((one) => ({ label: one.day, value: one.mean_delay })),
    )

    const hubs = await Array.fromAsync(airports.rows({ limit: 5 }))
    const routes = await ranking.toArray()
    const route = ({ origin, destination, mean_delay: delay, late_share: share }: (typeof routes)[number]) =>
      `${origin} → ${destination}: ${minutes(delay)} on average, ${Math.round(100 * share)}% late`
    const worst = byDay.reduce((a, b) => (b.mean_delay > a.mean_delay ? b : a))
    const flown = byDay.reduce((sum, { flights }) => sum + flights, 0)
    const models = await errors.toArray()
    const text = `# US flights, January to June 2001

${flown.toLocaleString('en')} flights on ${byDay.length} days; ${(await bad.toArray()).length} bad rows were put aside.
The worst day was ${worst.day}, with ${minutes(worst.mean_delay)} on average.

## The five largest airports
${list(hubs.map((hub) => `${hub.name} (${hub.code}): ${hub.flights.toLocaleString('en')} departures, ${minutes(hub.mean_delay)}`))}

## Most punctual routes
${list(routes.slice(0, 3).map(route))}

## Least punctual routes
${list(routes.slice(-3).reverse().map(route))}

## What the forecast is worth
${worthOf(models[0], models.at(-1))}
`
    await mkdir(folder, { recursive: true })
    await writeFile(new URL('delays.svg', folder), svg)
    await writeFile(new URL('report.md', folder), `${text}\n![Mean delay by day](delays.svg)\n`)
    metadata({
      flights: flown,
      summary: meta.markdown(text),
      chart: meta.image('image/svg+xml', new TextEncoder().encode(svg)),
      file: meta.path('report/report.md'),
      backtest: meta.table(models),
    })
    return text
  },
)

interface Model {
  readonly model: string
  readonly mean_error: number
}

/** The simplest model and the best one, where there were days to learn from and days to ask about. */
function worthOf(first: Model | undefined, best: Model | undefined): string {
  if (!first || !best) return 'Not known: there are too few days to learn from some and to ask about others.'
  const better = (100 * (1 - best.mean_error / first.mean_error)).toFixed(1)
  return `Learned from January to May and asked about June, "${best.model}" is wrong by ${minutes(best.mean_error)} on average;
"${first.model}" is wrong by ${minutes(first.mean_error)}. That is ${better}% better: a day's weather matters far more than the route.`
}
