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

/** How a store runs a read: after what was asked before it, its errors made the store's own. */
export type RunRead = <Result>(read: () => Promise<Result>) => Promise<Result>

/** The reads of every noun on one session. */
export function readsOf(session: Session, run: RunRead): Omit<Store, 'commit' | 'close'> {
  const on =
    <Args extends unknown[], Result>(read: (session: Session, ...args: Args) => Promise<Result>) =>
    (...args: Args): Promise<Result> =>
      run(() => read(session, ...args))
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
