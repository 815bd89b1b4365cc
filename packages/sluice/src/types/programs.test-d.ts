import {
  asset,
  assets,
  output,
  skip,
  daily,
  hourly,
  dynamic,
  grid,
  oneOf,
  resource,
  env,
  limit,
  sqlAsset,
  sql,
  param,
  task,
  flow,
  step,
  approval,
  job,
  schedule,
  sensor,
  load,
  ref,
  self,
  use,
  type PartitionOf,
} from 'sluice'
import { materialize } from 'sluice/testing'
import { z } from 'zod'

// (1) S3 → warehouse, hour × customer -------------------------------------------------
const Order = z.object({ id: z.string(), customer: z.string(), cents: z.number(), at: z.date() })
type Order = z.infer<typeof Order>
interface S3 {
  list(prefix: string): Promise<string[]>
  lines(key: string): AsyncIterable<string>
}
export const s3 = resource('s3', {
  config: z.object({ bucket: z.string(), secret: z.string() }),
  scope: 'process',
  open: ({ bucket }): S3 => ({
    list: async (p) => [bucket + p],
    async *lines(k) {
      yield k
    },
  }),
})
export const customers = dynamic('customers')
export const byHour = grid({ hour: hourly({ start: '2026-01-01', timeZone: 'UTC' }), customer: customers })
export const rawOrders = asset(
  'raw/orders',
  {
    partitions: byHour,
    resources: { s3 },
    columns: Order,
  },
  async (_, { partition, resources: { s3 }, dataVersion }) => {
    const { hour, customer } = partition.dims
    const files = await s3.list(`${customer.key}/${hour.window.start.toString()}`)
    if (files.length === 0) return skip('no files yet')
    dataVersion(files.join())
    return (async function* (): AsyncGenerator<Order> {
      for (const f of files) for await (const l of s3.lines(f)) yield Order.parse(JSON.parse(l))
    })()
  },
).checks({
  has_rows: {
    blocking: true,
    run: async ({ value }) => {
      for await (const r of value.rows({ limit: 1 })) return { passed: r.cents >= 0 }
      return { passed: false }
    },
  },
})
export const perCustomer = asset(
  'orders/by_customer',
  { partitions: customers, inputs: { orders: rawOrders } },
  async ({ orders }) => {
    let n = 0
    for await (const [, t] of orders) for await (const r of t.rows()) n += r.cents
    return { n }
  },
)
export const perHour = asset(
  'orders/flag',
  { partitions: byHour, inputs: { customer: perCustomer } },
  ({ customer }) => customer.n > 0,
)
export const newFiles = sensor(
  'new_files',
  { targets: [rawOrders], every: '1m', cursor: z.object({ seen: z.string() }) },
  async ({ cursor, launch }) => {
    await customers.add(['acme'])
    return { runs: [launch(rawOrders, { partition: 'x', once: cursor?.seen ?? 'a' })], cursor: { seen: 'b' } }
  },
)

// (2) SQL marts ------------------------------------------------------------------------
const Raw = z.object({ order_id: z.string(), customer_id: z.string(), cents: z.number(), day: z.string() })
export const stg = asset('stg/orders', { columns: Raw }, async function* () {
  yield { order_id: '1', customer_id: 'a', cents: 1, day: '2026-01-01' }
})
export const revenue = sqlAsset('marts/revenue', {
  inputs: { o: stg },
  columns: z.object({ customer_id: z.string(), eur: z.number() }),
  partitions: daily({ start: '2026-01-01' }),
  sql: ({ o }, { partition }) =>
    sql`select ${o.customer_id}, sum(${o.cents}) / 100 as eur from ${o} where ${o.day} = ${param(partition.key)} group by 1`,
})
sqlAsset('marts/bad', {
  inputs: { o: stg },
  columns: z.object({ a: z.string() }),
  // @ts-expect-error a renamed column
  sql: ({ o }) => sql`select ${o.customer} from ${o}`,
})
export const top = asset(
  'top',
  { inputs: { r: revenue.at([-6, 0]) }, partitions: daily({ start: '2026-01-01' }) },
  async ({ r }) => {
    const best: string[] = []
    for await (const [, t] of r) for (const row of await t.toArray()) best.push(row.customer_id)
    return best
  },
)

