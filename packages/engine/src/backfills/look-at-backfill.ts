import { type Backfill, type Run, type RunId, type SliceKey, type Step, isTerminalRun } from '@sluice/core'
import { retryRun } from '../launches/retry-run.ts'
import type { Store } from '../store/ports.ts'
import { slicesOf } from './backfill-run.ts'
import type { BackfillLook, EndedRun } from './decide-backfill.ts'

/** Runs that one look reads at most. */
const mostEnded = 500
const mostBack = 100
/** Milliseconds in which a server makes the retry of a run that has ended, if it does. */
const retriedWithin = 5 * 60_000

type Reads = Pick<Store, 'runs' | 'steps' | 'assets'>

/** What has to be known of the runs of a backfill to decide about it. */
export async function lookAtBackfill(store: Reads, backfill: Backfill, now: number): Promise<BackfillLook> {
  const { open, outdated = [] } = backfill.progress
  const states = new Map((await store.runs.states(open)).map((one) => [one.id, one]))
  const over = open.filter((id) => isTerminalRun(states.get(id)?.state ?? 'succeeded'))
  const ended = await Promise.all(over.slice(0, mostEnded).map((id) => endedRun(store, backfill, id, now)))
  const unstarted = open.filter((id) => states.get(id)?.state === 'waiting' && states.get(id)?.epoch === 0)
  // Those at the end of the line are the least likely to start meanwhile.
  const isOutdated = new Set(outdated)
  const unwanted = backfill.state === 'paused' ? unstarted : unstarted.filter((id) => isOutdated.has(id))
  const back = backfill.state === 'canceling' ? [] : unwanted.slice(-mostBack)
  const takeBack = (await Promise.all(back.map((id) => store.runs.get(id)))).filter((run) => run !== null)
  const toCancel =
    backfill.state === 'canceling'
      ? open.filter((id) => ['waiting', 'starting', 'running'].includes(states.get(id)?.state ?? ''))
      : []
  return { backfill, ended, waiting: unstarted.length, takeBack, toCancel, now }
}

async function endedRun(store: Reads, { plan }: Backfill, id: RunId, now: number): Promise<EndedRun> {
  const run = await store.runs.get(id)
  const isAgain = run && retryRun(run, now, 0) !== null && now - (run.endedAt ?? now) < retriedWithin
  const followedBy = isAgain ? ((await store.runs.once('retry', id)) ?? 'due') : null
  const its = run && followedBy === null && run.state !== 'succeeded' ? slicesOf(plan, run) : null
  return { id, run, made: run && its ? await madeKeys(store, run, plan.parts[its.part]!.steps) : [], followedBy }
}

/**
 * The keys of a failed run of which every step went well, whatever became of the others; or of which all assets were
 * recorded, by a function that makes many keys at once.
 *
 * @param steps of one key.
 */
async function madeKeys(store: Reads, { id, target }: Run, steps: number): Promise<readonly SliceKey[]> {
  const keys = target.kind === 'assets' ? target.partitions : null
  if (target.kind !== 'assets' || !keys || keys.length < 2) return []
  const made = new Map<string, Set<string>>()
  const bad = new Set<string>()
  for await (const step of inChunks(
    (after) => store.steps.list(id, { after, limit }),
    ({ step }) => step,
  )) {
    if (step.key === null) continue
    if (!isWell(step)) bad.add(step.key)
    else if (step.kind !== 'check') note(made, step.key, step.name)
  }
  const recorded = new Map<string, Set<string>>()
  for await (const one of inChunks(
    (after) => store.assets.ofRun(id, { after, limit }),
    (record) => record.id,
  ))
    if (one.kind === 'materialization' && one.partition !== null) note(recorded, one.partition, one.asset)
  return keys.filter(
    (key) => !bad.has(key) && (made.get(key)?.size === steps || recorded.get(key)?.size === target.assets.length),
  )
}

const isWell = ({ state }: Step): boolean => state === 'succeeded' || state === 'skipped'

function note(map: Map<string, Set<string>>, key: string, name: string): void {
  map.set(key, (map.get(key) ?? new Set()).add(name))
}

/** Rows that one read gives. */
const limit = 5_000

async function* inChunks<T>(read: (after: number) => Promise<readonly T[]>, place: (one: T) => number) {
  for (let after = 0; ;) {
    const page = await read(after)
    yield* page
    if (page.length < limit) return
    after = place(page.at(-1)!)
  }
}
