import { type EventType, isTerminalRun, type Json, nextRunState, type RunEvent, type RunState } from '@sluice/core'
import type { Change, DropCode } from '@sluice/engine/store'
import type { Selectable } from 'kysely'
import { inlineOf, refOf, toJson } from '../columns.ts'
import { addEvent } from '../events/event-store.ts'
import { first, fixed, type Session } from '../session.ts'
import type { RunRow } from '../tables.ts'
import type { Fences } from './fences.ts'
import { runToRow } from './run-row.ts'

type Of<Name extends Change['change']> = Extract<Change, { change: Name }>
export type RunChange = Of<'run.create' | 'run.claim' | 'run.end' | 'run.requeue' | 'run.cancel'>
type Applied = Promise<DropCode | null>

/** What a change of state may set; what is left out stays. */
type Move = Partial<Selectable<RunRow>>

/** Applies a change of a run, with the event that tells of it. Nothing is written where it is refused. */
export async function applyRunChange(session: Session, fences: Fences, change: RunChange): Applied {
  switch (change.change) {
    case 'run.create':
      return create(session, change)
    case 'run.claim':
      return claim(session, fences, change)
    case 'run.end':
      return end(session, fences, change)
    case 'run.requeue':
      return requeue(session, fences, change)
    case 'run.cancel':
      return cancel(session, fences, change)
  }
}

const insert = fixed<Selectable<RunRow>>((db, it) =>
  db
    .insertInto('runs')
    .values({
      id: it.id,
      state: it.state,
      waiting_for: it.waiting_for,
      epoch: it.epoch,
      kind: it.kind,
      target: it.target,
      partitions: it.partitions,
      name: it.name,
      title: it.title,
      params: it.params,
      tags: it.tags,
      entry: it.entry,
      code_version: it.code_version,
      owner: it.owner,
      retry_of: it.retry_of,
      resumes: it.resumes,
      cancel_requested: it.cancel_requested,
      error: it.error,
      result: it.result,
      result_ref: it.result_ref,
      created_at: it.created_at,
      started_at: it.started_at,
      ended_at: it.ended_at,
    })
    .onConflict((conflict) => conflict.doNothing()),
)

async function create(session: Session, { run }: Of<'run.create'>): Applied {
  if ((await session.run(insert(session, runToRow(run)))) === 0) return null
  const tags = Object.entries(run.tags).map(([tag, value]) => ({ tag, value, run: run.id }))
  if (tags.length > 0) await session.run(session.db.insertInto('run_tags').values(tags))
  if (run.target.kind === 'assets') {
    const assets = new Set(run.target.assets)
    await session.each(
      insertAsset,
      [...assets].map((asset) => ({ asset, run: run.id })),
    )
  }
  await addEvent(session, {
    type: 'run.created',
    at: run.createdAt,
    run: run.id,
    data: { name: run.name, kind: run.target.kind },
  })
  return null
}

const insertAsset = fixed<{ asset: string; run: string }>((db, it) =>
  db.insertInto('run_assets').values({ asset: it.asset, run: it.run }),
)

async function claim(session: Session, fences: Fences, change: Of<'run.claim'>): Applied {
  const head = fences.head(change.run)
  if (!head) return 'RUN_UNKNOWN'
  if (head.epoch !== change.from) return (await claimedAlready(session, change)) ? null : 'STALE_EPOCH'
  // Whoever runs it keeps it: only the end of its process (crashed) or its own word (waiting) makes it free again.
  if (head.state !== 'waiting' && head.state !== 'crashed')
    return isTerminalRun(head.state) ? 'RUN_ENDED' : 'NOT_CLAIMABLE'
  const run = (await rowOf(session, change.run))!
  const again = head.state === 'crashed'
  await move(session, change.run, {
    state: 'running',
    waiting_for: null,
    epoch: change.from + 1,
    owner: change.owner,
    error: null,
    ended_at: null,
    started_at: run.started_at ?? change.at,
    code_version: run.code_version ?? change.codeVersion,
    resumes: run.resumes + Number(again),
    cancel_requested: 0,
  })
  const type = change.from === 0 ? 'run.started' : 'run.resumed'
  await tell(session, change.run, type, change.at, { epoch: change.from + 1 })
  return null
}

