import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Run } from '@sluice/core'
import { fillPostgres, fillSqlite } from '@sluice/storage/testing'
import { openDisk } from '../disk.ts'
import { type Figures, openFigures } from '../figures.ts'
import { inFreshDatabase, postgresFor } from '../postgres.ts'
import { openProduct } from '../product.ts'
import { runsOf, waitingRun } from '../seed/runs.ts'
import { startDev } from '../serving/dev.ts'
import { percentile, printed } from '../serving/printed.ts'
import type { StepsOptions } from '../steps/bench-steps.ts'
import { location, standIn } from './stand-in.ts'

const say = (line: string): void => void process.stderr.write(`${line}\n`)
const pools = 50

/** Runs that wait: how soon a free slot has the next of 1,000,000, and how fast 10,000 in 50 pools are worked off. */
export async function benchQueue(options: StepsOptions): Promise<void> {
  const { smoke } = options
  const [many, claims, queued] = smoke ? [6_000, 100, 200] : [1_000_000, 2_000, 10_000]
  const disk = openDisk(options.folder)
  try {
    const product = await openProduct(smoke, say)
    const figures = openFigures()
    const notes: string[] = []
    const runs = (count: number) => runsOf(count, (n) => waitingRun(n, location, pools))
    const onServer = async (store: string, work: (url: string) => Promise<void>): Promise<void> => {
      const server = await startDev(product, disk.folder, ['server', '--store', store], { waitFor: 'server' })
      try {
        await work(server.url)
      } finally {
        await server.close()
      }
    }
    const inFile = async (count: number, work: (url: string) => Promise<void>): Promise<void> => {
      const home = join(disk.folder, `home-${count}`)
      mkdirSync(home)
      fillSqlite(join(home, 'sluice.db'), runs(count))
      await onServer(home, work)
    }
    say(`${many} runs wait, in SQLite`)
    await inFile(many, (url) => measureClaims(url, figures, 'queue.', claims))
    say(`${queued} runs over ${pools} pools, in SQLite`)
    await inFile(queued, (url) => measureDrain(url, figures, 'queue.', queued))
    const postgres = await postgresFor(options, (line) => notes.push(line))
    if (postgres !== undefined) {
      const inDatabase = (count: number, work: (url: string) => Promise<void>) =>
        inFreshDatabase(postgres, async (store) => {
          await fillPostgres(store, runs(count))
          await onServer(store, work)
        })
      say(`${many} runs wait, in PostgreSQL`)
      await inDatabase(many, (url) => measureClaims(url, figures, 'queue.postgres_', claims))
      say(`${queued} runs over ${pools} pools, in PostgreSQL`)
      await inDatabase(queued, (url) => measureDrain(url, figures, 'queue.postgres_', queued))
    }
    printed('queue', figures, disk, product, options.json, notes)
  } finally {
    disk.close()
  }
}

/** One slot: from the end of a run, on disk, until the slot has the next one: admitted, claimed, and that on disk. */
async function measureClaims(url: string, figures: Figures, engine: string, count: number): Promise<void> {
  const took: number[] = []
  const over = Promise.withResolvers<void>()
  let ended: number | null = null
  const worker = await standIn(
    url,
    { pool: 'pool-0', slots: 1 },
    {
      started() {
        if (ended !== null) took.push(performance.now() - ended)
        if (took.length === count) over.resolve()
      },
      ended: () => void (ended = performance.now()),
    },
  )
  await over.promise
  worker.close()
  figures.add(`${engine}claim_p50_ms`, 'ms', percentile(took, 0.5))
  figures.add(`${engine}claim_p99_ms`, 'ms', percentile(took, 0.99))
}

/** A worker of four slots for each pool, all at once, until every run is done. */
async function measureDrain(url: string, figures: Figures, engine: string, count: number): Promise<void> {
  const began = performance.now()
  const firsts = new Map<string, number>()
  const seen = new Set<string>()
  const over = Promise.withResolvers<void>()
  let ended = 0
  const started = ({ id, terms }: Run): void => {
    if (seen.has(id)) over.reject(new Error(`Run ${id} was started twice.`))
    seen.add(id)
    const { pool } = terms!
    if (!firsts.has(pool)) firsts.set(pool, performance.now() - began)
  }
  const workers = await Promise.all(
    Array.from({ length: pools }, (_, n) =>
      standIn(
        url,
        { pool: `pool-${n}`, slots: 4 },
        { started, ended: () => void (++ended === count && over.resolve()) },
      ),
    ),
  )
  await over.promise
  const ms = performance.now() - began
  for (const worker of workers) worker.close()
  figures.add(`${engine}drain_runs_per_s`, 'runs/s', (count / ms) * 1000)
  figures.add(`${engine}first_start_p95_ms`, 'ms', percentile([...firsts.values()], 0.95))
}
