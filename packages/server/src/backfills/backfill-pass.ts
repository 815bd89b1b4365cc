import { type BackfillPlan, type Run, backfillTag, partitionTag } from '@sluice/core'
import { type Store, decideBackfill, lookAtBackfill, withSuccesses } from '@sluice/engine'
import type { Pass } from '../passes/pass.ts'
import { type JobParams, asksCode, withParams } from './with-params.ts'

/**
 * Lets every backfill go on: counts its runs that have ended, and makes those that can be made. Each decision is one
 * commit on the version of the row that it was made of, with its runs: of several servers one makes it, and one that is
 * killed loses and repeats none.
 *
 * The pass gives how many backfills have more to do at once.
 */
export function openBackfillPass({
  store,
  now,
  code,
  say = () => {},
}: {
  readonly store: Store
  readonly now: () => number
  /** For jobs, whose params the code makes of the key. */
  readonly code: JobParams
  readonly say?: (level: 'error', text: string) => void
}): Pass {
  // A plan never changes: it is read once.
  const plans = new Map<string, BackfillPlan>()
  const tell = ({ tags }: Run, { message }: Error): void =>
    say('error', `Backfill ${tags[backfillTag]}, ${tags[partitionTag]}: ${message}`)
  return async () => {
    const active = await store.backfills.active()
    for (const id of plans.keys()) if (!active.some((one) => one.id === id)) plans.delete(id)
    let more = 0
    for (const head of active) {
      if (head.state === 'paused' && head.progress.open.length === 0) continue
      const plan = plans.get(head.id) ?? (await store.backfills.find(head.id))?.plan
      if (!plan) continue
      plans.set(head.id, plan)
      const look = await lookAtBackfill(store, { ...head, plan }, now())
      const asks = asksCode(look.backfill)
      const isMute = asks && !(await code.has(head.location))
      const decided = decideBackfill({ ...look, isMute })
      const decision = asks ? await withParams(code, look.backfill, decided, tell) : decided
      const { together, besides } = decision
      const items = [...(together ? [await withSuccesses(store, look.backfill, together)] : []), ...besides]
      if (items.length === 0) continue
      await store.commit(items)
      if (decision.more) more += 1
    }
    return more
  }
}
