import { writeFileSync } from 'node:fs'
import { flow, task } from 'sluice'
import { planned } from './plan.ts'

const { before, warm, count, width, out } = planned()
const one = task('one', async (n: number) => n + 1)

/** Makes steps, `width` at once; a lane's next one starts when the commit of the one before it is on disk. */
async function make(first: number, many: number): Promise<void> {
  if (width === 1) {
    for (let n = first; n < first + many;) n = await one(n)
    return
  }
  await one.map(
    Array.from({ length: many }, (_, n) => first + n),
    { concurrency: width },
  )
}

const inMs = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000

/** What it measures goes to a file, which works alike in a script and in the child process of the command. */
export const steps = flow('steps', async () => {
  await make(0, warm)
  const began = performance.now()
  const cpu = process.cpuUsage()
  const thread = process.threadCpuUsage()
  await make(warm, count)
  const ms = performance.now() - began
  const cpuMs = inMs(process.cpuUsage(cpu))
  const threadMs = inMs(process.threadCpuUsage(thread))
  const rss = process.resourceUsage().maxRSS * 1024
  writeFileSync(out, JSON.stringify({ ms, cpuMs, threadMs, rss }))
  return count
})

if (import.meta.main) {
  await flow('before', () => make(0, before))()
  await steps()
}
