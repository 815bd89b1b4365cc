import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { openDisk } from '../disk.ts'
import { type Figures, openFigures } from '../figures.ts'
import { inFreshDatabase, postgresFor } from '../postgres.ts'
import { openProduct } from '../product.ts'
import type { StepsOptions } from '../steps/bench-steps.ts'
import { type Dev, listen, startDev } from './dev.ts'
import { openLauncher } from './launcher.ts'
import { assetsAndFlow, makeProject } from './project.ts'
import { percentile, printed } from './printed.ts'

const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** From the launch of a run to its end, and what `sluice dev` takes until it answers and while it idles. */
export async function benchLaunch(options: StepsOptions): Promise<void> {
  const { smoke } = options
  const disk = openDisk(options.folder)
  try {
    const product = await openProduct(smoke, say)
    const figures = openFigures()
    const notes: string[] = []
    for (const count of smoke ? [10] : [1_000, 10_000]) {
      say(`sluice dev with ${count} assets`)
      const project = makeProject({ disk }, assetsAndFlow(count))
      // The first start fills the cache of compiled code.
      for (let n = 0; n < (smoke ? 1 : 4); n++) {
        const dev = await startDev(product, project.folder, ['dev', 'pipeline.ts'])
        if (n > 0 || smoke) figures.add(`dev.ready_${count}_ms`, 'ms', dev.readyAfter)
        if (n === (smoke ? 0 : 3)) {
          await wait(smoke ? 500 : 5_000)
          figures.add(`dev.memory_${count}_mb`, 'MB', dev.memory() / 1e6)
        }
        await dev.close()
      }
      project.close()
    }
    const project = makeProject({ disk }, assetsAndFlow(10))
    say('saved code')
    await measureReload(() => startDev(product, project.folder, ['dev', 'pipeline.ts']), project.folder, figures, smoke)
    say('launches, in SQLite')
    await measure(() => startDev(product, project.folder, ['dev', 'pipeline.ts']), figures, '', smoke)
    const postgres = await postgresFor(options, (line) => notes.push(line))
    if (postgres !== undefined) {
      say('launches, in PostgreSQL')
      await inFreshDatabase(postgres, (store) =>
        measure(
          () => startDev(product, project.folder, ['dev', 'pipeline.ts'], { store }),
          figures,
          'postgres_',
          smoke,
        ),
      )
    }
    project.close()
    printed('launch', figures, disk, product, options.json, notes)
  } finally {
    disk.close()
  }
}

/** From the moment a file of the code is saved until somebody who listens has heard of it and got its definitions. */
async function measureReload(
  start: () => Promise<Dev>,
  folder: string,
  figures: Figures,
  smoke: boolean,
): Promise<void> {
  const dev = await start()
  const file = join(folder, 'pipeline.ts')
  const code = readFileSync(file, 'utf8')
  const names = async (): Promise<readonly string[]> => {
    const { definitions } = await dev.get<{ definitions: { flows: { name: string }[] } }>(
      '/locations/bench/definitions',
    )
    return definitions.flows.map(({ name }) => name)
  }
  let activated = Promise.withResolvers<void>()
  const stop = await listen(dev.url, (type) => type === 'location.activated' && activated.resolve())
  try {
    const took: number[] = []
    for (let n = 0; n < (smoke ? 2 : 15); n++) {
      await wait(smoke ? 200 : 1_000) // what the load before left behind is over
      activated = Promise.withResolvers<void>()
      const began = performance.now()
      writeFileSync(file, `${code}\nexport const saved = flow('saved${n}', async () => ${n})\n`)
      await Promise.race([activated.promise, wait(30_000, undefined, { ref: false })])
      if (!(await names()).includes(`saved${n}`)) throw new Error(`saved${n} is not in the definitions`)
      took.push(performance.now() - began)
    }
    figures.add('dev.reload_p50_ms', 'ms', percentile(took, 0.5))
    figures.add('dev.reload_p95_ms', 'ms', percentile(took, 0.95))
  } finally {
    stop()
    writeFileSync(file, code)
    await dev.close()
  }
}

/** Launch to done of a run that does next to nothing, one after the other. */
async function measure(start: () => Promise<Dev>, figures: Figures, engine: string, smoke: boolean): Promise<void> {
  const dev = await start()
  try {
    const { launch, stop } = await openLauncher(dev)
    for (let n = 0; n < (smoke ? 3 : 30); n++) await launch('trivial')
    const took: number[] = []
    for (let n = 0; n < (smoke ? 10 : 300); n++) took.push(await launch('trivial'))
    figures.add(`launch.${engine}p50_ms`, 'ms', percentile(took, 0.5))
    figures.add(`launch.${engine}p95_ms`, 'ms', percentile(took, 0.95))
    stop()
  } finally {
    await dev.close()
  }
}