// (3) ML training with approval ---------------------------------------------------------
const train = task(
  'train',
  {
    retries: { max: 3, delay: '10s', backoff: 'exponential', jitter: 0.2, if: (e) => e instanceof Error },
    timeout: '2h',
    isolate: 'process',
  },
  async (lr: number, days: number) => ({ auc: lr * days, file: 'm.bin' }),
)
export const training = flow(
  'training',
  { params: z.object({ lrs: z.array(z.number()).default([0.1]), days: z.number() }) },
  async ({ lrs, days }) => {
    const cutoff = await step('cutoff', () => Temporal.Now.instant())
    const models = await train.settled.map(lrs, { rest: [days], concurrency: 2 })
    const best = models
      .filter((m) => m.ok)
      .map((m) => m.value)
      .sort((a, b) => b.auc - a.auc)[0]
    if (!best) throw new Error('none')
    const ok = await approval('promote', {
      schema: z.object({ promote: z.boolean(), note: z.string().optional() }),
      timeout: '3d',
      assignees: ['team:ml'],
    })
    return ok.promote ? { ...best, by: ok.by, cutoff } : null
  },
)

// (4) 200 pages --------------------------------------------------------------------------
const vendorApi = limit('vendor-api', { rate: '100/m' })
const page = task(
  'page',
  { retries: 5, timeout: '30s', limit: vendorApi, key: (n) => `p${n}` },
  async (n: number, token: string): Promise<{ id: number }[]> => {
    const db = await use(s3)
    void db
    return [{ id: n + token.length }]
  },
)
const first = task('first', async <T>(xs: T[]): Promise<T> => xs[0]!)
export const scrape = flow('scrape', async () => {
  const rows = await page.map(
    Array.from({ length: 200 }, (_, i) => i),
    { rest: ['t'], concurrency: 8, key: (n) => `p${n}` },
  )
  const one: { id: number } = await first(rows.flat())
  let n = one.id
  for await (const p of page.map([1, 2], { rest: ['t'] })) n += p.length
  return n
})
// @ts-expect-error `token` would be undefined
page.map([1])
// @ts-expect-error a misspelt option
page.with({ retrys: 3 })

// (5) several assets from one step ---------------------------------------------------------
export const { orders, refunds } = assets(
  'shop',
  { outputs: { orders: output<Order[]>('shop/orders'), refunds: output<{ id: string }[]>('shop/refunds') } },
  async (_, { wanted }) => ({ orders: [], refunds: wanted.has('refunds') ? [{ id: 'x' }] : skip('not asked for') }),
)
export const nref = asset(
  'nref',
  { inputs: { refunds, maybe: orders.optional() } },
  ({ refunds, maybe }) => refunds.length + (maybe?.length ?? 0),
)
// @ts-expect-error a required output is missing
assets('shop2', { outputs: { orders: output<Order[]>('a'), refunds: output<number>('b') } }, () => ({ refunds: 1 }))

// (6) a unit test ---------------------------------------------------------------------------
const region = oneOf(['eu', 'us'])
interface Db {
  query(s: string): Promise<{ n: number }[]>
}
const db = resource('db', { config: z.object({ path: z.string() }), open: (): Db => ({ query: async () => [] }) })
export const late = asset(
  'late',
  { inputs: { orders, stg }, resources: { db }, partitions: region, params: z.object({ min: z.number().default(1) }) },
  async ({ orders }, { resources: { db }, partition, params }) => {
    const k: 'eu' | 'us' = partition.key
    await db.query(k)
    return orders.filter((o) => o.cents > params.min).map((o) => o.id)
  },
).checks({ some: ({ value }) => ({ passed: value.length > 0 }) })
const t = await materialize(late, {
  inputs: { orders: [], stg: null! },
  resources: { db: { query: async () => [{ n: 1 }] } },
  partition: 'eu',
})
export const passed: boolean = t.checks.some.passed
export const ids: string[] = t.value
await materialize(late, {
  inputs: { orders: [], stg: null! },
  resources: { db: { query: async () => [] } },
  // @ts-expect-error no such partition
  partition: 'asia',
})
await materialize(rawOrders, {
  resources: { s3: { list: async () => [], async *lines() {} } },
  partition: { hour: '2026-01-01-00:00', customer: 'acme' },
})
export const v: string[] = await load(late, 'eu')
export const pk: PartitionOf<typeof late> = 'us'

