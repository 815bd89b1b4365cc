import { parseArgs } from 'node:util'
import { campaign } from './campaign.ts'
import { scenarioCalled, scenarios } from './scenarios.ts'

const help = `npm run chaos -- [--kills N] [--seed S] [--scenario NAME]

Kills real processes at random moments, lets others go on, and compares what they did with what the store says.

  --kills N          how many deaths (default 100)
  --seed S           where the moments are drawn from (default 1)
  --scenario NAME    only this one: ${scenarios.map(({ name }) => name).join(', ')}
`

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    scenario: { type: 'string' },
    help: { type: 'boolean' },
  },
})

if (values.help) process.stdout.write(help)
else {
  const since = performance.now()
  const result = await campaign({
    kills: Number(values.kills),
    seed: Number(values.seed),
    ...(values.scenario !== undefined && { among: [scenarioCalled(values.scenario)] }),
    onVerdicts(verdicts) {
      for (const { what, breaches } of verdicts) for (const breach of breaches.slice(0, 5)) console.log(`✗ ${what}: ${breach}`)
    },
  })
  const seconds = Math.round((performance.now() - since) / 1000)
  console.log(`${result.kills} kills in ${result.runs} runs, ${seconds} s`)
  if (result.failed.length > 0) console.log(`What they left is in ${result.folder}`)
  console.log(`${result.passed} passed, ${result.failed.length} failed`)
  process.exitCode = result.failed.length > 0 ? 1 : 0
}
