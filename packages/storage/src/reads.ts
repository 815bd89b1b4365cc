import type { Store } from '@sluice/engine/store'
import { historyOf, latestOf, madePartitions, summarizeAssets } from './assets/asset-reads.ts'
import { getCache } from './cache/cache-store.ts'
import { checksOfRun, latestChecks } from './checks/check-store.ts'
import { listEvents } from './events/event-store.ts'
import { countLines, listLines } from './logs/log-store.ts'
import { listKeys } from './partitions/partition-store.ts'
import { activeRuns, findRun, getRun, listRuns, resumableRun } from './runs/run-reads.ts'
import type { Session } from './session.ts'
import { countSteps, getStep, listSteps } from './steps/step-reads.ts'
import { collectableValues, liveSlots } from './values/value-store.ts'

/** The reads of every noun on one session; `failed` turns what the driver throws into an error of the store. */
export function readsOf(session: Session, failed: (error: unknown) => never): Omit<Store, 'commit' | 'close'> {
  const on =
    <Args extends unknown[], Result>(read: (session: Session, ...args: Args) => Promise<Result>) =>
    (...args: Args): Promise<Result> =>
      read(session, ...args).catch(failed)
  return {
    runs: {
      get: on(getRun),
      find: on(findRun),
      list: on(listRuns),
      active: on(activeRuns),
      resumable: on(resumableRun),
    },
    steps: { list: on(listSteps), get: on(getStep), counts: on(countSteps) },
    assets: {
      latest: on(latestOf),
      history: on(historyOf),
      partitions: on(madePartitions),
      summary: on(summarizeAssets),
    },
    checks: { latest: on(latestChecks), ofRun: on(checksOfRun) },
    partitions: { keys: on(listKeys) },
    cache: { get: on(getCache) },
    events: { list: on(listEvents) },
    logs: { list: on(listLines), counts: on(countLines) },
    values: { collectable: on(collectableValues), live: on(liveSlots) },
  }
}
