import {
  type EventType,
  isTerminalRun,
  type Json,
  nextRunState,
  type Run,
  type RunEvent,
  type RunState,
  type SluiceError,
  type StoredError,
  toStoredError,
  type WaitingFor,
} from '@sluice/core'
import type { Change, DropCode } from '@sluice/engine/store'
import { type Selectable, sql } from 'kysely'
import { failSlice } from '../assets/slice-store.ts'
import { inlineOf, refOf, toJson } from '../columns.ts'
import { addEvent, addEvents, type NewEvent } from '../events/event-store.ts'
import { admit, dequeue, enqueueAll, leaveQueue, putOff, queueRow, tellEnd, waitForEnd } from '../queue/queue-store.ts'
import { first, fixed, raw, type Session } from '../session.ts'
import type { QueueRow, RunRow } from '../tables.ts'
import { staysHere } from '../workers/worker-store.ts'
import type { Fences } from './fences.ts'
import { assetsOf, runFromRow, runToRow, tagsOf, textsOf } from './run-row.ts'

type Of<Name extends Change['change']> = Extract<Change, { change: Name }>
export type RunChange = Of<
  'run.create' | 'run.deliver' | 'queue.wait' | 'run.claim' | 'run.end' | 'run.requeue' | 'run.cancel'
>
type Applied = Promise<DropCode | null>

/** What a change of state may set; what is left out stays. */
type Move = Partial<Selectable<RunRow>>

