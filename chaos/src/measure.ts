import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { type Place, start } from './program.ts'
import type { Scenario } from './scenarios.ts'
import { type Undisturbed, fixedOf } from './verify/after-end.ts'
import { readSnapshot } from './verify/snapshot.ts'

const known = new Map<string, Promise<Undisturbed>>()

/** What a scenario comes to in peace, and how long that takes: asked for once in a process. */
export function measured(scenario: Scenario, place: Omit<Place, 'home'>, folder: string): Promise<Undisturbed> {
  let own = known.get(scenario.name)
  if (!own) known.set(scenario.name, (own = measure(scenario, place, folder)))
  return own
}

async function measure(scenario: Scenario, place: Omit<Place, 'home'>, folder: string): Promise<Undisturbed> {
  const home = mkdtempSync(join(folder, `${scenario.name}-undisturbed-`))
  const since = performance.now()
  const program = start({ ...place, home }, scenario.name)
  let beginsAfter = 0
  void program.begun.then(() => (beginsAfter = performance.now() - since))
  const ended = await program.ended
  const snapshot = readSnapshot(home)
  if (snapshot.run?.state !== scenario.state)
    throw new Error(`"${scenario.name}" does not end ${scenario.state}, undisturbed: ${ended.stderr}`)
  return { fixed: fixedOf(snapshot), beginsAfter, runsFor: performance.now() - since - beginsAfter }
}
