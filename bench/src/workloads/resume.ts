import { writeFileSync } from 'node:fs'
import { flow, task } from 'sluice'
import { planned } from './plan.ts'

const { count, width, out } = planned()
let executed = 0
const one = task('one', async (n: number) => {
  executed++
  return n + 1
})
const loaded = performance.now()
const times = { loaded, called: 0, body: 0, replayed: 0, ended: 0 }

/** Makes its steps, says so and waits to be killed; run again, it finds every step done. */
const resume = flow('resume', async () => {
  times.body = performance.now()
  if (width === 1) for (let n = 0; n < count;) n = await one(n)
  else
    await one.map(
      Array.from({ length: count }, (_, n) => n),
      { concurrency: width },
    )
  times.replayed = performance.now()
  if (process.env['SLUICE_BENCH_WAIT'] === '1') {
    console.log('committed')
    await new Promise((resolve) => setTimeout(resolve, 600_000))
  }
})

times.called = performance.now()
await resume()
times.ended = performance.now()
// Times count from the start of the process.
writeFileSync(out, JSON.stringify({ ...times, executed, rss: process.resourceUsage().maxRSS * 1024 }))
