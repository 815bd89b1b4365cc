import { rmSync } from 'node:fs'
import { copyWithout } from '../copy-without.ts'
import { seeded } from '../random.ts'
import { type FleetScenario, Lacking } from './scenario.ts'

export interface FleetOutcome {
  readonly passed: number
  readonly failed: number
  /** What was counted, for people. */
  readonly counted: string
  readonly breaches: readonly string[]
}

/** Runs one scenario. Where this machine lacks what it needs it counts as failed in CI, and not at all elsewhere. */
export async function hitFleet(
  { run }: FleetScenario,
  given: { readonly seed: number; readonly scale: number; readonly root?: string },
): Promise<FleetOutcome> {
  const { root, seed, scale } = given
  try {
    const { verdicts, counted } = await run({ options: root ? { root } : {}, random: seeded(seed), scale })
    const bad = verdicts.filter(({ breaches }) => breaches.length > 0)
    return {
      passed: verdicts.length - bad.length,
      failed: bad.length,
      counted,
      breaches: bad.flatMap(({ what, breaches }) => breaches.slice(0, 3).map((breach) => `${what}: ${breach}`)),
    }
  } catch (error) {
    const { message } = error as Error
    if (error instanceof Lacking && process.env['CI'] !== 'true')
      return { passed: 0, failed: 0, counted: `not tried: ${message}`, breaches: [] }
    return { passed: 0, failed: 1, counted: 'not to its end', breaches: [message] }
  }
}

/** Runs scenarios one after another, and prints what each came to. */
export async function hitFleets(given: {
  readonly scenarios: readonly FleetScenario[]
  readonly seed: number
  readonly scale: number
  /** On a copy of the source that lacks their protections. */
  readonly without: boolean
}): Promise<{ readonly passed: number; readonly failed: number }> {
  let [passed, failed] = [0, 0]
  for (const scenario of given.scenarios) {
    const since = performance.now()
    const root = given.without ? copyWithout({ ...scenario.protection, plans: [] }) : undefined
    const outcome = await hitFleet(scenario, { ...given, ...(root && { root }) })
    if (root) rmSync(root, { recursive: true, force: true })
    passed += outcome.passed
    failed += outcome.failed
    const seconds = Math.round((performance.now() - since) / 1000)
    const mark = outcome.failed > 0 ? '✗' : outcome.passed > 0 ? '✓' : '-'
    console.log(`${mark} ${scenario.name}: ${outcome.counted}, ${seconds} s`)
    for (const breach of outcome.breaches) console.log(`  ${breach}`)
  }
  return { passed, failed }
}

/** Of the seeds after 1 that are tried: what happens at random does not hit every time. */
const tries = 4

/** Is it seen that the protection is removed? `null`: this machine lacks what the scenario needs. */
export async function foundOut(scenario: FleetScenario): Promise<{ found: boolean; breaches: string[] } | null> {
  const { protection } = scenario
  const root = copyWithout({ ...protection, plans: [] })
  const breaches: string[] = []
  try {
    for (let seed = 1; seed <= tries; seed++) {
      const outcome = await hitFleet(scenario, { root, seed, scale: protection.scale ?? 0.1 })
      if (outcome.passed + outcome.failed === 0) return null
      breaches.push(...outcome.breaches)
      if (breaches.some((breach) => protection.finds.test(breach))) return { found: true, breaches }
    }
    return { found: false, breaches }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
