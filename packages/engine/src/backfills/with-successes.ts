import { type Backfill, type Run, backfillTag, partitionTag } from '@sluice/core'
import { retryChanges } from '../launches/retry.ts'
import type { Change, Together } from '../store/changes.ts'
import type { Store } from '../store/ports.ts'

/**
 * The runs of a backfill that is tried again, each with what succeeded in the failed one before it: an asset that was made
 * is not made again because one below it failed.
 */
export async function withSuccesses(
  store: Pick<Store, 'runs'>,
  { id, progress }: Backfill,
  together: Together,
): Promise<Together> {
  if (!progress.isAgain) return together
  const each = together.map(async (change): Promise<readonly Change[]> => {
    const before = change.change === 'run.create' ? await runBefore(store, id, change.run) : null
    if (change.change !== 'run.create' || !before) return [change]
    return retryChanges({ run: { ...change.run, retryOf: before.id }, adopt: { from: before.id } })
  })
  return (await Promise.all(each)).flat()
}

/** The newest run of the backfill that was to make the same and did not. */
async function runBefore(store: Pick<Store, 'runs'>, id: string, run: Run): Promise<Run | null> {
  const { target } = run
  const partition = target.kind === 'assets' ? target.partitions?.[0] : run.tags[partitionTag]
  const [before] = await store.runs.list({
    tag: `${backfillTag}=${id}`,
    states: ['failed', 'crashed', 'canceled'],
    limit: 1,
    ...(target.kind === 'assets' && { asset: target.assets[0]! }),
    ...(partition !== undefined && { partition }),
  })
  return before && isSame(before, run) ? before : null
}

/** With other params, what a step of a flow returned may be another. */
function isSame({ target: a, params }: Run, { target: b, params: now }: Run): boolean {
  if (a.kind !== 'assets' || b.kind !== 'assets') return a.kind === b.kind && params === now
  return String(a.assets) === String(b.assets) && JSON.stringify(a.partitions) === JSON.stringify(b.partitions)
}
