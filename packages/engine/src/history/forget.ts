import type { RetentionSettings, RunId } from '@sluice/core'
import type { Change } from '../store/changes.ts'
import type { OldQuery } from '../store/history-reads.ts'
import type { Store } from '../store/ports.ts'
import { type Cut, cutsOf } from './cuts.ts'

export interface ForgetOptions {
  readonly store: Pick<Store, 'commit' | 'history' | 'logs' | 'steps'>
  readonly keep: RetentionSettings
  /** Milliseconds since 1970. */
  readonly now: number
  /** Only count. */
  readonly dryRun?: boolean
}

/** What one bite took. */
export interface Bite {
  readonly of: OldQuery['of']
  readonly count: number
}

/** Rows of a table that one commit deletes at most: some milliseconds, so that nobody's commit waits long. */
const most = 500
/** Runs, whose rows are in several tables. */
const mostRuns = 50

/**
 * Deletes what is too old, a bite at a time: it goes on when the next one is asked for, and can be left at any time. Each
 * bite is a commit of its own, whose preconditions are checked again in it, so that two servers may do the same at once.
 */
export async function* forgetting(options: ForgetOptions): AsyncGenerator<Bite> {
  for (const cut of cutsOf(options.keep, options.now)) {
    if (cut.of !== 'runs') yield* forgetRows(options, cut, cut.of)
    // A run goes after its retries: the next round finds it.
    else while ((yield* forgetRuns(options, cut)) > 0);
  }
}

async function* forgetRows(
  { store, dryRun = false }: ForgetOptions,
  cut: Cut,
  of: Exclude<OldQuery['of'], 'runs'>,
): AsyncGenerator<Bite> {
  for await (const ids of pages(store, cut, most)) {
    if (!dryRun) await store.commit([{ change: 'history.forget', of, ids, before: cut.before }])
    yield { of, count: ids.length }
  }
}

/** Gives how many of its bites were taken: none is left to take where that is 0. */
async function* forgetRuns({ store, dryRun = false }: ForgetOptions, cut: Cut): AsyncGenerator<Bite, number> {
  let taken = 0
  for await (const ids of pages(store, cut, mostRuns)) {
    // Runs with few rows go together; one with many, over several commits.
    let batch: Change[] = []
    let rows = 0
    const flush = async (): Promise<void> => {
      for (const { ok } of await store.commit(batch)) if (ok) taken += 1
      batch = []
      rows = 0
    }
    for (const run of dryRun ? [] : (ids as readonly RunId[])) {
      const size = await rowsOf(store, run)
      for (let done = 0; done <= size; done += most) {
        batch.push({ change: 'run.forget', run, before: cut.before, rows: most })
        rows += Math.min(size - done, most)
        if (rows < most) continue
        await flush()
        yield { of: 'runs', count: 0 }
      }
    }
    if (batch.length > 0) await flush()
    yield { of: 'runs', count: ids.length }
  }
  return taken
}

async function rowsOf({ steps, logs }: ForgetOptions['store'], run: RunId): Promise<number> {
  const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((all, one) => all + one, 0)
  return Math.max(sum(await steps.counts(run)), sum(await logs.counts(run)))
}

/** Pages of ids that may go, empty ones left out. */
async function* pages(store: ForgetOptions['store'], cut: Cut, limit: number) {
  for (let after: string | number | undefined; ;) {
    const { ids, next } = await store.history.old({ ...cut, limit, ...(after !== undefined && { after }) })
    if (ids.length > 0) yield ids
    if (next === null) return
    after = next
  }
}
