import {
  type Backfill,
  type BackfillPlan,
  type BackfillPolicy,
  type BackfillProgress,
  type Snapshot,
  SluiceError,
  domainOf,
  sets,
  sizeOfPlan,
} from '@sluice/core'
import { type AssetStates, openAssetStates } from '../assets/asset-states.ts'
import { launchTarget } from '../launches/target.ts'
import { newId } from '../runs/launch.ts'
import type { Store } from '../store/ports.ts'
import { planAssetParts } from './plan-asset-parts.ts'
import { planJobPart } from './plan-job-part.ts'

/** What somebody wants to be filled. */
export interface BackfillRequest {
  /** A job of assets, a partitioned job of a flow, an asset or a selection of assets. */
  readonly target: string
  /** A key, a range `A..B`, several with commas, `all`, `latest`, `missing`, `stale`. */
  readonly partition?: string | undefined
  /** Default: a run for each key. */
  readonly policy?: BackfillPolicy | undefined
  /** Runs at once. Default: as many as there are places. */
  readonly concurrency?: number | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
  /** Over what the definitions say. */
  readonly pool?: string | undefined
  readonly priority?: number | undefined
}

export interface PlannedBackfill {
  readonly backfill: Backfill
  /** Slices that cannot be made (yet): what they need does not exist. */
  readonly leftOut: number
}

/** More keys than these are too many for one run: each is a step, and a word that its run is found by. */
const mostKeys = 10_000

/**
 * A backfill as a request asks for it, as a row that nothing was made of yet. Its partitions are those of now, and stay so.
 *
 * @throws SluiceError TARGET_UNKNOWN, SELECTION_…, PARTITION_…, REQUEST_INVALID for a policy that does not fit.
 */
export async function planBackfill({
  store,
  location,
  snapshot,
  request,
  now,
  states = openAssetStates(store),
}: {
  readonly store: Store
  /** What was looked at before; default: everything that is asked is read. */
  readonly states?: AssetStates
  readonly location: string
  readonly snapshot: Snapshot
  readonly request: BackfillRequest
  readonly now: number
}): Promise<PlannedBackfill> {
  const { target, partition, policy = { keys: 1 }, concurrency = null, tags = {} } = request
  const chosen = launchTarget(snapshot, target)
  const planned =
    chosen.kind === 'assets'
      ? await planAssetParts({ store, states, location, snapshot, request, now, chosen })
      : { ...(await planJobPart(store, { location, snapshot, request, now, chosen })), leftOut: 0 }
  const { job } = chosen
  const plan: BackfillPlan = {
    target,
    partitions: partition ?? '',
    policy,
    concurrency,
    job: job?.name ?? null,
    tags: { ...job?.tags, ...tags, ...(job && { 'sluice/job': job.name }) },
    at: { now, dynamic: planned.at.dynamic },
    parts: planned.parts,
  }
  checkPolicy(plan)
  const id = newId('b', now)
  const backfill = { id, location, state: 'running', version: 0, plan, progress: begin(plan), createdAt: now } as const
  return { backfill: { ...backfill, endedAt: null }, leftOut: planned.leftOut }
}

const begin = ({ parts }: BackfillPlan): BackfillProgress => ({
  parts: parts.map(() => ({ asked: sets.none, done: sets.none, failed: sets.none, slices: 0, busy: 0 })),
  open: [],
  runs: 0,
  covered: 0,
  lastEnd: 0,
})

function checkPolicy(plan: BackfillPlan): void {
  const { policy, at } = plan
  if (plan.parts[0]?.launches && !('keys' in policy && policy.keys === 1))
    throw new SluiceError('REQUEST_INVALID', `A run of job "${plan.job}" is of one slice.`, {
      hint: 'Leave --per-run and --by out.',
    })
  if ('by' in policy) {
    const names = new Set(plan.parts.flatMap(({ spec }) => (spec?.kind === 'grid' ? Object.keys(spec.dims) : [])))
    if (!names.has(policy.by))
      throw new SluiceError('REQUEST_INVALID', `None of these assets has a dimension "${policy.by}".`, {
        hint: names.size > 0 ? `They have: ${[...names].join(', ')}.` : 'A dimension is one of a grid(…).',
      })
  }
  const now = Temporal.Instant.fromEpochMilliseconds(at.now)
  for (const part of plan.parts) {
    const slices = sets.countOf(part.set)
    const { runs } = sizeOfPlan({ ...plan, parts: [{ ...part, after: [] }] })
    if (slices <= mostKeys * runs || domainOf(part.spec, { now, dynamic: at.dynamic }).axes.length === 0) continue
    throw new SluiceError(
      'REQUEST_INVALID',
      `One run would make ${Math.ceil(slices / runs)} slices of "${part.assets[0]}": ${mostKeys} is the most.`,
      { hint: 'Give each run fewer: --per-run 1000.' },
    )
  }
}
