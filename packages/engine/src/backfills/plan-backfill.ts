import {
  type AssetSnapshot,
  type Backfill,
  type BackfillPart,
  type BackfillPlan,
  type BackfillPolicy,
  type BackfillProgress,
  type DraftPart,
  type RunTerms,
  type Snapshot,
  SluiceError,
  backfillParts,
  domainOf,
  sets,
  sizeOfPlan,
} from '@sluice/core'
import { type AssetStates, openAssetStates } from '../assets/asset-states.ts'
import { definedTerms, termsFor } from '../launches/plan.ts'
import { statusesFor } from '../launches/select.ts'
import { launchTarget, runnableAssets } from '../launches/target.ts'
import { newId } from '../runs/launch.ts'
import type { Store } from '../store/ports.ts'
import { chooseSets } from './choose-sets.ts'
import { pastDurations } from './past-durations.ts'

/** What somebody wants to be filled. */
export interface BackfillRequest {
  /** A job of assets, an asset or a selection of assets. */
  readonly target: string
  /** A key, a range `A..B`, several with commas, `all`, `latest`, `missing`. */
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
  const { target, partition, policy = { keys: 1 }, concurrency = null, tags = {}, pool, priority } = request
  const chosen = launchTarget(snapshot, target)
  if (chosen.kind !== 'assets')
    throw new SluiceError('PARTITION_UNKNOWN', `"${target}" makes no assets: it has no partitions to fill.`, {
      hint: `sluice run ${target} launches it.`,
    })
  const { job } = chosen
  const { selection } = chosen
  const statuses = await statusesFor(store, states, { snapshot, location, selection, now })
  const assets = runnableAssets(snapshot, selection, { location, statuses })
  const { at, sets: found, leftOut } = await chooseSets(store, snapshot.assets, assets, partition, now)
  const id = newId('b', now)
  const ofJob = pool ?? job?.terms.pool
  const drafts = backfillParts(snapshot.assets, found, ofJob)
  const runTerms = (part: DraftPart): Pick<BackfillPart, 'terms' | 'owners'> => {
    if (part.assets.length === 0) return { terms: null, owners: [] }
    const its = definedTerms(snapshot, chosen, part.assets, pool)
    const given = { target, ...(pool !== undefined && { pool }), ...(priority !== undefined && { priority }) }
    return { terms: atMost(id, concurrency, termsFor(location, its, given)), owners: its.owners ?? [] }
  }
  const expected = await pastDurations(
    store,
    drafts.flatMap((part) => part.assets.map(({ name }) => name)),
  )
  const plan: BackfillPlan = {
    target,
    partitions: partition ?? '',
    policy,
    concurrency,
    job: job?.name ?? null,
    tags: { ...job?.tags, ...tags, ...(job && { 'sluice/job': job.name }) },
    at: { now, dynamic: at.dynamic },
    parts: drafts.map((part) => ({
      ...runTerms(part),
      assets: part.assets.map(({ name }) => name),
      spec: part.spec,
      set: part.set,
      after: part.after,
      expected: together(part.assets, expected),
    })),
  }
  checkPolicy(plan, assets)
  const backfill = { id, location, state: 'running', version: 0, plan, progress: begin(plan), createdAt: now } as const
  return { backfill: { ...backfill, endedAt: null }, leftOut }
}

const begin = ({ parts }: BackfillPlan): BackfillProgress => ({
  parts: parts.map(() => ({ asked: sets.none, done: sets.none, failed: sets.none, slices: 0, busy: 0 })),
  open: [],
  runs: 0,
  covered: 0,
  lastEnd: 0,
})

/** Its own limit, which its runs hold beside all others. */
const atMost = (id: string, atOnce: number | null, terms: RunTerms): RunTerms =>
  atOnce === null
    ? terms
    : { ...terms, limits: [...terms.limits, { name: `backfill ${id}`, key: null, options: { atOnce } }] }

function together(assets: readonly AssetSnapshot[], each: ReadonlyMap<string, number>): number | null {
  const times = assets.map(({ name }) => each.get(name))
  return times.length > 0 && times.every((time) => time !== undefined)
    ? times.reduce((sum: number, time) => sum + time, 0)
    : null
}

function checkPolicy(plan: BackfillPlan, assets: readonly AssetSnapshot[]): void {
  const { policy, at } = plan
  if ('by' in policy) {
    const names = new Set(
      assets.flatMap(({ partitions }) => (partitions?.kind === 'grid' ? Object.keys(partitions.dims) : [])),
    )
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
