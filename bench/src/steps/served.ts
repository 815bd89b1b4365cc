import type { Figures } from '../figures.ts'
import { inFreshDatabase } from '../postgres.ts'
import { startDev } from '../serving/dev.ts'
import { openLauncher } from '../serving/launcher.ts'
import { makeProject } from '../serving/project.ts'
import type { Place } from './workload.ts'

/**
 * Steps as a server has them executed: the flow in a child, its outcomes over the child's pipe and the worker's to the
 * server, which commits them. A run's launch, claim and end are in the time: some milliseconds of seconds.
 */
export async function measureServed(
  place: Place,
  figures: Figures,
  smoke: boolean,
  postgres: string | undefined,
): Promise<void> {
  const steps = smoke ? { many: 100, wide: 1_000 } : { many: 20_000, wide: 100_000 }
  const project = makeProject(place, flows(steps))
  const measure = async (engine: string, store?: string): Promise<void> => {
    const dev = await startDev(place.product, project.folder, ['dev', 'pipeline.ts'], { store })
    try {
      const { launch, stop } = await openLauncher(dev)
      for (let n = 0; n < (smoke ? 1 : 3); n++) {
        figures.add(`steps.${engine}_sequential`, 'steps/s', (steps.many / (await launch('many'))) * 1000)
        figures.add(`steps.${engine}_concurrent`, 'steps/s', (steps.wide / (await launch('wide'))) * 1000)
      }
      stop()
    } finally {
      await dev.close()
    }
  }
  await measure('sqlite')
  if (postgres !== undefined) await inFreshDatabase(postgres, (url) => measure('postgres', url))
  project.close()
}

const flows = ({ many, wide }: { readonly many: number; readonly wide: number }): string => `
import { flow, task } from 'sluice'
const add = task('add', (n: number) => n + 1)
export const manySteps = flow('many', async () => {
  let n = 0
  for (let i = 0; i < ${many}; i++) n = await add(n)
  return n
})
export const wideSteps = flow('wide', async () => {
  const all = await add.map(Array.from({ length: ${wide} }, (_, n) => n), { concurrency: 500 })
  return all.length
})
`