/** Applies a change of a run, with the event that tells of it. Nothing is written where it is refused. */
export async function applyRunChange(session: Session, fences: Fences, change: RunChange): Applied {
  switch (change.change) {
    case 'run.create':
      return create(session, change)
    case 'run.deliver':
      return deliver(session, fences, change)
    case 'queue.wait':
      return wait(session, fences, change)
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

async function create(session: Session, { run, once }: Of<'run.create'>): Applied {
  if (once && !(await isFirst(session, { ...once, run: run.id, at: run.createdAt }))) return null
  await createRuns(session, [run])
  return null
}

/**
 * Each with all that it is found by, its event, and its place in the queue; one that is there already stays as it is.
 * Answers with those that are new.
 */
export async function createRuns(session: Session, all: readonly Run[]): Promise<readonly Run[]> {
  const added = new Set(await session.insertAll('runs', all.map(runToRow), 'id'))
  const runs = all.filter(({ id }) => added.delete(id))
  const waiting = runs.filter(({ terms }) => terms !== null)
  // Sent together: where that matters, the database answers them one after the other.
  await Promise.all([
    session.insertAll('run_tags', runs.flatMap(tagsOf)),
    session.insertAll('run_texts', textsOf(runs)),
    session.insertAll('run_assets', runs.flatMap(assetsOf)),
    addEvents(session, runs.map(createdEvent)),
    enqueueAll(session, waiting.map(placeInQueue)),
  ])
  return runs
}

const createdEvent = (run: Run): NewEvent => ({
  type: 'run.created',
  at: run.createdAt,
  run: run.id,
  data: { name: run.name, kind: run.target.kind },
})

function placeInQueue(run: Run): Selectable<QueueRow> {
  const { waitingFor } = run
  const isLater = waitingFor?.for === 'time' || waitingFor?.for === 'retry'
  return queueRow(run, isLater ? waitingFor.until : null)
}

const remember = fixed<{ scope: string; key: string; run: string; at: number }>((db, it) =>
  db
    .insertInto('once_keys')
    .values({ scope: it.scope, key: it.key, run: it.run, at: it.at })
    .onConflict((conflict) => conflict.doNothing()),
)

async function isFirst(session: Session, once: { scope: string; key: string; run: string; at: number }) {
  return (await session.run(remember(session, once))) > 0
}

/** Takes the run out of the queue, with everything it needs; or says what it waits for. */
async function deliver(session: Session, fences: Fences, change: Of<'run.deliver'>): Applied {
  const head = fences.head(change.run)
  if (!head) return 'RUN_UNKNOWN'
  if (head.epoch !== change.epoch) return 'STALE_EPOCH'
  if (head.state === 'starting') return null // sent again
  if (head.state !== 'waiting') return isTerminalRun(head.state) ? 'RUN_ENDED' : 'NOT_CLAIMABLE'
  const admission = await admit(session, change)
  if (admission.admitted) {
    await move(session, change.run, { state: 'starting', waiting_for: toJson({ for: 'worker' }) })
    return null
  }
  if (admission.waitingFor) {
    await move(session, change.run, { state: 'waiting', waiting_for: toJson(admission.waitingFor) })
    if (admission.cancel) {
      await fences.load([admission.cancel]) // a run of another batch
      await cancel(session, fences, { change: 'run.cancel', run: admission.cancel, at: change.at })
    }
    return 'LIMIT_FULL'
  }
  await endCanceled(session, change.run, change.epoch, change.at, admission.because)
  return 'LIMIT_FULL'
}

async function wait(session: Session, fences: Fences, change: Of<'queue.wait'>): Applied {
  const head = fences.head(change.run)
  if (!head) return 'RUN_UNKNOWN'
  if (head.epoch !== change.epoch) return 'STALE_EPOCH'
  if (head.state !== 'waiting') return isTerminalRun(head.state) ? 'RUN_ENDED' : 'NOT_CLAIMABLE'
  await putOff(session, change.run, change.until)
  await move(session, change.run, { state: 'waiting', waiting_for: toJson(change.waitingFor) })
  return null
}

async function claim(session: Session, fences: Fences, change: Of<'run.claim'>): Applied {
  const head = fences.head(change.run)
  if (!head) return 'RUN_UNKNOWN'
  if (head.epoch !== change.from) return (await claimedAlready(session, change)) ? null : 'STALE_EPOCH'
  // Whoever runs it keeps it: only the end of its process (crashed) or its own word (waiting) makes it free again.
  if (head.state !== 'waiting' && head.state !== 'starting' && head.state !== 'crashed')
    return isTerminalRun(head.state) ? 'RUN_ENDED' : 'NOT_CLAIMABLE'
  if (change.bySession && !(await staysHere(session, change.owner))) return 'WORKER_UNKNOWN'
  const run = (await rowOf(session, change.run))!
  const again = head.state === 'crashed'
  await dequeue(session, change.run)
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
  await leave(session, change.run)
  if (state === 'crashed') await failUnfinished(session, change.run, change.at)
  const { error } = change
  await tell(session, change.run, `run.${state}` as EventType, change.at, {
    epoch: change.epoch,
    ...(error && { error: toldOf(error) }),
  })
  return null
}

const unfinished = fixed<{ run: string }, { step: number; name: string; key: string | null }>((db, { run }) =>
  raw(
    db,
    sql`select step, name, key from steps where run = ${run} and kind = 'asset' and state in ('waiting', 'running')`,
  ),
)

/** The assets that it was making when it went away. */
async function failUnfinished(session: Session, run: string, at: number): Promise<void> {
  for (const { step, name: asset, key: partition } of await session.all(unfinished(session, { run })))
    await failSlice(session, { change: 'asset.fail', epoch: 0, run, step, asset, partition, at })
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
  const row = (await rowOf(session, change.run))!
  // A cancel that was asked for is not lost when its holder gives the run back.
  if (state === 'canceling') return endCanceled(session, change.run, change.epoch, change.at)
  await leaveQueue(session, change.run)
  if (row.terms !== null) {
    try {
      await enqueueAll(session, [queueRow(runFromRow(row), change.until)])
    } catch (error) {
      if ((error as SluiceError).code !== 'STORE_CORRUPT') throw error
      // Its row is damaged: with it the end of its worker would be refused, and of all that this worker held.
      return endDamaged(session, row, change.at, error)
    }
  }
  const { child = null } = change
  // Locked, so that it cannot end between this look and the commit.
  if (child !== null) await fences.load([child])
  const isBehind = child !== null && !isTerminalRun(fences.head(child)?.state ?? 'canceled')
  if (isBehind) await waitForEnd(session, change.run, child)
  await move(session, change.run, {
    state: 'waiting',
    waiting_for: toJson(waitsFor(change.until, isBehind ? child : null)),
    owner: null,
    error: null,
    ended_at: null,
    resumes: row.resumes + Number(state === 'crashed' || change.counts === true),
  })
  return null
}

async function endDamaged(session: Session, row: Selectable<RunRow>, at: number, why: unknown): Promise<null> {
  const { id, epoch } = row
  const error = toStoredError(why)
  await move(session, id, { state: 'failed', waiting_for: null, owner: null, error: toJson(error), ended_at: at })
  await leave(session, id)
  await tell(session, id, 'run.failed', at, { epoch, error: toldOf(error) })
  return null
}

/** Of an error, what an event says of it. */
const toldOf = ({ name, code, message }: StoredError): Json => ({ name, ...(code !== undefined && { code }), message })

function waitsFor(until: number | null, child: string | null): WaitingFor {
  if (child !== null) return { for: 'child', run: child }
  return until === null ? { for: 'worker' } : { for: 'time', until }
}

/** It has ended: it holds nothing, and who waited for it goes on. */
async function leave(session: Session, run: string): Promise<void> {
  await leaveQueue(session, run)
  for (const other of await tellEnd(session, run))
    await move(session, other, { state: 'waiting', waiting_for: toJson(waitsFor(null, null)) })
}

async function cancel(session: Session, fences: Fences, change: Of<'run.cancel'>): Applied {
  const head = fences.head(change.run)
  if (!head) return 'RUN_UNKNOWN'
  if (change.unstarted && (head.state !== 'waiting' || head.epoch > 0)) return 'NOT_CLAIMABLE'
  const state = nextRunState(head.state, 'cancel')
  if (state === null || state === head.state) return null
  if (state === 'canceled') return endCanceled(session, change.run, head.epoch, change.at)
  await move(session, change.run, { state, cancel_requested: 1 })
  await tell(session, change.run, 'run.canceling', change.at, { epoch: head.epoch })
  return null
}

async function endCanceled(
  session: Session,
  run: string,
  epoch: number,
  at: number,
  because: StoredError | null = null,
): Promise<null> {
  await move(session, run, {
    state: 'canceled',
    waiting_for: null,
    owner: null,
    cancel_requested: 1,
    ended_at: at,
    ...(because && { error: toJson(because) }),
  })
  await leave(session, run)
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
