import type { Store } from '@sluice/engine/store'
import { dueAlerts, listAlerts } from './alerts/alert-store.ts'
import { historyOf, latestOf, recordedBy, summarizeAssets } from './assets/asset-reads.ts'
import { changedSlices, failedSlices, keysOfRun, madePartitions, versionsOf } from './assets/slice-reads.ts'
import { activeBackfills, findBackfill, listBackfills } from './backfills/backfill-store.ts'
import { blobPiece, listBlobs } from './blobs/blob-store.ts'
import { getCache } from './cache/cache-store.ts'
import { checksOfRun, failedChecks, historyOfCheck, latestChecks } from './checks/check-store.ts'
import { cursorOf, firstEvent } from './events/cursor-store.ts'
import { lastEvent, listEvents, recentEvents } from './events/event-store.ts'
import { acknowledged } from './failures/failure-store.ts'
import { conditionHead, conditionPauses, conditionStates } from './conditions/condition-store.ts'
import { evaluationsOf, latestEvaluations } from './conditions/evaluation-store.ts'
import { knownSlices } from './conditions/known-slices.ts'
import { listFreshness } from './freshness/freshness-store.ts'
import { oldHistory } from './history/history-reads.ts'
import { claimsOf, grantedSteps, heldSlots, limitSummary, waitingSteps } from './limits/slot-reads.ts'
import { listLocations, locationVersion, locationVersions } from './locations/location-store.ts'
import { countLines, findLines, listLines } from './logs/log-store.ts'
import { countKeys, listKeys, pageOfKeys } from './partitions/partition-store.ts'
import { aheadOf, deliveredTo, nextDue, nextRuns, queueCounts, unclaimedRuns } from './queue/queue-reads.ts'
import { countRuns } from './runs/count-runs.ts'
import { listRuns } from './runs/list-runs.ts'
import {
  activeAssetRuns,
  activeRuns,
  statesOfRuns,
  findRun,
  getRun,
  onceRun,
  resumableRun,
  runsOfOwner,
} from './runs/run-reads.ts'
import { getSchedule, listSchedules } from './schedules/schedule-store.ts'
import { getSensor, listSensors } from './sensors/sensor-store.ts'
import type { Session } from './session.ts'
import { countSteps, getStep, journalOf, listSteps } from './steps/step-reads.ts'
import { listTicks } from './ticks/tick-store.ts'
import { collectableValues, liveSlots } from './values/value-store.ts'
import { expiredWorkers, listWorkers } from './workers/worker-store.ts'

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
      counts: on(countRuns),
      active: on(activeRuns),
      states: on(statesOfRuns),
      ofOwner: on(runsOfOwner),
      once: on(onceRun),
      resumable: on(resumableRun),
    },
    steps: { list: on(listSteps), journal: on(journalOf), get: on(getStep), counts: on(countSteps) },
    assets: {
      latest: on(latestOf),
      history: on(historyOf),
      ofRun: on(recordedBy),
      partitions: on(madePartitions),
      failed: on(failedSlices),
      keysOfRun: on(keysOfRun),
      changed: on(changedSlices),
      versions: on(versionsOf),
      summary: on(summarizeAssets),
    },
    checks: { latest: on(latestChecks), history: on(historyOfCheck), failed: on(failedChecks), ofRun: on(checksOfRun) },
    partitions: { keys: on(listKeys), page: on(pageOfKeys), count: on(countKeys) },
    cache: { get: on(getCache) },
    events: {
      list: on(listEvents),
      recent: on(recentEvents),
      last: on(lastEvent),
      first: on(firstEvent),
      cursor: on(cursorOf),
    },
    logs: { list: on(listLines), find: on(findLines), counts: on(countLines) },
    failures: { acknowledged: on(acknowledged) },
    values: { collectable: on(collectableValues), live: on(liveSlots) },
    blobs: { piece: on(blobPiece), list: on(listBlobs) },
    queue: {
      next: on(nextRuns),
      nextDue: on(nextDue),
      unclaimed: on(unclaimedRuns),
      delivered: on(deliveredTo),
      ahead: on(aheadOf),
      counts: on(queueCounts),
    },
    slots: {
      held: on(heldSlots),
      waiting: on(waitingSteps),
      granted: on(grantedSteps),
      summary: on(limitSummary),
      claims: on(claimsOf),
    },
    workers: { list: on(listWorkers), expired: on(expiredWorkers) },
    schedules: { list: on(listSchedules), get: on(getSchedule) },
    sensors: { list: on(listSensors), get: on(getSensor) },
    ticks: { list: on(listTicks) },
    freshness: { list: on(listFreshness) },
    conditions: {
      head: on(conditionHead),
      states: on(conditionStates),
      pauses: on(conditionPauses),
      evaluations: on(evaluationsOf),
      latest: on(latestEvaluations),
      known: on(knownSlices),
      active: on(activeAssetRuns),
    },
    locations: { list: on(listLocations), version: on(locationVersion), versions: on(locationVersions) },
    history: { old: on(oldHistory) },
    backfills: { find: on(findBackfill), list: on(listBackfills), active: on(activeBackfills) },
    alerts: { due: on(dueAlerts), list: on(listAlerts) },
  }
}
