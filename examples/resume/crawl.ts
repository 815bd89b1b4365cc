import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { flow, log, step, task } from 'sluice'
import { z } from 'zod'

// Every body that runs adds a line here, outside of Sluice's own store: proof of what ran, and how often.
const proof = join(import.meta.dirname, 'pages.log')

const page = task('page', async (n: number) => {
  await new Promise((resolve) => setTimeout(resolve, 300)) // a slow server
  await appendFile(proof, `page ${n}\n`)
  return { n, words: 100 + ((n * 37) % 50) }
})

const summary = task('summary', (pages: { n: number; words: number }[]) => ({
  pages: pages.length,
  words: pages.reduce((sum, { words }) => sum + words, 0),
}))

/** Kill it in the middle (Ctrl-C of the script, kill -9, pull the plug) and run it again: it goes on where it stopped. */
export const crawl = flow('crawl', { params: z.object({ pages: z.number().default(20) }) }, async ({ pages }) => {
  const startedAt = await step('started', () => Temporal.Now.instant()) // journaled: the same after a crash
  const results = []
  for (let n = 1; n <= pages; n += 2) {
    results.push(...(await page.map([n, n + 1].filter((each) => each <= pages))))
    log.info(`page ${results.length} of ${pages}`)
  }
  return { startedAt, ...(await summary(results)) }
})

if (import.meta.main) console.log(await crawl())
