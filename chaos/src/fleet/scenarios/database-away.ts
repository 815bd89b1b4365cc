import { setTimeout as wait } from 'node:timers/promises'
import { ownDatabase } from '../databases.ts'
import { makeFleet, until } from '../fleet.ts'
import type { FleetScenario } from '../scenario.ts'
import { launched, notFenced, over, verified } from '../verify-fleet.ts'

/** Milliseconds. */
const lease = 1_500

/** The database is away for many leases in the middle of runs: nobody is taken for dead, and no run fails for it. */
export const databaseAway: FleetScenario = {
  name: 'database-away',
  says: 'PostgreSQL is away for many leases (15 s; 5 minutes at scale 20)',
  protection: {
    name: 'store-is-patient',
    guards: 'what the database could not be asked waits for it, for 10 minutes',
    patches: [
      { file: 'storage/src/postgres/open.ts', find: /const PATIENCE = 10 \* 60_000/, put: 'const PATIENCE = 1' },
    ],
    finds: /nobody was taken for dead|every run ended well|cannot be reached/,
  },
  async run({ options, scale }) {
    const database = await ownDatabase()
    const fleet = makeFleet({ lease, ...options, store: database.url })
    try {
      await fleet.startServer()
      await fleet.startWorker()
      const runs = await launched(fleet, 'longParts', 3)
      await until('all runs go on', () =>
        runs.every((run) => fleet.log().some((line) => line.run === run && line.step > 3)),
      )
      await database.stop('fast')
      const away = Math.max(4 * lease, 15_000 * scale)
      await wait(away)
      await database.start()
      await over(fleet, runs)
      runs.push(...(await launched(fleet, 'parts', 3)))
      await over(fleet, runs)
      const verdicts = [...(await verified(fleet, runs)), await notFenced(fleet, runs)]
      return {
        verdicts,
        counted: `${runs.length} runs, away for ${Math.round(away / 1000)} s, lease ${lease / 1000} s`,
      }
    } finally {
      fleet.close()
      await database.close()
    }
  },
}
