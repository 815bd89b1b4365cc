import { writeFileSync } from 'node:fs'
import { DBOS } from '@dbos-inc/dbos-sdk'
import { planned } from './plan.ts'

const { warm, count, width, out } = planned()

async function make(first: number, many: number): Promise<void> {
  let next = first
  const lane = async (): Promise<void> => {
    while (next < first + many) {
      const n = next++
      await DBOS.runStep(async () => n + 1, { name: 'one' })
    }
  }
  await Promise.all(Array.from({ length: width }, lane))
}

/** The same as `steps.ts`, on DBOS Transact with its defaults. */
const steps = DBOS.registerWorkflow(
  async () => {
    await make(0, warm)
    const began = performance.now()
    await make(warm, count)
    return performance.now() - began
  },
  { name: 'steps' },
)

DBOS.setConfig({ name: 'steps', systemDatabaseUrl: process.env['SLUICE_BENCH_DATABASE']!, logLevel: 'error' })
await DBOS.launch()
const ms = await steps()
writeFileSync(out, JSON.stringify({ ms }))
await DBOS.shutdown()
