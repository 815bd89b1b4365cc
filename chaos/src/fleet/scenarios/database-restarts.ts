import { setTimeout as wait } from 'node:timers/promises'
import { ownDatabase } from '../databases.ts'
import { makeFleet } from '../fleet.ts'
import type { FleetScenario } from '../scenario.ts'
import { launched, notFenced, over, verified } from '../verify-fleet.ts'

/** The database is ended and started again, every few seconds, while runs go on. */
export const databaseRestarts: FleetScenario = {
  name: 'database-restarts',
  says: 'PostgreSQL is restarted every few seconds, as by a crash and in order',
  protection: {
    name: 'store-reconnects',
    guards: 'what the database could not be asked is asked again',
    patches: [
      {
        file: 'storage/src/postgres/writes.ts',
        find: /=> isHurried \|\| performance\.now\(\) - since > patience/,
        put: '=> true',
      },
    ],
    finds: /cannot be reached|every run ended well/,
  },
  async run({ options, random, scale }) {
    const database = await ownDatabase()
    const fleet = makeFleet({ ...options, store: database.url })
    try {
      await fleet.startServer()
      await fleet.startWorker()
      await fleet.startWorker()
      const count = Math.max(10, Math.round(100 * scale))
      let restarts = 0
      let goesOn = true
      const restarting = (async () => {
        while (goesOn || restarts < 2) {
          await wait(500 + random() * 2_000)
          await database.stop(restarts % 2 === 0 ? 'immediate' : 'fast')
          await wait(random() * 500)
          await database.start()
          restarts++
        }
      })()
      const runs: string[] = []
      try {
        runs.push(...(await launched(fleet, 'longParts', 4)), ...(await launched(fleet, 'parts', count)))
        await over(fleet, runs)
      } finally {
        goesOn = false
        await restarting
      }
      const verdicts = [...(await verified(fleet, runs)), await notFenced(fleet, runs)]
      return { verdicts, counted: `${runs.length} runs, ${restarts} restarts` }
    } finally {
      fleet.close()
      await database.close()
    }
  },
}
