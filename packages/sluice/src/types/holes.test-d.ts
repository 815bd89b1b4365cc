// oxlint-disable no-unused-vars -- each names what it could not have
import {
  asset,
  assets,
  output,
  daily,
  hourly,
  oneOf,
  dynamic,
  grid,
  job,
  flow,
  task,
  limit,
  skip,
  schedule,
  type Slices,
  type Table,
  type Outcome,
} from 'sluice'
import { z } from 'zod'
type Eq<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const is = <A, B>(_: Eq<A, B>) => {}
const region = oneOf(['eu', 'us'])
const day = asset('d', { partitions: daily({ start: 'x' }) }, () => 1)
const reg = asset('r', { partitions: region }, () => 1)
const plain = asset('plain', () => 1)
const sink = asset('sink', async () => {})
// @ts-expect-error H1 daily into region, optional or not
asset('h1', { partitions: region, inputs: { day: day.optional() } }, ({ day }) => 1)
asset('h1b', { inputs: { day: day.optional() } }, ({ day }) => {
  is<typeof day, Slices<number> | undefined>(true)
  return 1
})
// @ts-expect-error H2 the slice before a name
reg.at(-1)
// @ts-expect-error H2 no slices
plain.at('last')
// @ts-expect-error H2 nothing to read
asset('h2', { inputs: { c: sink.optional() } }, () => 1)
reg.at({ only: 'eu' })
// @ts-expect-error no such key
reg.at({ only: 'asia' })
asset(
  'o',
  {
    inputs: {
      eu: reg.at({ only: 'eu' }),
      w: day.at([-6, 0]),
      y: day.at(-1),
      l: day.at('last'),
      m: day.at('last').optional(),
    },
  },
  ({ eu, w, y, l, m }) => {
    is<typeof eu, number>(true)
    is<typeof w, Slices<number>>(true)
    is<typeof y, number | undefined>(true)
    is<typeof l, number>(true)
    is<typeof m, number | undefined>(true)
    return 1
  },
)
const g1 = asset('g1', { partitions: grid({ t: hourly({ start: 'x' }), c: dynamic('c') }) }, () => 1)
// @ts-expect-error H3 same names, other kinds
asset('h3', { partitions: grid({ t: daily({ start: 'x' }), c: oneOf(['a']) }), inputs: { g1 } }, ({ g1 }) => 1)
asset('h3s', { partitions: grid({ t: hourly({ start: 'x' }), c: dynamic('c') }), inputs: { g1 } }, ({ g1 }) => {
  is<typeof g1, number>(true)
  return 1
})
asset(
  'h3i',
  { partitions: grid({ t: hourly({ start: 'x' }), c: dynamic('c'), r: region }), inputs: { g1 } },
  ({ g1 }) => {
    is<typeof g1, number>(true)
    return 1
  },
)
const g3 = asset('g3', { partitions: grid({ t: hourly({ start: 'x' }), c: dynamic('c'), r: region }) }, () => 1)
asset('h3o', { partitions: grid({ t: hourly({ start: 'x' }), c: dynamic('c') }), inputs: { g3 } }, ({ g3 }) => {
  is<typeof g3, Slices<number>>(true)
  return 1
})
// @ts-expect-error H4 no such dimension
g1.at({ dims: { nope: 'all' } })
asset(
  'h4',
  {
    partitions: g1.partitions,
    inputs: { a: g1.at({ dims: { t: -1 } }), b: g1.at({ dims: { t: [-3, 0] } }), c: g1.at({ dims: { t: 'last' } }) },
  },
  ({ a, b, c }) => {
    is<typeof a, number | undefined>(true)
    is<typeof b, Slices<number>>(true)
    is<typeof c, number>(true)
    return 1
  },
)
const sync = flow(
  's',
  { params: z.object({ since: z.string(), region: z.enum(['eu', 'us']) }) },
  async ({ since }) => since.length,
)
// @ts-expect-error H5 misspelt beside a right one
job('j', { target: sync, params: { region: 'eu', sicne: 'x' } })
const eu = job('j', { target: sync, params: { region: 'eu' } })
await eu.launch({ since: 'x' })
// @ts-expect-error since
await eu.launch({})
await sync.launch({ since: 'x', region: 'us' })
const vendor = limit('vendor', { rate: '100/m' }),
  perCustomer = limit('customer', { atOnce: 2, full: 'skip' })
const t = task(
  't',
  { key: (n) => `p${n}`, limit: (_, token) => [vendor, perCustomer.per(token)] },
  async (n: number, _token: string) => n,
)
// @ts-expect-error H6 a limit is a definition, so a misspelt one is red
task('t2', { limit: 'vendor-apy' }, async (n: number) => n)
{
  await using _ = await vendor.hold()
}
const o1 = await t.settled(1, 'x')
is<typeof o1, Outcome<number>>(true)
const o2 = await t.settled.map([1], { rest: ['x'] })
is<typeof o2, Outcome<number>[]>(true)
for await (const o of t.settled.map([1], { rest: ['x'] })) is<typeof o, Outcome<number>>(true)
const both = await Promise.all([t.map([1], { rest: ['x'] }), t(1, 'x')])
is<typeof both, [number[], number]>(true)
void flow('h8', { retries: 2 }, async () => 1)()
const gen = task('g', { retries: 1 }, async <T>(xs: T[]): Promise<T> => xs[0]!)
const one: string = await gen(['a'])
const Row = z.object({ id: z.string(), kind: z.enum(['a', 'b']) })
export const rows = asset('rows', { columns: Row }, async function* () {
  yield { id: '1', kind: 'a' as const }
})
is<typeof rows extends { _t?: Table<{ id: string; kind: 'a' | 'b' }> } ? 1 : 0, 1>(true)
asset('rows1', { columns: Row }, () => [{ id: '1', kind: 'a' as const }])
asset('rows2', { columns: Row }, () => (Math.random() > 1 ? skip('no') : [{ id: '1', kind: 'a' as const }]))
// @ts-expect-error rows of another shape
asset('rows3', { columns: Row }, () => [{ id: 1 }])
assets('m', { outputs: { a: output('a', { columns: Row }), b: output<number>('b') } }, () => ({
  a: [{ id: '1', kind: 'a' as const }],
  b: skip('none'),
}))
// @ts-expect-error an output is forgotten
assets('m', { outputs: { a: output<number>('a'), b: output<number>('b') } }, () => ({ a: 1 }))
assets('m', { subset: true, outputs: { a: output<number>('a'), b: output<number>('b') } }, () => ({ a: 1 }))
schedule('sel', { cron: '0 3 * * *', target: 'group:marts+' })
schedule('f', { cron: '* * * * *', target: eu, params: { since: 'x' } })
const noArgs = asset('loaded', () => 3)
void noArgs
void one
// a row too many, SQL, a promise, parameters
export const r4 = asset('r4', { columns: Row, partitions: region }, async (_, { partition }) => {
  const k: 'eu' | 'us' = partition.key
  return k === 'eu' ? [{ id: '1', kind: 'b' as const }] : skip('no')
})
is<typeof r4 extends { _t?: Table<{ id: string; kind: 'a' | 'b' }> } ? 1 : 0, 1>(true)
// @ts-expect-error wrong literal
asset('r5', { columns: Row }, () => [{ id: '1', kind: 'c' }])
// @ts-expect-error missing column
asset('r6', { columns: Row }, async function* () {
  yield { id: '1' }
})
