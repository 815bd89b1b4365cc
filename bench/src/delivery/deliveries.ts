import type { Candidate, Store } from '@sluice/engine'
import { PgBoss } from 'pg-boss'
import type { Watched } from './statements.ts'

/** How runs that were admitted reach the server that holds a worker for them. */
export interface Delivery {
  /** Runs that were delivered to a pool. */
  fetch(pool: string, limit: number): Promise<readonly Candidate[]>
  /** What brings back a hint whose taker is gone: how often it is looked for, in milliseconds; `null` where it never was away. */
  readonly upkeep: (() => Promise<unknown>) | null
  close(): Promise<void>
}

/** As the server does it: the queue's own rows say what was delivered, and a look takes nothing away. */
export function throughTables(store: Store): Delivery {
  return {
    fetch: (pool, limit) => store.queue.delivered(pool, limit),
    upkeep: () => store.queue.unclaimed(Date.now() - 10_000),
    close: async () => {},
  }
}

/** Seconds after which a job that was fetched and not completed is fetched again. */
const EXPIRES = 10

export interface BossOptions {
  readonly url: string
  readonly schema: string
  readonly pools: readonly string[]
  readonly watched: Watched
  /** Of a run that is admitted: what its job says, so that nothing has to be read when it is fetched. `null`: not ours. */
  readonly candidate: (run: string) => Candidate | null
}

/**
 * pg-boss 12 in the store's own transactions: a job is sent in the one that admits a run, and completed in the one that
 * claims it. A queue for each pool, as a fetch names one.
 */
export async function throughBoss({ url, schema, pools, watched, candidate }: BossOptions): Promise<Delivery> {
  // As quick as it can be about jobs that were lost: its figures are whole seconds.
  const intervals = { superviseIntervalSeconds: 1, monitorIntervalSeconds: 1, maintenanceIntervalSeconds: 60 }
  const boss = new PgBoss({ connectionString: url, schema, schedule: false, ...intervals })
  const errors: unknown[] = []
  boss.on('error', (error) => errors.push(error))
  await boss.start()
  for (const pool of pools)
    await boss.createQueue(pool, { expireInSeconds: EXPIRES, retryLimit: 1000, retryDelay: 0, deleteAfterSeconds: 60 })

  const fetched = new Map<string, string>()
  let admitted: string[] = []
  let claimed: string[] = []
  watched.onStatement = (text, values) => {
    if (text === 'begin') [admitted, claimed] = [[], []]
    else if (text.startsWith('update "queue" set') && values[0] === 'delivered') {
      const run = String(values.at(-1))
      if (candidate(run)) admitted.push(run)
    } else if (text.startsWith('delete from "queue"')) claimed.push(String(values[0]))
  }
  watched.beforeCommit = () => {
    const [sent, done] = [byPool(admitted), byPool(claimed.filter((run) => fetched.has(run)))]
    if (sent.size + done.size === 0) return null
    return async (execute) => {
      const db = { executeSql: (text: string, values: unknown[] = []) => execute(text, values) }
      for (const [pool, runs] of sent) {
        await boss.insert(
          pool,
          runs.map((run) => ({ data: candidate(run)! })),
          { db },
        )
      }
      for (const [pool, runs] of done) {
        await boss.complete(
          pool,
          runs.map((run) => fetched.get(run)!),
          null,
          { db },
        )
        for (const run of runs) fetched.delete(run)
      }
    }
  }
  const byPool = (runs: readonly string[]): Map<string, string[]> => Map.groupBy(runs, (run) => candidate(run)!.pool)

  return {
    async fetch(pool, limit) {
      const jobs = await boss.fetch<Candidate>(pool, { batchSize: limit })
      for (const { id, data } of jobs) fetched.set(data.run, id)
      return jobs.map(({ data }) => data)
    },
    upkeep: null,
    async close() {
      watched.onStatement = watched.beforeCommit = null
      await boss.stop({ graceful: false })
      if (errors.length > 0) throw errors[0]
    },
  }
}
