import {
  type Backfill,
  type BackfillPlan,
  type PartProgress,
  type Run,
  type RunId,
  type SliceKey,
  type Spans,
  domainOfPart,
  isBackfillOver,
  nextRuns,
  setOf,
  sets,
} from '@sluice/core'
import type { Change, Together } from '../store/changes.ts'
import { runOf, slicesOf } from './backfill-run.ts'

/** A run of a backfill that has ended. */
export interface EndedRun {
  readonly id: RunId
  /** `null`: its history is gone. */
  readonly run: Run | null
  /** The keys that it made although it failed. */
  readonly made: readonly SliceKey[]
  /** The run that tries it again by itself; `due`: there will be one. */
  readonly followedBy: RunId | 'due' | null
}

export interface BackfillLook {
  readonly backfill: Backfill
  readonly ended: readonly EndedRun[]
  /** Of its open runs, how many have not started. */
  readonly waiting: number
  /** Runs that have not started, to be taken back: of one that is paused, or whose concurrency was changed. */
  readonly takeBack: readonly Run[]
  /** No run can be made now: nobody is there to say what its params are. */
  readonly isMute?: boolean
  /** Runs that nobody has asked to stop: of one that is canceled. */
  readonly toCancel: readonly RunId[]
  readonly now: number
}

export interface BackfillDecision {
  /** The row and its runs, which stand or fall together; `null`: there is nothing to write. */
  readonly together: Together | null
  /** Requests that stand by themselves. */
  readonly besides: readonly Change[]
  /** There is more to be made at once. */
  readonly more: boolean
}

/** Runs of one backfill that stand in the queue at most, and that one commit makes. */
const mostWaiting = 1_000
const atOnce = 200

/** What a backfill comes to next: counts what has ended, and makes the runs that can be made. */
export function decideBackfill(look: BackfillLook): BackfillDecision {
  const { backfill, now, toCancel } = look
  const { plan } = backfill
  const counted = count(look)
  const besides = toCancel.map((run) => ({ change: 'run.cancel', run, at: now }) as const)
  const decide = (state: Backfill['state'], progress: Backfill['progress'], changes: Together): BackfillDecision => ({
    together: [
      {
        change: 'backfill.decide',
        backfill: backfill.id,
        from: backfill.version,
        state,
        progress,
        at: now,
        endedAt: isBackfillOver(state) ? now : null,
      },
      ...changes,
    ],
    besides,
    more: changes.length > 0,
  })
  const isChanged = look.ended.some(({ followedBy }) => followedBy !== 'due')
  const nothing = { together: null, besides, more: false }
  if (backfill.state === 'canceling') {
    if (counted.open.length === 0) return decide('canceled', counted, [])
    return isChanged ? decide('canceling', counted, []) : nothing
  }
  const back = look.takeBack.map(({ id }) => ({ change: 'run.cancel', run: id, unstarted: true, at: now }) as const)
  const left = withoutRuns(plan, counted, look.takeBack)
  if (backfill.state === 'paused') return isChanged || back.length > 0 ? decide('paused', left, back) : nothing
  const room = look.isMute ? 0 : Math.min(atOnce, mostWaiting - look.waiting + back.length)
  const next = nextRuns(plan, left, Math.max(0, room))
  if (next.length === 0 && left.open.length === 0 && room > 0) {
    const isDone = plan.parts.every(({ set }, n) => sets.countOf(set) === sets.countOf(left.parts[n]!.done))
    return decide(isDone ? 'succeeded' : 'failed', left, back)
  }
  if (next.length === 0) return isChanged || back.length > 0 ? decide('running', left, back) : nothing
  const made = next.map(({ part, set }) => runOf(backfill, part, set, now))
  // The queue goes by ids, which within one millisecond are in no order.
  const ids = made.map(({ id }) => id).toSorted()
  const runs = made.map((run, n) => ({ ...run, id: ids[n]! }))
  const asked = plan.parts.map((_, n) => next.filter(({ part }) => part === n).map(({ set }) => set))
  const progress = {
    ...left,
    parts: left.parts.map((part, n) => ({ ...part, asked: sets.unionAll([part.asked, ...asked[n]!]) })),
    open: [...left.open, ...runs.map(({ id }) => id)],
  }
  return decide('running', progress, [...back, ...runs.map((run) => ({ change: 'run.create', run }) as const)])
}

