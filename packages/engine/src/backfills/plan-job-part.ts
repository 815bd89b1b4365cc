import { type BackfillPart, type KeysAt, type Snapshot, SluiceError, sets } from '@sluice/core'
import { slicesFor } from '../launches/partitions.ts'
import { definedTerms, termsFor } from '../launches/plan.ts'
import type { LaunchTarget } from '../launches/target.ts'
import { keysAt } from '../partitions/keys-at.ts'
import type { Store } from '../store/ports.ts'
import type { BackfillRequest } from './plan-backfill.ts'

/** Runs of a job from which it is known how long one takes. */
const newest = 5

/**
 * The one part of a backfill of a partitioned job of a flow: a run for each slice, in no order of theirs.
 *
 * @throws SluiceError PARTITION_REQUIRED, PARTITION_UNKNOWN where it has no such slices, or no partitions at all.
 */
export async function planJobPart(
  store: Pick<Store, 'partitions' | 'runs'>,
  {
    location,
    snapshot,
    request,
    now,
    chosen,
  }: {
    readonly location: string
    readonly snapshot: Snapshot
    readonly request: BackfillRequest
    readonly now: number
    readonly chosen: Exclude<LaunchTarget, { readonly kind: 'assets' }>
  },
): Promise<{ readonly at: KeysAt; readonly parts: readonly BackfillPart[] }> {
  const { target, partition, pool, priority } = request
  const { job } = chosen
  if (chosen.kind === 'checks' || !job?.partitions)
    throw new SluiceError('PARTITION_UNKNOWN', `"${target}" has no partitions to fill.`, {
      hint: 'A backfill is of assets, or of a job with partitions of its own.',
    })
  if (partition === undefined)
    throw new SluiceError('PARTITION_REQUIRED', `Job "${job.name}" is partitioned: say which slices.`, {
      hint: '--partition A..B, or all.',
    })
  const at = await keysAt(store, [{ partitions: job.partitions }], now)
  if (partition === 'missing' || partition === 'stale')
    throw new SluiceError(
      'PARTITION_UNKNOWN',
      `What is ${partition} of job "${job.name}" is not known: runs are not kept for ever.`,
      {
        hint: 'Say which slices: --partition A..B.',
      },
    )
  const set = slicesFor(job.partitions, partition, at, `Job "${job.name}"`)
  if (sets.isEmpty(set))
    throw new SluiceError('PARTITION_UNKNOWN', `Job "${job.name}" has no partition yet.`, {
      hint: 'Partitions by the clock exist once they have ended; dynamic ones are added by code.',
    })
  const its = definedTerms(snapshot, chosen, [], pool)
  const given = {
    target,
    // Those that depend on the params come with them.
    limits: its.limits ?? [],
    ...(pool !== undefined && { pool }),
    ...(priority !== undefined && { priority }),
  }
  const part: BackfillPart = {
    assets: [],
    launches: { kind: chosen.kind, name: chosen.name },
    spec: job.partitions,
    set,
    after: [],
    terms: termsFor(location, its, given),
    owners: its.owners ?? [],
    ...(its.delay !== undefined && { delay: its.delay }),
    steps: 1,
    expected: await usual(store, job.name),
  }
  return { at, parts: [part] }
}

/** Milliseconds that the newest runs of a job took on average; `null` where none has succeeded. */
async function usual(store: Pick<Store, 'runs'>, job: string): Promise<number | null> {
  const runs = await store.runs.list({ job, states: ['succeeded'], limit: newest })
  const times = runs.flatMap(({ startedAt, endedAt }) =>
    startedAt !== null && endedAt !== null ? [endedAt - startedAt] : [],
  )
  return times.length > 0 ? times.reduce((sum, time) => sum + time, 0) / times.length : null
}
