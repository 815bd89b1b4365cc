import { rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Campaign, campaign } from './campaign.ts'
import { copyWithout } from './copy-without.ts'
import { plansOf } from './crash-points.ts'
import { protectionCalled, protections } from './protections.ts'
import { hitFleets } from './fleet/hit-fleets.ts'
import { fleetScenarios } from './fleet/fleet-scenarios.ts'
import { scenarioCalled, scenarios } from './scenarios.ts'

const help = `npm run chaos -- [--kills N] [--seed S] [--scenario NAME]
npm run chaos -- --all [--scale N] [--seed S]
npm run chaos -- --points
npm run chaos -- --without PROTECTION

Kills real processes, lets others go on, and compares what they did with what the store says.

  --kills N              how many deaths at random moments (default 100)
  --seed S               where the moments are drawn from (default 1)
  --scenario NAME        only this one: ${scenarios.map(({ name }) => name).join(', ')}
  --scale N              how much of it, for servers and workers (default 1: about half a minute each)
  --all                  scripts that are killed, and then servers and workers:
${fleetScenarios.map(({ name, says }) => `                           ${name.padEnd(23)}${says}`).join('\n')}
  --points               at each named instant instead
  --without PROTECTION   on a copy of the source that lacks one: it must fail
${[...protections, ...fleetScenarios.map(({ protection }) => protection)]
  .map(({ name, guards }) => `                           ${name.padEnd(23)}${guards}`)
  .join('\n')}
`

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    scenario: { type: 'string' },
    all: { type: 'boolean' },
    scale: { type: 'string', default: '1' },
    points: { type: 'boolean' },
    without: { type: 'string' },
    help: { type: 'boolean' },
  },
})

async function run(): Promise<void> {
  const since = performance.now()
  const given: Campaign = {
    kills: Number(values.kills),
    seed: Number(values.seed),
    onVerdicts(verdicts) {
      for (const { what, breaches } of verdicts)
        for (const breach of breaches.slice(0, 5)) console.log(`✗ ${what}: ${breach}`)
    },
  }
  const protection = values.without === undefined ? undefined : protectionCalled(values.without)
  const root = protection && copyWithout(protection)
  const result = await campaign({
    ...given,
    ...(values.scenario !== undefined && { among: [scenarioCalled(values.scenario)] }),
    ...(values.points && { plans: plansOf() }),
    ...(protection && { root: root!, plans: protection.plans }),
  })
  if (root) rmSync(root, { recursive: true, force: true })
  console.log(`${result.kills} kills in ${result.runs} runs, ${Math.round((performance.now() - since) / 1000)} s`)
  if (result.failed.length > 0) console.log(`What they left is in ${result.folder}`)
  console.log(`${result.passed} passed, ${result.failed.length} failed`)
  process.exitCode = result.failed.length > 0 ? 1 : 0
}

const fleet = fleetScenarios.filter(
  ({ name, protection }) => values.all || name === values.scenario || protection.name === values.without,
)

if (values.help) process.stdout.write(help)
else if (fleet.length === 0) await run()
else {
  const seed = Number(values.seed)
  const scripts = values.all ? await campaign({ kills: Number(values.kills), seed }) : undefined
  const hit = await hitFleets({
    scenarios: fleet,
    seed,
    scale: Number(values.scale),
    without: values.without !== undefined,
  })
  for (const { what, breaches } of scripts?.failed ?? [])
    for (const breach of breaches.slice(0, 5)) console.log(`✗ ${what}: ${breach}`)
  const failed = hit.failed + (scripts?.failed.length ?? 0)
  console.log(`${hit.passed + (scripts?.passed ?? 0)} passed, ${failed} failed`)
  process.exitCode = failed > 0 ? 1 : 0
}
