import {
  type AssetSnapshot,
  type LimitClaim,
  type OnlyChecks,
  type Run,
  type RunCause,
  type RunTarget,
  type RunTerms,
  type Snapshot,
  SluiceError,
  type TermsSnapshot,
  mergeTerms,
  partitionTag,
  termsTogether,
} from '@sluice/core'
import { newRun } from '../runs/launch.ts'
import type { Store } from '../store/ports.ts'
import { type AssetStates, openAssetStates } from '../assets/asset-states.ts'
import { jobPartition } from './job-partition.ts'
import { partitionsFor } from './partitions.ts'
import { statusesFor } from './select.ts'
import { outOfDate } from './stale.ts'
import { type ChosenAssets, type LaunchTarget, chosenAssets, launchTarget } from './target.ts'

/** What somebody asks for: a person, a schedule, a sensor, another run. */
export interface LaunchRequest {
  /** A job, a flow, a task, an asset or a selection of assets. */
  readonly target: string
  /** Encoded params, or the arguments of a task; `undefined`: made by `prepare` from nothing. */
  readonly params?: string | null
  readonly title?: string | null
  /** A key, a range `A..B`, `all`, `latest`, `missing`. */
  readonly partition?: string
  /** Only what is stale or was never made. */
  readonly stale?: boolean
  /** Tests the assets instead of making them. */
  readonly onlyChecks?: OnlyChecks
  readonly tags?: Readonly<Record<string, string>>
  /** The limits of the run as the code says them for these params; left out, those that are the same for all. */
  readonly limits?: readonly LimitClaim[]
  /** Over what the definitions say. */
  readonly pool?: string
  readonly priority?: number
  /** Not before this; milliseconds since 1970. Default: as the definitions say. */
  readonly startAt?: number | null
  readonly cause: RunCause
  /** The run that it tries again. */
  readonly retryOf?: string
}

export interface PlanOptions {
  readonly store: Store
  /** What was looked at before; default: everything that is asked is read. */
  readonly states?: AssetStates
  readonly location: string
  readonly snapshot: Snapshot
  readonly request: LaunchRequest
  readonly now: number
}

/**
 * A run for the queue, as a request asks for it: everything is checked that can be without the code.
 *
 * @throws SluiceError TARGET_UNKNOWN, SELECTION_…, PARTITION_…, PARAMS_UNKNOWN.
 */
export async function planLaunch(options: PlanOptions): Promise<Run> {
  const { location, snapshot, request, now } = options
  const chosen = asChecks(launchTarget(snapshot, request.target), request)
  const { job } = chosen
  const { assets, checks, partitions, partitionsOf } = await planAssets(chosen, options)
  const terms = definedTerms(snapshot, chosen, assets, request.pool)
  const startAt = request.startAt ?? (terms.delay === undefined ? null : now + terms.delay)
  const common = {
    title: request.title ?? null,
    tags: { ...job?.tags, ...request.tags, ...(job && { 'sluice/job': job.name }) },
    entry: null,
    retryOf: request.retryOf ?? null,
    job: job?.name ?? null,
    terms: termsFor(location, terms, request),
    cause: request.cause,
    owners: terms.owners ?? [],
    startAt,
    now,
  } as const
  if (!('selection' in chosen)) {
    const target = { kind: chosen.kind, name: chosen.name } as const
    const partition = await jobPartition(options.store, chosen, request.partition, now)
    const tags = { ...common.tags, ...(partition !== null && { [partitionTag]: partition }) }
    return newRun({ ...common, tags, target, params: request.params ?? null })
  }
  if (request.params !== undefined && request.params !== null)
    throw new SluiceError('PARAMS_UNKNOWN', 'Assets take no params.', {
      hint: 'Set them in sluice.config.ts: with: [asset.with({ … })].',
    })
  const selection = chosen.selection.replace(/^key:"([^"]+)"$/, '$1')
  const names = assets.map(({ name }) => name)
  const target: RunTarget =
    chosen.kind === 'checks'
      ? { kind: 'checks', selection, assets: names, checks, partitions }
      : { kind: 'assets', selection, assets: names, partitions, ...(partitionsOf && { partitionsOf }) }
  return newRun({ ...common, target, params: null })
}

