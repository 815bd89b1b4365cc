import { asset, daily, skip, task } from 'sluice'
import { z } from 'zod'
import { anyMs, body, wait } from './record.ts'
import { materializeHere } from './materialize-here.ts'

const days = daily({ start: '2026-01-01', end: '2026-01-06' })
const piece = task('piece', (day: string, n: number) => body(`piece ${day} ${n}`, () => wait(anyMs(20), n)))

const raw = asset('raw', { partitions: days }, (_, { partition }) =>
  body(`raw ${partition.key}`, async () => {
    const first = await piece(partition.key, 1)
    const second = await piece(partition.key, 2)
    return { day: partition.key, sum: first.value + second.value }
  }),
).checks({
  is_there: { blocking: true, run: ({ value }) => ({ passed: value.value.sum === 3 }) },
  is_large: { severity: 'warn', run: ({ value }) => ({ passed: value.value.sum > 10 }) },
})

/** A table: one row for each mark of what it was made from. */
const table = asset(
  'table',
  { partitions: days, inputs: { raw }, columns: z.object({ made: z.string(), from: z.string(), n: z.number() }) },
  async function ({ raw: up }, { partition }) {
    const made = await body(`table ${partition.key}`, () => wait(anyMs(30), up.made))
    return Array.from({ length: 50 }, (_, n) => ({ made: made.made, from: made.value, n }))
  },
)

const total = asset('total', { inputs: { table } }, ({ table: slices }) =>
  body('total', async () => {
    const from: string[] = []
    for (const key of slices.keys) {
      const rows = await (await slices.get(key)).toArray()
      from.push(`${key} ${rows.length} ${rows[0]!.made} ${rows[0]!.from}`)
    }
    await wait(anyMs(30))
    return from
  }),
)

const nothing = asset('nothing', async () => {
  await body('nothing', () => wait(anyMs(20)))
  return skip('there is none')
})
const afterNothing = asset('after-nothing', { deps: [nothing] }, () => body('after-nothing', () => 1))

const rotten = asset('rotten', () => body('rotten', () => wait(anyMs(20), -1))).checks({
  is_good: { blocking: true, run: ({ value }) => ({ passed: value.value > 0 }) },
})
const afterRotten = asset('after-rotten', { inputs: { rotten } }, ({ rotten: up }) =>
  body('after-rotten', () => up.value),
)

const broken = asset('broken', { retries: { max: 1, delay: '60ms' } }, () =>
  body('broken', () => {
    throw new Error('it is broken')
  }),
)
const afterBroken = asset('after-broken', { deps: [broken, total] }, () => body('after-broken', () => 1))

await materializeHere(
  [raw, table, total, nothing, afterNothing, rotten, afterRotten, broken, afterBroken],
  Array.from({ length: 5 }, (_, n) => `2026-01-0${n + 1}`),
)
