import { setTimeout as wait } from 'node:timers/promises'
import { makeFleet, until } from '../fleet.ts'
import type { FleetScenario } from '../scenario.ts'
import { launched, over, verified } from '../verify-fleet.ts'

/** SIGKILL of a worker, a run's process or the server, at random, while runs go on. */
export const kills: FleetScenario = {
  name: 'kills',
  says: 'workers, run processes and the server are killed at random',
  protection: {
    name: 'server-commits-first',
    guards: 'a server answers when it is on disk, not before',
    patches: [
      {
        file: 'engine/src/store/serve.ts',
        find: /const committed = await store\.commit\(group\.length === 1 \? group\[0\]!\.items : group\.flatMap\(\(\{ items \}\) => items\)\)/,
        put: `const items = group.flatMap(({ items }) => items)
      const early = items.every((item) => 'change' in item && item.change === 'step.record')
      if (early) setTimeout(() => void store.commit(items), 400)
      const committed = early ? items.map(() => ({ ok: true as const })) : await store.commit(items)`,
      },
    ],
    finds: /nothing that was committed is lost|no committed step ran twice/,
  },
  async run({ options, random, scale }) {
    const fleet = makeFleet(options)
    const count = Math.max(8, Math.round(30 * scale))
    const hits = { server: 0, worker: 0, child: 0 }
    try {
      await fleet.startServer()
      await fleet.startWorker()
      await fleet.startWorker()
      const runs = await launched(fleet, 'parts', count)
      let ended = false
      const done = over(fleet, runs).finally(() => (ended = true))
      done.catch(() => {})
      // Each of them at least once; the server first, when the code has just got an outcome.
      const most = Math.max(4, Math.round(12 * scale))
      for (let nth = 0; nth < most && !ended; nth++) {
        const which = [0, 0.3, 0.9][nth] ?? random()
        if (which < 0.2) {
          const got = (): number => fleet.log().filter(({ phase }) => phase === 'got').length
          const before = got()
          await until('another outcome is there', () => ended || got() > before)
          fleet.servers[0]!.signal('SIGKILL')
          hits.server++
          await fleet.servers[0]!.again()
        } else if (which < 0.6) {
          const worker = fleet.workers[Math.floor(random() * fleet.workers.length)]!
          worker.signal('SIGKILL')
          hits.worker++
          await worker.again()
        } else {
          const pid = fleet.log().at(-1)?.pid
          if (pid !== undefined && killed(pid)) hits.child++
        }
        await wait(200 + random() * 600)
      }
      await done
      const counted = `${count} runs; killed: server ${hits.server}, workers ${hits.worker}, run processes ${hits.child}`
      return { verdicts: await verified(fleet, runs), counted }
    } finally {
      fleet.close()
    }
  },
}

function killed(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL')
    return true
  } catch {
    return false
  }
}