/**
 * The same decision without some of its runs: `later` are made another time, `refused` count as failed, since the code
 * cannot say what their params are.
 */
export function withoutSome(
  { plan }: Pick<Backfill, 'plan'>,
  decision: BackfillDecision,
  { later, refused }: { readonly later: readonly Run[]; readonly refused: readonly Run[] },
): BackfillDecision {
  const out = new Set([...later, ...refused].map(({ id }) => id))
  const decide = decision.together?.[0]
  if (out.size === 0 || decide?.change !== 'backfill.decide') return decision
  const progress = withoutRuns(plan, decide.progress, [...later, ...refused])
  const lost = refused.flatMap((run) => slicesOf(plan, run) ?? [])
  const parts = progress.parts.map((part, n) => {
    const its = sets.unionAll(lost.flatMap((one) => (one.part === n ? [one.set] : [])))
    return { ...part, asked: sets.union(part.asked, its), failed: sets.union(part.failed, its) }
  })
  const rest = decision.together!.slice(1).filter((one) => one.change !== 'run.create' || !out.has(one.run.id))
  return {
    ...decision,
    together: [{ ...decide, progress: { ...progress, parts } }, ...rest],
    more: rest.length > 0 || refused.length > 0,
  }
}

type Progress = Backfill['progress']

/** The progress after the runs that have ended. */
function count({ backfill, ended }: BackfillLook): Progress {
  const { plan, progress, state } = backfill
  const gains = plan.parts.map(() => ({
    done: [] as Spans[],
    failed: [] as Spans[],
    back: [] as Spans[],
    slices: 0,
    busy: 0,
  }))
  const open = new Set(progress.open)
  let { runs, covered, lastEnd } = progress
  for (const { id, run, made, followedBy } of ended.toSorted((a, b) => (a.run?.endedAt ?? 0) - (b.run?.endedAt ?? 0))) {
    if (followedBy === 'due') continue
    open.delete(id)
    if (followedBy !== null) {
      open.add(followedBy)
      continue
    }
    const its = run && slicesOf(plan, run)
    if (!run || !its) continue
    const gain = gains[its.part]!
    const done = run.state === 'succeeded' ? its.set : setOf(domainOfPart(plan, plan.parts[its.part]!), made)
    gain.done.push(done)
    const rest = sets.difference(its.set, done)
    if (run.state === 'canceled' && state === 'canceling') gain.back.push(rest)
    else gain.failed.push(rest)
    runs += 1
    if (run.startedAt === null || run.endedAt === null) continue
    gain.slices += sets.countOf(its.set)
    gain.busy += run.endedAt - run.startedAt
    covered += Math.max(0, run.endedAt - Math.max(run.startedAt, lastEnd))
    lastEnd = Math.max(lastEnd, run.endedAt)
  }
  const parts = progress.parts.map((part, n): PartProgress => {
    const gain = gains[n]!
    const [done, failed] = [sets.unionAll([part.done, ...gain.done]), sets.unionAll([part.failed, ...gain.failed])]
    const busy = { slices: part.slices + gain.slices, busy: part.busy + gain.busy }
    // With no run open, what is neither done nor failed was never made: its run's history is gone.
    const asked = open.size === 0 ? sets.union(done, failed) : sets.difference(part.asked, sets.unionAll(gain.back))
    return { asked, done, failed, ...busy }
  })
  const outdated = progress.outdated?.filter((id) => open.has(id))
  return { ...progress, parts, open: [...open], ...(outdated && { outdated }), runs, covered, lastEnd }
}

function withoutRuns(plan: BackfillPlan, progress: Progress, runs: readonly Run[]): Progress {
  const ids = new Set(runs.map(({ id }) => id))
  const back = runs.flatMap((run) => slicesOf(plan, run) ?? [])
  return {
    ...progress,
    open: progress.open.filter((id) => !ids.has(id)),
    ...(progress.outdated && { outdated: progress.outdated.filter((id) => !ids.has(id)) }),
    parts: progress.parts.map((part, n) => ({
      ...part,
      asked: sets.difference(part.asked, sets.unionAll(back.filter((one) => one.part === n).map(({ set }) => set))),
    })),
  }
}
