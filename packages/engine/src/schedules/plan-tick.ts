import {
  type LimitClaim,
  type RunCause,
  type ScheduleSpec,
  type Snapshot,
  type TickRecord,
  SluiceError,
  sluiceErrorOf,
  toStoredError,
} from '@sluice/core'
import { type LaunchRequest, planLaunch } from '../launches/plan.ts'
import type { Change } from '../store/changes.ts'
import type { Store } from '../store/ports.ts'
import { endedPartition } from './ended-partition.ts'

/** A run that a schedule or a sensor asks for. */
export interface AskedRun {
  readonly target: string
  /** Encoded; `null` for none. */
  readonly params: string | null
  readonly title: string | null
  readonly once: string | null
  readonly tags: Readonly<Record<string, string>>
  readonly partition: string | null
  readonly limits: readonly LimitClaim[] | null
}

export interface PlanRuns {
  readonly store: Store
  readonly location: string
  readonly snapshot: Snapshot
  readonly asked: readonly AskedRun[]
  readonly cause: RunCause
  /** Of the once-words. */
  readonly scope: string
  /** The time that partitions are looked at. */
  readonly at: number
  readonly now: number
  readonly startAt?: number | undefined
}

/**
 * The runs that are asked for, as changes, and the ids of all: one whose word was used before is the run of then.
 *
 * @throws SluiceError as `planLaunch`.
 */
export async function planRuns(plan: PlanRuns): Promise<{ runs: string[]; changes: Change[] }> {
  const { store, location, snapshot, asked, cause, scope, at, now, startAt } = plan
  const runs: string[] = []
  const changes: Change[] = []
  const words = new Map<string, string>()
  for (const one of asked) {
    const before = one.once === null ? undefined : (words.get(one.once) ?? (await store.runs.once(scope, one.once)))
    if (before) {
      if (!runs.includes(before)) runs.push(before)
      continue
    }
    const partition =
      one.partition ?? (cause.by === 'schedule' ? await endedPartition(store, snapshot, one.target, at) : undefined)
    const request: LaunchRequest = {
      target: one.target,
      params: one.params,
      title: one.title,
      tags: one.tags,
      cause,
      ...(one.limits && { limits: one.limits }),
      ...(partition !== undefined && { partition }),
      ...(startAt !== undefined && startAt > now && { startAt }),
    }
    // Ids sort by time: runs of one commit keep their order in the queue.
    const run = await planLaunch({ store, location, snapshot, request, now: now + runs.length })
    runs.push(run.id)
    if (one.once !== null) words.set(one.once, run.id)
    changes.push({ change: 'run.create', run, ...(one.once !== null && { once: { scope, key: one.once } }) })
  }
  return { runs, changes }
}

export type NewTick = Omit<TickRecord, 'id' | 'kind' | 'location' | 'name'>

/** What a tick came to, without a run. */
export function tickWithout(
  outcome: 'skipped' | 'failed',
  why: string | unknown,
  { scheduledFor, decidedAt }: Pick<NewTick, 'scheduledFor' | 'decidedAt'>,
): NewTick {
  const error = outcome === 'failed' ? toStoredError(why) : null
  return {
    scheduledFor,
    decidedAt,
    outcome,
    reason: outcome === 'skipped' ? String(why) : null,
    error,
    runs: [],
    count: 1,
  }
}

/** What the code failed with, as the failure of a tick: its own code is kept where it is one of ours. */
export function tickFailure(whose: string, cause: unknown): SluiceError {
  const known = sluiceErrorOf(cause)
  if (known && known.code !== 'STEP_FAILED') return known
  const { message } = cause as { message?: string }
  return new SluiceError('TICK_FAILED', `${whose} failed: ${message ?? String(cause)}`, { cause })
}

/** The one run of a schedule whose params are no function. */
export const plainRun = ({ target, params, title, limits, tags }: ScheduleSpec): AskedRun => ({
  target,
  params,
  title,
  limits,
  tags,
  once: null,
  partition: null,
})
