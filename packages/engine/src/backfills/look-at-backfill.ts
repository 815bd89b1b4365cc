import { type Backfill, type Run, type RunId, type SliceKey, type Step, isTerminalRun } from '@sluice/core'
import { retryRun } from '../launches/retry-run.ts'
import type { Store } from '../store/ports.ts'
import type { BackfillLook, EndedRun } from './decide-backfill.ts'

/** Runs that one look reads at most. */
const mostEnded = 500
const mostBack = 100
/** Milliseconds in which a server makes the retry of a run that has ended, if it does. */
const retriedWithin = 5 * 60_000

/** What has to be known of the runs of a backfill to decide about it. */
export async function lookAtBackfill(
  store: Pick<Store, 'runs' | 'steps'>,
  backfill: Backfill,
  now: number,
): Promise<BackfillLook> {
  const { open } = backfill.progress
  const states = new Map((await store.runs.states(open)).map((one) => [one.id, one]))
  const over = open.filter((id) => isTerminalRun(states.get(id)?.state ?? 'succeeded'))
  const ended = await Promise.all(over.slice(0, mostEnded).map((id) => endedRun(store, id, now)))
  const unstarted = open.filter((id) => states.get(id)?.state === 'waiting' && states.get(id)?.epoch === 0)
  // Those at the end of the line are the least likely to start meanwhile.
  const back = backfill.state === 'paused' ? unstarted.slice(-mostBack) : []
  const takeBack = (await Promise.all(back.map((id) => store.runs.get(id)))).filter((run) => run !== null)
  const toCancel =
    backfill.state === 'canceling'
      ? open.filter((id) => ['waiting', 'starting', 'running'].includes(states.get(id)?.state ?? ''))
      : []
  return { backfill, ended, waiting: unstarted.length, takeBack, toCancel, now }
}

async function endedRun(store: Pick<Store, 'runs' | 'steps'>, id: RunId, now: number): Promise<EndedRun> {
  const run = await store.runs.get(id)
  const isAgain = run && retryRun(run, now, 0) !== null && now - (run.endedAt ?? now) < retriedWithin
  const followedBy = isAgain ? ((await store.runs.once('retry', id)) ?? 'due') : null
  return { id, run, made: run && followedBy === null ? await madeKeys(store, run) : [], followedBy }
}

/** The keys of a failed run of which every step went well, whatever became of the others. */
async function madeKeys(store: Pick<Store, 'steps'>, { id, state, target }: Run): Promise<readonly SliceKey[]> {
  const keys = target.kind === 'assets' ? target.partitions : null
  if (target.kind !== 'assets' || !keys || keys.length < 2 || state === 'succeeded') return []
  const made = new Map<string, Set<string>>()
  const bad = new Set<string>()
  for (let after = 0; ;) {
    const page = await store.steps.list(id, { after, limit: 5_000 })
    for (const step of page) {
      if (step.key === null) continue
      if (!isWell(step)) bad.add(step.key)
      else if (step.kind === 'asset') made.set(step.key, (made.get(step.key) ?? new Set()).add(step.name))
    }
    const last = page.at(-1)
    if (!last || page.length < 5_000) break
    after = last.step
  }
  return keys.filter((key) => !bad.has(key) && made.get(key)?.size === target.assets.length)
}

const isWell = ({ state }: Step): boolean => state === 'succeeded' || state === 'skipped'
