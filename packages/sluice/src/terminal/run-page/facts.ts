import type { CheckResult, Materialization, Run, SluiceEvent, Step } from '@sluice/core'
import type { Reads } from '../../system/system.ts'

/** Everything that a page about one run tells. */
export interface RunFacts {
  readonly run: Run
  readonly steps: readonly Step[]
  readonly checks: readonly CheckResult[]
  /** What it made last is first: what others are made from comes after. At most `KEPT` of them. */
  readonly made: readonly Made[]
  readonly madeCount: number
  readonly warnings: readonly SluiceEvent[]
  /** The run that went on with a retry of this one. */
  readonly now: number
}

/** What a run made of one asset. */
export interface Made {
  readonly asset: string
  /** Newest first. */
  readonly records: readonly Materialization[]
  /** How many there are; more than `records` where they are very many. */
  readonly count: number
}

const CHUNK = 5000
const RECORDS = 500
const KEPT = 100

export async function factsOf(reads: Reads, run: Run): Promise<RunFacts> {
  const [steps, checks, events] = await Promise.all([
    stepsOf(reads, run.id),
    reads.checks.ofRun(run.id),
    eventsOf(reads, run.id),
  ])
  const warnings = events.filter(
    ({ type }) => type === 'step.warning' || type === 'run.warning' || type === 'hook.failed',
  )
  return { run, steps, checks, ...(await madeBy(reads, run.id, events)), warnings, now: Date.now() }
}

async function stepsOf(reads: Reads, run: string): Promise<Step[]> {
  const all: Step[] = []
  for (let after = 0; ;) {
    const chunk = await reads.steps.list(run, { after, limit: CHUNK })
    all.push(...chunk)
    if (chunk.length < CHUNK) return all
    after = chunk.at(-1)!.step
  }
}

async function eventsOf(reads: Reads, run: string): Promise<SluiceEvent[]> {
  const all: SluiceEvent[] = []
  for (let after = 0; ;) {
    const chunk = await reads.events.list({ run, after, limit: CHUNK })
    all.push(...chunk)
    if (chunk.length < CHUNK) return all
    after = chunk.at(-1)!.id
  }
}

async function madeBy(
  reads: Reads,
  run: string,
  events: readonly SluiceEvent[],
): Promise<Pick<RunFacts, 'made' | 'madeCount'>> {
  const ids = new Map<string, { count: number; last: number }>()
  for (const { type, asset, data } of events) {
    if (asset === null || (type !== 'asset.materialized' && type !== 'asset.observed')) continue
    const { id } = data as { id: number }
    const count = (ids.get(asset)?.count ?? 0) + 1
    ids.delete(asset) // so that it goes to the end
    ids.set(asset, { count, last: id })
  }
  const newest = [...ids].toReversed().slice(0, KEPT)
  const made = await Promise.all(
    newest.map(async ([asset, { count, last }]) => {
      const records = await reads.assets.history(asset, { before: last + 1, limit: Math.min(RECORDS, count) })
      return { asset, count, records: records.filter((one) => one.run === run) }
    }),
  )
  return { made, madeCount: ids.size }
}