/** Sent again: the claim is in the store already, by the same owner. */
async function claimedAlready(session: Session, change: Of<'run.claim'>): Promise<boolean> {
  const run = (await rowOf(session, change.run))!
  return run.epoch === change.from + 1 && run.owner === change.owner && run.state === 'running'
}

const ends = { succeeded: 'succeed', failed: 'fail', crashed: 'crash', canceled: 'stopped' } as const satisfies Record<
  string,
  RunEvent
>

async function end(session: Session, fences: Fences, change: Of<'run.end'>): Applied {
  const refused = fences.refuse(change.run, change.epoch)
  if (refused === 'RUN_ENDED' && (await endedAlready(session, change))) return null
  if (refused) return refused
  const state = nextRunState(fences.head(change.run)!.state, ends[change.state])
  if (state === null) return 'STALE_EPOCH' // it was given back: there is nobody who could end it so
  await move(session, change.run, {
    state,
    waiting_for: null,
    owner: null,
    error: toJson(change.error),
    result: inlineOf(change.result),
    result_ref: refOf(change.result),
    ended_at: change.at,
  })
  const { error } = change
  await tell(session, change.run, `run.${state}` as EventType, change.at, {
    epoch: change.epoch,
    ...(error && { error: { name: error.name, code: error.code, message: error.message } }),
  })
  return null
}

/** Sent again: the same end is in the store already. */
async function endedAlready(session: Session, change: Of<'run.end'>): Promise<boolean> {
  const run = (await rowOf(session, change.run))!
  return (
    run.ended_at === change.at &&
    (run.state === change.state || (run.state === 'canceled' && change.state === 'crashed'))
  )
}

async function requeue(session: Session, fences: Fences, change: Of<'run.requeue'>): Applied {
  const head = fences.head(change.run)
  const refused = fences.refuse(change.run, change.epoch)
  if (head?.state === 'crashed' ? refused !== 'RUN_ENDED' : refused) return refused
  const { state } = head!
  if (state === 'waiting') return null
  // A cancel that was asked for is not lost when its holder gives the run back.
  if (state === 'canceling') return endCanceled(session, change.run, change.epoch, change.at)
  const waitingFor = change.until === null ? { for: 'worker' } : { for: 'time', until: change.until }
  const { resumes } = (await rowOf(session, change.run))!
  await move(session, change.run, {
    state: 'waiting',
    waiting_for: toJson(waitingFor),
    owner: null,
    error: null,
    ended_at: null,
    resumes: resumes + Number(state === 'crashed'),
  })
  return null
}

async function cancel(session: Session, fences: Fences, change: Of<'run.cancel'>): Applied {
  const head = fences.head(change.run)
  if (!head) return 'RUN_UNKNOWN'
  const state = nextRunState(head.state, 'cancel')
  if (state === null || state === head.state) return null
  if (state === 'canceled') return endCanceled(session, change.run, head.epoch, change.at)
  await move(session, change.run, { state, cancel_requested: 1 })
  await tell(session, change.run, 'run.canceling', change.at, { epoch: head.epoch })
  return null
}

async function endCanceled(session: Session, run: string, epoch: number, at: number): Promise<null> {
  await move(session, run, { state: 'canceled', waiting_for: null, owner: null, cancel_requested: 1, ended_at: at })
  await tell(session, run, 'run.canceled', at, { epoch })
  return null
}

async function move(session: Session, run: string, to: Move & { state: RunState }): Promise<void> {
  await session.run(session.db.updateTable('runs').set(to).where('id', '=', run))
}

async function tell(session: Session, run: string, type: EventType, at: number, data: Json): Promise<void> {
  await addEvent(session, { type, at, run, data })
}

const byId = fixed<{ id: string }, Selectable<RunRow>>((db, { id }) =>
  db.selectFrom('runs').selectAll().where('id', '=', id),
)

/** The row of a run, or `null`. */
export const rowOf = (session: Session, id: string) => first(session, byId(session, { id }))
