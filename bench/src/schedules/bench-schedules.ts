import { setTimeout as wait } from 'node:timers/promises'
import { openDisk } from '../disk.ts'
import { type Figures, openFigures } from '../figures.ts'
import { inFreshDatabase, postgresFor } from '../postgres.ts'
import { openProduct } from '../product.ts'
import { type Dev, listen, startDev } from '../serving/dev.ts'
import { percentile, printed } from '../serving/printed.ts'
import { makeProject } from '../serving/project.ts'
import type { StepsOptions } from '../steps/bench-steps.ts'

const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** A run as the API gives it, the part that is read here. */
interface Made {
  readonly id: string
  readonly cause: { readonly by: string; readonly name?: string; readonly scheduledFor?: number }
}

/** 10,000 schedules that are due at the same second: how late each run is there, and whether each is there once. */
export async function benchSchedules(options: StepsOptions): Promise<void> {
  const { smoke } = options
  const count = smoke ? 50 : 10_000
  const disk = openDisk(options.folder)
  try {
    const product = await openProduct(smoke, say)
    const figures = openFigures()
    const notes: string[] = []
    const project = makeProject({ disk }, pipeline(count, smoke ? `every: '10s'` : `cron: '* * * * *'`))
    say(`${count} schedules, in SQLite`)
    const period = smoke ? 10_000 : 60_000
    const measured = (engine: string, store?: string): Promise<void> =>
      measure(
        () => startDev(product, project.folder, ['dev', 'pipeline.ts'], { store }),
        figures,
        engine,
        count,
        period,
      )
    await measured('schedules.')
    const postgres = await postgresFor(options, (line) => notes.push(line))
    if (postgres !== undefined) {
      say(`${count} schedules, in PostgreSQL`)
      await inFreshDatabase(postgres, (url) => measured('schedules.postgres_', url))
    }
    printed('schedules', figures, disk, product, options.json, notes)
  } finally {
    disk.close()
  }
}

/** No worker serves their pool: what is measured is the scheduler, and not the runs. */
const pipeline = (count: number, when: string): string => `import { flow, schedule } from 'sluice'
export const idle = flow('idle', { pool: 'nobody' }, async () => 1)
export const schedules = Array.from({ length: ${count} }, (_, n) => schedule(\`s\${n}\`, { target: idle, ${when} }))
`

async function measure(
  start: () => Promise<Dev>,
  figures: Figures,
  engine: string,
  count: number,
  period: number,
): Promise<void> {
  const dev = await start()
  try {
    // The first time that comes when everything is there and has come to rest.
    const due = Math.ceil((Date.now() + 5_000) / period) * period
    const arrived = new Map<string, number>()
    const stop = await listen(dev.url, (type, data) => {
      if (type === 'run.created') arrived.set((JSON.parse(data) as { run: string }).run, Date.now())
    })
    await wait(due - 1_000 - Date.now())
    arrived.clear()
    for (const deadline = due + 0.9 * period; arrived.size < count && Date.now() < deadline;) await wait(50)
    await wait(2_000) // one that came twice would be here by now
    stop()
    const runs = (await runsSince(dev, due - 1_000)).filter(({ cause }) => cause.scheduledFor === due)
    const first = new Map(runs.toReversed().map((run) => [run.cause.name, run]))
    const lags = [...first.values()].flatMap(({ id }) => (arrived.has(id) ? [arrived.get(id)! - due] : []))
    figures.add(`${engine}lag_p50_ms`, 'ms', percentile(lags, 0.5))
    figures.add(`${engine}lag_p95_ms`, 'ms', percentile(lags, 0.95))
    figures.add(`${engine}duplicates`, 'runs', runs.length - first.size)
    figures.add(`${engine}missed`, 'runs', count - first.size)
  } finally {
    await dev.close()
  }
}

async function runsSince(dev: Dev, since: number): Promise<Made[]> {
  const found: Made[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const query = new URLSearchParams({ since: String(since), limit: '1000', ...(cursor && { cursor }) })
    const page: { runs: Made[]; next: string | null } = await dev.get(`/runs?${query.toString()}`)
    found.push(...page.runs)
    cursor = page.next
  }
  return found
}
