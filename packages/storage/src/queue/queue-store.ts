import { type LimitClaim, type Run, SluiceError, type StoredError, type WaitingFor, toStoredError } from '@sluice/core'
import type { Change } from '@sluice/engine/store'
import { type Selectable, sql } from 'kysely'
import { freeSlots, holdersOf, refill, roomIn, takeSlot, takeToken } from '../limits/slot-store.ts'
import { readable } from '../readable.ts'
import { first, fixed, type Session } from '../session.ts'
import { timed } from './queue-reads.ts'
import type { QueueRow } from '../tables.ts'

type Deliver = Extract<Change, { change: 'run.deliver' }>

export type Admission =
  | { readonly admitted: true }
  | { readonly admitted: false; readonly waitingFor: WaitingFor; readonly cancel: string | null }
  /** It is not to wait: it ends. */
  | { readonly admitted: false; readonly waitingFor: null; readonly because: StoredError }

/** The limit that stands for the slots of a pool. */
export const poolLimit = (pool: string): string => `pool:${pool}`

/** The row of `queue` of a run that has terms; not before `until` where that is given. */
export function queueRow(run: Run, until: number | null): Selectable<QueueRow> {
  const { pool, priority, limits } = run.terms!
  return {
    run: run.id,
    state: until === null ? 'ready' : 'later',
    pool,
    priority,
    job: run.job ?? run.name,
    due_at: until ?? 0,
    blocked_on: null,
    blocked_key: null,
    limits: JSON.stringify(limits),
  }
}

/** Puts runs into the queue; `queueRow` says where. */
export async function enqueueAll(session: Session, rows: readonly Selectable<QueueRow>[]): Promise<void> {
  const turns = new Map(
    rows.map(({ pool, priority, job }) => [`${priority} ${pool} ${job}`, { pool, priority, job, served: 0 }]),
  )
  // In one order, everywhere: two transactions with the same new ones wait for each other, and not in a circle.
  const inOrder = [...turns].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, turn]) => turn)
  await Promise.all([session.insertAll('queue_turns', inOrder), session.insertAll('queue', rows)])
}

const remove = fixed<{ run: string }>((db, { run }) => db.deleteFrom('queue').where('run', '=', run))

/** It waits no more; what it holds it keeps. */
export async function dequeue(session: Session, run: string): Promise<void> {
  await session.run(remove(session, { run }))
}

/** It waits no more and holds nothing. */
export async function leaveQueue(session: Session, run: string): Promise<void> {
  await dequeue(session, run)
  await freeSlots(session, run, null)
}

const byRun = fixed<{ run: string }, Selectable<QueueRow>>((db, { run }) =>
  db.selectFrom('queue').selectAll().where('run', '=', run),
)

/** A slot of the pool and of every limit, or of none and a mark on the first one that is full. */
export async function admit(session: Session, change: Deliver): Promise<Admission> {
  const { run, at } = change
  const { alone } = session.dialect
  if (alone) await session.run(alone)
  const row = await first(session, byRun(session, { run }))
  if (!row) throw new SluiceError('INTERNAL', `Run ${run} waits, but stands in no queue.`)
  const pool = { name: poolLimit(row.pool), key: null, options: { atOnce: change.capacity } } as const
  const [limits] = readable(
    'queue',
    [row],
    ({ limits: its }) => JSON.parse(its) as LimitClaim[],
    () => run,
  )
  if (!limits) {
    const because = new SluiceError('STORE_CORRUPT', `What run ${run} needs to start cannot be read in the store.`, {
      hint: 'sluice db check says what else is damaged; launch it again.',
    })
    return { admitted: false, waitingFor: null, because: { ...toStoredError(because), stack: '' } }
  }
  const claims: readonly LimitClaim[] = [pool, ...limits]
  for (const claim of claims) {
    const full = await fullAt(session, claim, at)
    if (full === null) continue
    // A run that waits for its pool stays ready: whose turn it is is asked when there is room.
    if (claim !== pool) await block(session, row, claim, full)
    return refusal(session, claim, full, at)
  }
  for (const claim of claims) {
    if ('rate' in claim.options) await takeToken(session, claim)
    else await takeSlot(session, claim, { run, step: 0, at })
  }
  await session.run(
    session.db.updateTable('queue').set({ state: 'delivered', due_at: at, blocked_on: null }).where('run', '=', run),
  )
  const { priority, job } = row
  await session.run(
    session.db
      .updateTable('queue_turns')
      .set({ served: at })
      .where('pool', '=', row.pool)
      .where('priority', '=', priority)
      .where('job', '=', job),
  )
  return { admitted: true }
}

