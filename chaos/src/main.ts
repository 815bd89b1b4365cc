import { rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Campaign, campaign } from './campaign.ts'
import { copyWithout } from './copy-without.ts'
import { plansOf } from './crash-points.ts'
import { protectionCalled, protections } from './protections.ts'
import { scenarioCalled, scenarios } from './scenarios.ts'

const help = `npm run chaos -- [--kills N] [--seed S] [--scenario NAME]
npm run chaos -- --points
npm run chaos -- --without PROTECTION

Kills real processes, lets others go on, and compares what they did with what the store says.

  --kills N              how many deaths at random moments (default 100)
  --seed S               where the moments are drawn from (default 1)
  --scenario NAME        only this one: ${scenarios.map(({ name }) => name).join(', ')}
  --points               at each named instant instead
  --without PROTECTION   on a copy of the source that lacks one: it must fail
${protections.map(({ name, guards }) => `                           ${name.padEnd(23)}${guards}`).join('\n')}
`

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    scenario: { type: 'string' },
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

if (values.help) process.stdout.write(help)
else await run()
