import { randomUUID } from 'node:crypto'
import { openSync, writeSync } from 'node:fs'
import { asset, currentRun, flow, task } from 'sluice'

// What really happened, told outside of the store: one line, one write, to a file that is opened for appending.
const file = openSync(process.env['CHAOS_LOG']!, 'a')
const tell = (line: object): void =>
  void writeSync(file, `${JSON.stringify({ pid: process.pid, run: currentRun()!.id, ...line })}\n`)
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const part = task('part', async (step: number, ms: number) => {
  const mark = randomUUID().slice(0, 13)
  tell({ phase: 'start', step, mark })
  await wait(ms)
  return mark
})

async function chain(parts: number, ms: number): Promise<string[]> {
  const marks: string[] = []
  for (let step = 0; step < parts; step++) {
    const mark = await part(step, ms)
    tell({ phase: 'got', step, mark })
    console.log(`${step} gave ${mark}`)
    marks.push(mark)
  }
  return marks
}

/** Parts one after another: what each gave is in the result. */
export const parts = flow('parts', () => chain(12, 25))
export const longParts = flow('longParts', () => chain(60, 100))

const spin = task('spin', (ms: number) => {
  const until = Date.now() + ms
  while (Date.now() < until);
  return 'spun'
})
/** Blocks its event loop. */
export const spinning = flow('spinning', async () => [await part(0, 1), await spin(6_000), await part(1, 1)])
export const spinningLong = flow('spinningLong', async () => [await part(0, 1), await spin(65_000), await part(1, 1)])

/** Fails with much to tell. */
export const loud = flow('loud', async () => {
  throw new Error('x'.repeat(200_000))
})

export const table = asset('table', async () => 'rows')

/** Prints as much as it is told to, in lines of which some are long. */
export const printing = flow('printing', async () => {
  process.stdout.write(`${'y'.repeat(20_000_000)}\n`)
  const line = 'x'.repeat(10_000)
  for (let n = 0; n < 20_000; n++)
    if (!process.stdout.write(`${line}\n`)) await new Promise((go) => process.stdout.once('drain', go))
  return [await part(0, 1)]
})
