import { setTimeout as wait } from 'node:timers/promises'
import { makeFleet } from '../fleet.ts'
import type { FleetScenario } from '../scenario.ts'
import { launched, over, verified } from '../verify-fleet.ts'

/** Two servers on one store give the same runs to their workers; one of them is stopped and comes back. */
export const twoServers: FleetScenario = {
  name: 'two-servers',
  says: 'two servers decide on one store, and one is stopped and goes on in between',
  protection: {
    name: 'once-keys',
    guards: 'what is launched twice with one word is one run',
    patches: [
      { file: 'storage/src/runs/run-store.ts', find: /if \(once && !\(await isFirst\(.*\)\)\) return null/, put: '' },
    ],
    finds: /one launch, one run/,
  },
  async run({ options, random, scale }) {
    const fleet = makeFleet(options)
    try {
      await fleet.startServer()
      await fleet.startServer()
      await fleet.startWorker(0)
      await fleet.startWorker(1)
      const count = Math.round(40 * scale)
      const runs: string[] = []
      const breaches: string[] = []
      for (let from = 0; from < count; from += 10) {
        const some = Math.min(10, count - from)
        // At once, each by both: the same words give the same runs.
        const [own, others] = await Promise.all([
          launched(fleet, 'parts', some, from),
          launched(fleet, 'parts', some, from, 1),
        ])
        for (const [nth, run] of own.entries())
          if (others[nth] !== run) breaches.push(`${run} and ${others[nth]} are one launch`)
        runs.push(...own)
        const server = fleet.servers[Math.floor(random() * 2)]!
        await wait(random() * 300)
        server.signal('SIGSTOP')
        await wait(500 + random() * 1_500)
        server.signal('SIGCONT')
      }
      await over(fleet, runs)
      const verdicts = [...(await verified(fleet, runs)), { what: 'one launch, one run', breaches }]
      return { verdicts, counted: `${count} runs, 2 servers, 2 workers` }
    } finally {
      fleet.close()
    }
  },
}
