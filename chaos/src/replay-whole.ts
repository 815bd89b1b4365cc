import { cpSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { readLog } from './log.ts'
import { type Ended, type Place, logOf, start } from './program.ts'
import type { Scenario } from './scenarios.ts'
import { type Snapshot, readSnapshot } from './verify/snapshot.ts'

/** What the journal says when it is replayed whole: on a copy, whose run is marked as crashed. */
export async function replayWhole(
  place: Place,
  scenario: Scenario,
): Promise<{ ended: Ended; snapshot: Snapshot; starts: number }> {
  const home = `${place.home}-replay`
  cpSync(place.home, home, { recursive: true })
  rmSync(logOf(home), { force: true })
  markCrashed(home)
  const ended = await start({ ...place, home }, scenario.name).ended
  const snapshot = readSnapshot(home)
  const starts = existsSync(logOf(home)) ? readLog(logOf(home)).filter(({ phase }) => phase === 'start').length : 0
  rmSync(home, { recursive: true, force: true })
  return { ended, snapshot, starts }
}

/** Makes the run of a home look as if its process had died just before it would have ended. */
function markCrashed(home: string): void {
  const database = new DatabaseSync(join(home, 'sluice.db'))
  database.exec(`update runs set state = 'crashed', owner = null, result = null, result_ref = null`)
  database.close()
}
