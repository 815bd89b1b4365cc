import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Blow, disturb, drawBlow } from './disturb.ts'
import { measure } from './measure.ts'
import { checkout } from './program.ts'
import { seeded } from './random.ts'
import { type Scenario, scenarios } from './scenarios.ts'
import type { Verdict } from './verify/after-end.ts'

export interface Campaign {
  readonly kills: number
  readonly seed: number
  readonly among?: readonly Scenario[]
  /** Where the programs and packages are; default: this checkout. */
  readonly root?: string
  /** Are some processes only stopped, and succeeded while they live? Default `true`. */
  readonly zombies?: boolean
  /** Gives the blows of each run, instead of drawing them. */
  readonly plan?: (scenario: Scenario) => readonly Blow[]
  /** How many runs at once. */
  readonly lanes?: number
  readonly onVerdicts?: (verdicts: readonly Verdict[]) => void
}

export interface Result {
  readonly kills: number
  readonly runs: number
  readonly passed: number
  readonly failed: readonly Verdict[]
  /** What is left of the runs that failed. */
  readonly folder: string
}

/** At most so many blows to one run: then it is left to end. */
const mostBlows = 5

/** Runs scenarios in turn, kills their processes until so many have died, and looks at everything after each death. */
export async function campaign(given: Campaign): Promise<Result> {
  const { kills: wanted, among = scenarios, root = checkout, zombies = true, lanes = 3 } = given
  const folder = mkdtempSync(join(tmpdir(), 'sluice-chaos-'))
  const cache = join(folder, 'cache')
  mkdirSync(cache)
  const place = { root, cache }
  const undisturbed = new Map<string, Awaited<ReturnType<typeof measure>>>()
  for (const scenario of among) undisturbed.set(scenario.name, await measure(scenario, place, folder))
  const random = seeded(given.seed)
  const failed: Verdict[] = []
  let [kills, runs, passed] = [0, 0, 0]
  const lane = async (): Promise<void> => {
    while (kills < wanted) {
      const nth = runs++
      const scenario = among[nth % among.length]!
      const own = undisturbed.get(scenario.name)!
      const plan = given.plan?.(scenario)
      let blows = 0
      const next = (): Blow | undefined => {
        if (plan) return plan[blows++]
        if (blows++ >= mostBlows || kills >= wanted) return undefined
        return drawBlow(random, own, zombies)
      }
      const done = await disturb({ scenario, place, folder, undisturbed: own, next, onKill: () => kills++ })
      for (const verdict of done) if (verdict.breaches.length === 0) passed++; else failed.push(verdict)
      given.onVerdicts?.(done)
    }
  }
  await Promise.all(Array.from({ length: Math.min(lanes, wanted) }, lane))
  if (failed.length === 0) rmSync(folder, { recursive: true, force: true })
  return { kills, runs, passed, failed, folder }
}
