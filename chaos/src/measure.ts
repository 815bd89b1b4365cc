import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { type Place, start } from './program.ts'
import type { Scenario } from './scenarios.ts'
import { type Undisturbed, fixedOf } from './verify/after-end.ts'
import { readSnapshot } from './verify/snapshot.ts'

/** Runs a scenario in peace: what it comes to, and how long that takes. */
export async function measure(scenario: Scenario, place: Omit<Place, 'home'>, folder: string): Promise<Undisturbed> {
  const home = mkdtempSync(join(folder, `${scenario.name}-undisturbed-`))
  const since = performance.now()
  const program = start({ ...place, home }, scenario.name)
  let beginsAfter = 0
  void program.begun.then(() => (beginsAfter = performance.now() - since))
  const ended = await program.ended
  const snapshot = readSnapshot(home)
  if (snapshot.run?.state !== scenario.state) throw new Error(`"${scenario.name}" does not end ${scenario.state}, undisturbed: ${ended.stderr}`)
  return { fixed: fixedOf(snapshot), beginsAfter, runsFor: performance.now() - since - beginsAfter }
}