// (7) one job, three schedules -----------------------------------------------------------------
export const sync = flow(
  'sync',
  { params: z.object({ since: z.string(), region: z.enum(['eu', 'us']), limit: z.number().default(10) }) },
  async ({ since, limit }) => since.length + limit,
)
export const euSync = job('eu_sync', { target: sync, params: { region: 'eu' }, pool: 'heavy' })
export const a = schedule('hourly', { cron: '0 * * * *', target: euSync, params: { since: '1h' } })
export const b = schedule('nightly', {
  cron: '0 2 * * *',
  timeZone: 'Europe/Madrid',
  target: euSync,
  params: (t) => ({ since: t.scheduledFor.toString(), limit: 100 }),
})
export const c = schedule('monthly', { cron: '0 0 1 * *', target: euSync, params: () => skip('closed') })
// @ts-expect-error `since` is required by the target
schedule('bad', { cron: '* * * * *', target: euSync })
schedule('bad2', {
  cron: '* * * * *',
  target: sync,
  // @ts-expect-error wrong region
  params: { since: 'x', region: 'asia' },
})
export const d = schedule('marts', {
  cron: '0 3 * * *',
  target: job('marts', {
    target: 'group:marts+',
    partitions: daily({ start: '2026-01-01' }),
    with: [late.with({ min: 3 })],
  }),
})
const days = daily({ start: '2026-01-01' })
const eachDay = job('each_day', {
  target: sync,
  partitions: days,
  params: ({ key, window }) => ({ since: key + window.end.toString(), region: 'eu' as const }),
})
export const e = schedule('each day', { target: eachDay, at: { hour: 4 } })
await eachDay.launch({ partition: '2026-01-01' })
// @ts-expect-error which slice?
await eachDay.launch()
// @ts-expect-error no such region
job('wrong_day', { target: sync, partitions: days, params: ({ key }) => ({ since: key, region: 'asia' }) })
const byName = { target: sync, partitions: oneOf(['eu', 'us']) }
job('by_region', { ...byName, params: ({ key }) => ({ since: '1h', region: key }) })
// @ts-expect-error a slice by name has no window
job('no_window', { ...byName, params: ({ window }) => ({ since: `${window}`, region: 'eu' }) })
export const dev = [db.with({ path: env('DB', './x') })]
await sync({ since: 'x', region: 'eu' })
await scrape()

// edges
const raw = asset('raw', { partitions: daily({ start: '2024-01-01' }) }, async () => [{ id: 1 }])
export const weeklyFromDaily = asset('w', { inputs: { raw } }, async ({ raw }) => (await raw.values()).flat().length)
export const prev = asset(
  'p',
  {
    partitions: daily({ start: '2024-01-01' }),
    inputs: { raw, before: raw.at(-1), latest: raw.at('last'), every: raw.at('all') },
  },
  ({ raw, before }) => raw.length - (before?.length ?? 0),
)
// @ts-expect-error daily into regions
export const wrongP = asset('wp', { inputs: { raw }, partitions: region }, () => 1)
const sink = asset('sink', async () => {})
// @ts-expect-error nothing to read
export const wrongV = asset('wv', { inputs: { sink } }, () => 1)
export const ranged = asset(
  'r',
  { partitions: daily({ start: '2024-01-01' }), perRun: true },
  async (_, { partition }) => partition.keys.length,
)
export const other = ref<typeof late>('other/late')
export const down = asset('down', { inputs: { other }, partitions: region }, ({ other }) => other[0]?.length ?? 0)
export const balances = asset(
  'balances',
  { partitions: daily({ start: '2024-01-01' }), inputs: { raw, before: self<number[]>().at(-1) } },
  ({ raw, before }) => [...(before ?? []), raw.length],
)
const other2 = asset('o2', { partitions: oneOf(['x', 'y']) }, () => 1)
// @ts-expect-error other keys, same kind
export const wrongKeys = asset('wk', { inputs: { other2 }, partitions: region }, () => 1)
