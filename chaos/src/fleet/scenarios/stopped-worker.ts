import { setTimeout as wait } from 'node:timers/promises'
import { makeFleet, until } from '../fleet.ts'
import { ended, type FleetScenario } from '../scenario.ts'
import { launched, over, ranAgain, verified } from '../verify-fleet.ts'

/** SIGSTOP of a worker past its lease, with the processes of its runs, and answers on the way to it; then it goes on. */
export const stoppedWorker: FleetScenario = {
  name: 'stopped-worker',
  says: 'a worker is stopped past its lease, others take its runs, and it comes back',
  protection: {
    name: 'journal-is-read',
    guards: 'who takes a run over reads its journal first',
    patches: [
      {
        file: 'server/src/workers/connections.ts',
        find: /const fresh = run\.epoch === 1 && run\.retryOf === null/,
        put: 'const fresh = true',
      },
    ],
    finds: /no committed step ran twice/,
  },
  async run({ options, scale }) {
    const fleet = makeFleet({ lease: 1_000, ...options })
    const rounds = Math.max(1, Math.round(scale))
    const all: string[] = []
    try {
      const server = await fleet.startServer()
      for (let round = 0; round < rounds; round++) {
        const first = await fleet.startWorker()
        const runs = await launched(fleet, 'longParts', 3, round * 3)
        all.push(...runs)
        await until('all runs go on', () =>
          runs.every((run) => fleet.log().some((line) => line.run === run && line.step > 3)),
        )
        const pids = [...new Set(fleet.log().map(({ pid }) => pid))]
        const hit = (signal: NodeJS.Signals): void => {
          first.signal(signal)
          for (const pid of pids) {
            try {
              process.kill(pid, signal)
            } catch {
              // Of an earlier round.
            }
          }
        }
        // What was under way when it stopped is committed meanwhile, and the answers wait for it.
        server.signal('SIGSTOP')
        await wait(150)
        hit('SIGSTOP')
        server.signal('SIGCONT')
        const second = await fleet.startWorker()
        const taken = (): boolean =>
          runs.every((run) => fleet.log().some((line) => line.run === run && !pids.includes(line.pid)))
        await until('others have the runs', taken, 30_000)
        const again = ranAgain(fleet.log())
        if (again.length > 0) return ended('no committed step ran twice', again)
        hit('SIGCONT')
        await over(fleet, runs)
        await wait(500)
        for (const one of [first, second]) one.signal('SIGKILL')
      }
      return { verdicts: await verified(fleet, all), counted: `${all.length} runs of a stopped worker` }
    } finally {
      fleet.close()
    }
  },
}
