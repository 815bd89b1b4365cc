import { asset, daily, oneOf, type Asset, type Slices } from 'sluice'
import { materialize } from 'sluice/testing'

type Eq<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const is = <A, B>(_: Eq<A, B>): void => {}
type ValueOf<A> = A extends Asset<infer T, infer _P, infer _X> ? T : never

const a = asset('a', () => 1)
const days = daily({ start: '2026-01-01' })
const day = asset('day', { partitions: days }, () => 1)

// What a function gives is inferred whole, also where it is one thing or another.
const mixed = asset('mixed', { inputs: { a } }, ({ a: n }) => (n > 1 ? 1 : 'none'))
is<ValueOf<typeof mixed>, 1 | 'none'>(true)
const shapes = asset('shapes', {}, async () => (Math.random() > 1 ? { x: 1 } : null))
is<ValueOf<typeof shapes>, { x: number } | null>(true)

// One call for all keys reads all the slices that they reach.
asset(
  'per run',
  { partitions: days, perRun: true, inputs: { a, day, before: day.at(-1), last: day.at('last'), may: day.optional() } },
  ({ a: n, day: slices, before, last, may }) => {
    is<typeof n, number>(true)
    is<typeof slices, Slices<number>>(true)
    is<typeof before, Slices<number>>(true)
    is<typeof last, number>(true)
    is<typeof may, Slices<number> | undefined>(true)
  },
)

// A test gives what the definition reads, in the shape in which it is easiest to write.
const reads = asset(
  'reads',
  { inputs: { a, all: day.at('all') }, partitions: oneOf(['eu', 'us']) },
  ({ a: n, all }) => [n, all.keys.length],
)
await materialize(reads, { inputs: { a: 1, all: { '2026-01-01': 2 } }, partition: 'eu' })
// @ts-expect-error a slice of another type
await materialize(reads, { inputs: { a: 1, all: { '2026-01-01': 'x' } }, partition: 'eu' })
// @ts-expect-error a missing input
await materialize(reads, { inputs: { a: 1 }, partition: 'eu' })
// @ts-expect-error it is partitioned
await materialize(reads, { inputs: { a: 1, all: {} } })
await materialize(a)
