/** What the browser looks at, behind the preamble of `servedProject`. */
export const pipeline = `
import { daily, log, schedule, sensor, skip } from 'sluice'
const page = task('page', async (n: number) => {
  if (n === 3) log.warn('a slow page')
  return n
})
export const scrape = flow(
  'scrape',
  { params: z.object({ pages: z.number().int().min(1).default(3).describe('How many') }), owners: ['team:web'] },
  async ({ pages }) => {
    log.info('begins')
    return (await page.map(Array.from({ length: pages }, (_, n) => n))).length
  },
)
function parseLine(line: string, nth: number): number {
  if (/^\\d+$/.test(line) || existsSync('fixed')) return Number.parseInt(line)
  throw new TypeError('Line ' + nth + ' is no number: ' + JSON.stringify(line) + '\\nIt is as the vendor sent it.')
}
export const parse = task('parse', { retries: 0 }, async (line: string, nth: number) => parseLine(line, nth))
export const load = flow(
  'load',
  { params: z.object({ lines: z.array(z.string()) }), owners: ['team:ingest'] },
  async ({ lines }) => {
    const numbers: number[] = []
    for (const [nth, line] of lines.entries()) numbers.push(await parse(line, nth + 1))
    return numbers
  },
)
export const gated = flow('gated', async () => {
  await step('before', () => 1)
  log.info('waiting at the gate')
  await step('gate', () => opened('gate'))
  log.info('through')
})
export const talks = flow('talks', { params: z.object({ lines: z.number() }) }, ({ lines }) => {
  for (let nth = 0; nth < lines; nth++) log.info('line ' + nth)
})
export const web = job('scrape-web', { target: scrape, params: { pages: 5 } })
const days = daily({ start: '2026-01-01' })
export const orders = asset(
  'raw/orders',
  { partitions: days, group: 'raw', owners: ['team:ingest'], description: 'As the vendor sends them.' },
  async (_, { partition, metadata }) => {
    metadata({ rows: 2 })
    return [{ id: 1, cents: 100, day: partition.key }, { id: 2, cents: 250, day: partition.key }]
  },
)
export const lines = asset('raw/lines', { group: 'raw' }, () => Array.from({ length: 1200 }, (_, n) => ({ n })))
export const revenue = asset('marts/revenue', { group: 'marts', deps: [orders.at('all')] }, () => ({ total: 7 })).checks({
  positive: { run: ({ value }) => ({ passed: value.total > 0 }) },
})
export const marts = job('marts', { target: 'raw/orders' })
export const nightly = schedule('nightly', { cron: '0 2 * * *', timeZone: 'Europe/Madrid', target: web })
export const inbox = sensor('inbox', { targets: [web], every: '1h' }, () => skip('no new files'))
`
