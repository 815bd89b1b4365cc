import { flow, task } from 'sluice'
import { body, got, moment } from './record.ts'

const large = process.env['CHAOS_RESULTS'] === 'large'
// Within the row, or in a file of its own.
const chunk = task('chunk', (n: number) => body(`chunk ${n}`, () => 'x'.repeat(large ? 300_000 : 4_000)))

// More results than a small disk takes.
const fills = flow('fills', async () => {
  moment('begin')
  let sum = 0
  for (let n = 0; n < (large ? 30 : 700); n++) sum += got(await chunk(n)).length
  moment('returning')
  return { fixed: sum }
})

await fills().catch((error: unknown) => {
  const { code, message } = error as { code?: string; message: string }
  process.stdout.write(`code ${code}: ${message}\n`)
  process.exitCode = 3
})
