import type { CheckResult, Materialization, Run, SluiceEvent, Step } from '@sluice/core'
import type { Store } from '@sluice/engine/store'

/** Everything that a page about one run tells. */
export interface RunFacts {
  readonly run: Run
  readonly steps: readonly Step[]
  readonly checks: readonly CheckResult[]
  readonly made: readonly Made[]
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

export async function factsOf(store: Store, run: Run): Promise<RunFacts> {
  const [steps, checks, events] = await Promise.all([
    stepsOf(store, run.id),
    store.checks.ofRun(run.id),
    eventsOf(store, run.id),
  ])
  const warnings = events.filter(
    ({ type }) => type === 'step.warning' || type === 'run.warning' || type === 'hook.failed',
  )
  return { run, steps, checks, made: await madeBy(store, run.id, events), warnings, now: Date.now() }
}

async function stepsOf(store: Store, run: string): Promise<Step[]> {
  const all: Step[] = []
  for (let after = -1; ;) {
    const chunk = await store.steps.list(run, { after, limit: CHUNK })
    all.push(...chunk)
    if (chunk.length < CHUNK) return all
    after = chunk.at(-1)!.step
  }
}

async function eventsOf(store: Store, run: string): Promise<SluiceEvent[]> {
  const all: SluiceEvent[] = []
  for (let after = 0; ;) {
    const chunk = await store.events.list({ run, after, limit: CHUNK })
    all.push(...chunk)
    if (chunk.length < CHUNK) return all
    after = chunk.at(-1)!.id
  }
}

async function madeBy(store: Store, run: string, events: readonly SluiceEvent[]): Promise<Made[]> {
  const ids = new Map<string, { count: number; last: number; first: number }>()
  for (const { type, asset, data } of events) {
    if (asset === null || (type !== 'asset.materialized' && type !== 'asset.observed')) continue
    const { id } = data as { id: number }
    const before = ids.get(asset)
    ids.set(asset, { count: (before?.count ?? 0) + 1, first: before?.first ?? id, last: id })
  }
  return Promise.all(
    [...ids].map(async ([asset, { count, last }]) => {
      const records = await store.assets.history(asset, { before: last + 1, limit: Math.min(RECORDS, count) })
      return { asset, count, records: records.filter((one) => one.run === run) }
    }),
  )
}
