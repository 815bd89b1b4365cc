import { flow, task } from 'sluice'
import { anyMs, body, got, moment, wait } from './record.ts'

const page = task('page', (n: number) => body(`page ${n}`, () => wait(anyMs(60), n * n)))
const late = task('late', (n: number) => body(`late ${n}`, () => wait(anyMs(40), n)))
const total = task('total', (rows: readonly number[]) => body('total', () => rows.reduce((sum, row) => sum + row, 0)))

// A map that is awaited, and one whose results are taken as they come: their order is chance, and part of the value.
const mapped = flow('mapped', async () => {
  moment('begin')
  const rows = await page.map(
    Array.from({ length: 40 }, (_, n) => n),
    { concurrency: 4 },
  )
  const sum = got(await total(rows.map(got)))
  const order: number[] = []
  for await (const row of late.map(
    Array.from({ length: 24 }, (_, n) => n),
    { concurrency: 4 },
  ))
    order.push(got(row))
  const again = got(await total(order))
  moment('returning')
  return { fixed: [sum, again], order }
})

await mapped()
