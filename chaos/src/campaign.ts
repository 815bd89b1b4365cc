import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Blow, disturb, drawBlow } from './disturb.ts'
import { measured } from './measure.ts'
import { checkout } from './program.ts'
import { seeded } from './random.ts'
import { type Scenario, scenarioCalled, scenarios } from './scenarios.ts'
import type { Undisturbed, Verdict } from './verify/after-end.ts'

export interface Campaign {
  readonly kills: number
  readonly seed: number
  readonly among?: readonly Scenario[]
  /** Where the programs and packages are; default: this checkout. */
  readonly root?: string
  /** Are some processes only stopped, and succeeded while they live? Default `true`. */
  readonly zombies?: boolean
  /** Runs exactly these, with exactly these blows, instead of drawing them. */
  readonly plans?: readonly Plan[]
  /** Begins no more runs once something has failed. */
  readonly untilFailed?: boolean
  /** How many runs at once. */
  readonly lanes?: number
  readonly onVerdicts?: (verdicts: readonly Verdict[]) => void
}

export interface Plan {
  readonly scenario: string
  readonly blows: readonly Blow[]
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
  const { kills: wanted, root = checkout, zombies = true, lanes = 3, plans, untilFailed = false } = given
  const among = plans
    ? scenarios.filter(({ name }) => plans.some(({ scenario }) => scenario === name))
    : (given.among ?? scenarios)
  const folder = mkdtempSync(join(tmpdir(), 'sluice-chaos-'))
  const cache = join(folder, 'cache')
  mkdirSync(cache)
  const place = { root, cache }
  const undisturbed = new Map<string, Undisturbed>()
  // In the checkout, whatever is removed elsewhere: what comes of it in peace is what it should be.
  for (const scenario of among)
    undisturbed.set(scenario.name, await measured(scenario, { ...place, root: checkout }, folder))
  const random = seeded(given.seed)
  const failed: Verdict[] = []
  let [kills, runs, passed] = [0, 0, 0]
  const lane = async (): Promise<void> => {
    while (plans ? runs < plans.length : kills < wanted) {
      if (untilFailed && failed.length > 0) return
      const nth = runs++
      const plan = plans?.[nth]
      const scenario = plan ? scenarioCalled(plan.scenario) : among[nth % among.length]!
      const own = undisturbed.get(scenario.name)!
      let blows = 0
      const next = (): Blow | undefined => {
        if (plan) return plan.blows[blows++]
        if (blows++ >= mostBlows || kills >= wanted) return undefined
        return drawBlow(random, own, zombies)
      }
      const done = await disturb({ scenario, place, folder, undisturbed: own, next, onKill: () => kills++ })
      for (const verdict of done)
        if (verdict.breaches.length === 0) passed++
        else failed.push(verdict)
      given.onVerdicts?.(done)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  if (failed.length === 0) rmSync(folder, { recursive: true, force: true })
  return { kills, runs, passed, failed, folder }
}
