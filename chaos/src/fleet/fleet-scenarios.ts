import type { FleetScenario } from './scenario.ts'
import { badLocation } from './scenarios/bad-location.ts'
import { blockedLoop } from './scenarios/blocked-loop.ts'
import { clock } from './scenarios/clock.ts'
import { databaseAway } from './scenarios/database-away.ts'
import { databaseRestarts } from './scenarios/database-restarts.ts'
import { fullDisk } from './scenarios/full-disk.ts'
import { hintTwice } from './scenarios/hint-twice.ts'
import { kills } from './scenarios/kills.ts'
import { lateCommits } from './scenarios/late-commits.ts'
import { lostAnswers } from './scenarios/lost-answers.ts'
import { oldWorkers } from './scenarios/old-workers.ts'
import { output } from './scenarios/output.ts'
import { poisonedRows } from './scenarios/poisoned-rows.ts'
import { retention } from './scenarios/retention.ts'
import { slowConsumers } from './scenarios/slow-consumers.ts'
import { stoppedWorker } from './scenarios/stopped-worker.ts'
import { ticks } from './scenarios/ticks.ts'
import { twoServers } from './scenarios/two-servers.ts'

/** What may happen to servers and workers. */
export const fleetScenarios: readonly FleetScenario[] = [
  kills,
  stoppedWorker,
  twoServers,
  blockedLoop,
  badLocation,
  oldWorkers,
  slowConsumers,
  output,
  databaseRestarts,
  databaseAway,
  lostAnswers,
  ticks,
  lateCommits,
  hintTwice,
  clock,
  fullDisk,
  retention,
  poisonedRows,
]
