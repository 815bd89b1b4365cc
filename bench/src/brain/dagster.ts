import { fileURLToPath } from 'node:url'
import type { Figures } from '../figures.ts'
import { run } from '../programs.ts'
import { zones } from './cron.ts'

/**
 * The same of Dagster, where this Python has it: processor time too, in one process. Ticks are over 500 assets, as more take
 * minutes; of the zones every twentieth, taken for all.
 *
 * @returns why not, where it could not be measured.
 */
export async function besideDagster(figures: Figures, python: string | undefined): Promise<string | null> {
  if (python === undefined)
    return 'no Python was named. python3 -m venv PLACE && PLACE/bin/pip install dagster, then --python PLACE/bin/python'
  const program = fileURLToPath(new URL('../workloads/dagster_brain.py', import.meta.url))
  const some = zones.filter((_, n) => n % 20 === 0)
  const plan = JSON.stringify({ counts: [1000, 10_000], ticked: 500, zones: some, times: zones.length / some.length })
  try {
    const env = { SLUICE_BENCH_PLAN: plan, DAGSTER_DISABLE_TELEMETRY: '1' }
    const { output } = await run(python, ['-B', program], { env, timeout: 1_200_000 })
    const line = output.split('\n').findLast((one) => one.startsWith('{'))
    for (const [name, ms] of Object.entries(JSON.parse(line ?? '{}') as Record<string, number>))
      figures.add(`dagster.${name}_ms`, 'ms', ms)
    return null
  } catch (error) {
    return (error as Error).message.trim().split('\n').at(-1) ?? 'it failed'
  }
}
