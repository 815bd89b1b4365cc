import { type Backfill, type Run, backfillTag } from '@sluice/core'
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
async function runBefore(store: Pick<Store, 'runs'>, id: string, { target }: Run): Promise<Run | null> {
  if (target.kind !== 'assets') return null
  const [partition] = target.partitions ?? []
  const [before] = await store.runs.list({
    tag: `${backfillTag}=${id}`,
    asset: target.assets[0]!,
    states: ['failed', 'crashed', 'canceled'],
    limit: 1,
    ...(partition !== undefined && { partition }),
  })
  if (before?.target.kind !== 'assets') return null
  const isSame =
    String(before.target.assets) === String(target.assets) &&
    JSON.stringify(before.target.partitions) === JSON.stringify(target.partitions)
  return isSame ? before : null
}
