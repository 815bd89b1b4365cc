import { flow, task } from 'sluice'
import { anyMs, body, got, moment, wait } from './record.ts'

const chunk = task('chunk', (n: number) => body(`chunk ${n}`, () => wait(anyMs(20), `${n}`.repeat(30_000))))
const lengths = task('lengths', (texts: readonly string[]) => body('lengths', () => texts.map((text) => text.length)))

// Results that are too long for their rows: written first, journaled after, read back when they are called for.
const large = flow('large', async () => {
  moment('begin')
  const texts: string[] = []
  for (let n = 0; n < 6; n++) texts.push(got(await chunk(n)))
  for (const made of await chunk.map([10, 11, 12, 13, 14, 15, 16, 17], { concurrency: 3 })) texts.push(got(made))
  const sizes = got(await lengths(texts))
  moment('returning')
  return { fixed: sizes, texts: texts.map((text) => text.slice(0, 10)), tail: 'x'.repeat(20_000) }
})

await large()