interface PlannedAssets extends Required<ChosenAssets> {
  readonly partitions: readonly string[] | null
  readonly partitionsOf?: Readonly<Record<string, readonly string[]>>
}

/** Which assets, checks and partitions; none of a flow or a task. */
async function planAssets(chosen: LaunchTarget, options: PlanOptions): Promise<PlannedAssets> {
  const { store, location, snapshot, request, now, states = openAssetStates(store) } = options
  if (!('selection' in chosen)) {
    if (request.stale)
      throw new SluiceError('REQUEST_INVALID', `"${chosen.name}" is a ${chosen.kind}: it is never stale.`)
    return { assets: [], checks: [], partitions: null }
  }
  const statuses = await statusesFor(store, states, { snapshot, location, selection: chosen.selection, now })
  const { assets, checks = [] } = chosenAssets(snapshot, chosen, { location, statuses })
  const { partition } = request
  if (!request.stale) return { assets, checks, partitions: await partitionsFor(store, assets, partition, now) }
  const behind = await outOfDate(store, states, { all: snapshot.assets, chosen: assets, location, partition, now })
  return { ...behind, checks }
}

/** @throws SluiceError REQUEST_INVALID where checks are asked for of what has none. */
function asChecks(chosen: LaunchTarget, { onlyChecks: only }: LaunchRequest): LaunchTarget {
  if (only === undefined) return chosen
  if ('selection' in chosen) return { kind: 'checks', selection: chosen.selection, only, job: chosen.job }
  throw new SluiceError('REQUEST_INVALID', `"${chosen.name}" is a ${chosen.kind}: only assets have checks.`)
}

/** What the definitions say: the job, over what it launches. */
export function definedTerms(
  snapshot: Snapshot,
  chosen: LaunchTarget,
  assets: readonly AssetSnapshot[],
  pool: string | undefined = chosen.job?.terms.pool,
): TermsSnapshot {
  if ('selection' in chosen) {
    // Where somebody says which pool, it is all one what the assets want.
    const each = assets.map(({ terms }) => (pool === undefined ? terms : { ...terms, pool }))
    return mergeTerms(chosen.job?.terms ?? {}, termsTogether(each))
  }
  if (chosen.job) return chosen.job.terms
  const all = chosen.kind === 'flow' ? snapshot.flows : snapshot.tasks
  return all.find(({ name }) => name === chosen.name)?.terms ?? {}
}

/**
 * How a run waits, as it is stored with it: what is asked for, over what the definitions say.
 *
 * @throws SluiceError WORKER_UNKNOWN where only the code knows its limits, and nobody has asked it.
 */
export function termsFor(
  location: string,
  its: TermsSnapshot,
  request: Pick<LaunchRequest, 'target' | 'limits' | 'pool' | 'priority'>,
): RunTerms {
  if (its.limitsByParams && request.limits === undefined)
    throw new SluiceError(
      'WORKER_UNKNOWN',
      `The limits of "${request.target}" depend on its params, and no worker with its code is here to say which they are.`,
      {
        hint: 'Launch it again when a worker is connected.',
      },
    )
  return {
    location,
    pool: request.pool ?? its.pool ?? 'default',
    priority: request.priority ?? its.priority ?? 0,
    limits: request.limits ?? its.limits ?? [],
    maxDuration: its.maxDuration ?? null,
    memory: its.memory ?? null,
    maxResumes: its.maxResumes ?? 3,
    ...(its.runRetries && { runRetries: its.runRetries }),
    ...(its.env && { env: its.env }),
    onCodeChange: its.onCodeChange ?? 'resume',
  }
}