/** `null`: there is room. Otherwise when there will be, where that is known. */
async function fullAt(session: Session, claim: LimitClaim, at: number): Promise<{ until: number | null } | null> {
  if ('rate' in claim.options) {
    const { tokens, perToken } = await refill(session, claim, claim.options.rate, at)
    return tokens >= 1 ? null : { until: at + Math.ceil((1 - tokens) * perToken) }
  }
  return (await roomIn(session, claim, claim.options.atOnce)) ? null : { until: null }
}

async function block(session: Session, row: QueueRow, claim: LimitClaim, { until }: { until: number | null }) {
  await session.run(
    session.db
      .updateTable('queue')
      .set({
        state: until === null ? 'blocked' : 'later',
        due_at: until ?? 0,
        blocked_on: claim.name,
        blocked_key: claim.key ?? '',
      })
      .where('run', '=', row.run),
  )
}

async function refusal(
  session: Session,
  claim: LimitClaim,
  { until }: { until: number | null },
  at: number,
): Promise<Admission> {
  const { name, key, options } = claim
  const full = 'atOnce' in options ? (options.full ?? 'wait') : 'wait'
  if (full === 'skip') {
    const of = key === null ? '' : ` of ${key}`
    const error = new SluiceError('LIMIT_FULL', `The limit ${name}${of} was full when the run could have started.`)
    return { admitted: false, waitingFor: null, because: { ...toStoredError(error), stack: '' } }
  }
  const holders = await holdersOf(session, claim, 5)
  const waitingFor: WaitingFor = {
    for: 'turn',
    limit: name,
    since: at,
    ...(key !== null && { key }),
    ...(holders.length > 0 && { holders }),
    ...(until !== null && { until }),
  }
  return { admitted: false, waitingFor, cancel: full === 'cancel-oldest' ? (holders[0] ?? null) : null }
}

/** What a run without a worker that has its code stands blocked on. */
const noCode = ':code'

/** Not before `until`, or until a worker offers code. */
export async function putOff(session: Session, run: string, until: number): Promise<void> {
  const its = session.db.updateTable('queue').where('run', '=', run)
  await session.run(its.set({ state: 'later', due_at: until, blocked_on: noCode, blocked_key: null }))
}

/** What a run stands blocked on that waits for the end of another: the key is that run. */
const endOf = ':run'

/** Not before another run has ended. */
export async function waitForEnd(session: Session, run: string, child: string): Promise<void> {
  const its = session.db.updateTable('queue').where('run', '=', run)
  await session.run(its.set({ state: 'blocked', blocked_on: endOf, blocked_key: child }))
}

const waitingFor = fixed<{ run: string }, { run: string }>((db, { run }) =>
  db
    .selectFrom('queue')
    .select('run')
    .where('state', '=', sql.lit('blocked'))
    .where('blocked_on', '=', endOf)
    .where('blocked_key', '=', run),
)

/** A run has ended: those that waited for it may be admitted. Gives them. */
export async function tellEnd(session: Session, run: string): Promise<readonly string[]> {
  const waiting = (await session.all(waitingFor(session, { run }))).map((row) => row.run)
  if (waiting.length > 0) {
    const its = session.db.updateTable('queue').where('run', 'in', waiting)
    await session.run(its.set({ state: 'ready', blocked_on: null, blocked_key: null }))
  }
  return waiting
}

/** A worker has code that it had not: whoever waits for code is looked at again. */
export async function codeOffered(session: Session): Promise<void> {
  const its = session.db.updateTable('queue').where('state', '=', sql.lit('later')).where('blocked_on', '=', noCode)
  await session.run(its.set({ state: 'ready', blocked_on: null }))
}

/** Runs whose time has come are ready. */
export async function makeDue(session: Session, at: number): Promise<void> {
  await session.run(
    session.db
      .updateTable('queue')
      .set({ state: 'ready', blocked_on: null, blocked_key: null })
      .where('state', '=', sql.lit('later'))
      .where(timed)
      .where('due_at', '<=', at),
  )
}
