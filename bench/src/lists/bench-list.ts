import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fillPostgres, fillSqlite } from '@sluice/storage/testing'
import { openDisk } from '../disk.ts'
import { type Figures, openFigures } from '../figures.ts'
import { inFreshDatabase, postgresFor } from '../postgres.ts'
import { openProduct } from '../product.ts'
import { aRun, runsOf } from '../seed/runs.ts'
import { type Dev, startDev } from '../serving/dev.ts'
import { percentile, printed } from '../serving/printed.ts'
import type { StepsOptions } from '../steps/bench-steps.ts'
import { casesOf } from './cases.ts'

const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** The first page of the list of runs over 1,000,000 of them, by the API, with every filter; on both engines. */
export async function benchList(options: StepsOptions): Promise<void> {
  const { smoke } = options
  const count = smoke ? 2_000 : 1_000_000
  const disk = openDisk(options.folder)
  try {
    const product = await openProduct(smoke, say)
    const figures = openFigures()
    const notes: string[] = []
    const home = join(disk.folder, 'home')
    mkdirSync(home)
    const measured = async (engine: string, store: string): Promise<void> => {
      const server = await startDev(product, disk.folder, ['server', '--store', store], { waitFor: 'server' })
      try {
        await measure(server, figures, engine, count, smoke ? 3 : 30)
      } finally {
        await server.close()
      }
    }
    say(`${count} runs in SQLite`)
    fillSqlite(join(home, 'sluice.db'), runsOf(count))
    await measured('list.', home)
    const postgres = await postgresFor(options, (line) => notes.push(line))
    if (postgres !== undefined) {
      await inFreshDatabase(postgres, async (url) => {
        say(`${count} runs in PostgreSQL`)
        await fillPostgres(url, runsOf(count))
        await measured('list.postgres_', url)
      })
    }
    printed('list', figures, disk, product, options.json, notes)
  } finally {
    disk.close()
  }
}

/** Every case some times, in rounds, so that a busy moment of the machine falls on all of them alike. */
async function measure(server: Dev, figures: Figures, engine: string, count: number, rounds: number): Promise<void> {
  const cases = Object.entries(casesOf((n) => aRun(n, count), count))
  const took = new Map<string, number[]>(cases.map(([name]) => [name, []]))
  for (let round = -1; round < rounds; round++) {
    for (const [name, query] of cases) {
      const began = performance.now()
      await server.get(`/runs?${new URLSearchParams({ limit: '50', ...query }).toString()}`)
      if (round >= 0) took.get(name)!.push(performance.now() - began)
    }
    if (round % 10 === 0) say(`  round ${round} of ${rounds}`)
  }
  const p95 = (name: string): number => percentile(took.get(name)!, 0.95)
  figures.add(`${engine}first_page_p95_ms`, 'ms', p95('first_page'))
  figures.add(`${engine}worst_filter_p95_ms`, 'ms', Math.max(...cases.map(([name]) => p95(name))))
  for (const [name] of cases) {
    figures.add(`${engine}${name}_p50_ms`, 'ms', percentile(took.get(name)!, 0.5))
    if (name !== 'first_page') figures.add(`${engine}${name}_p95_ms`, 'ms', p95(name))
  }
}
