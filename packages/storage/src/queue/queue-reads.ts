import type { Candidate } from '@sluice/engine/store'
import { sql } from 'kysely'
import { first, type Session } from '../session.ts'

// A state is written into the text, not bound: SQLite takes a partial index only where it can see that it fits.

/** What the index by time says of its rows, word for word: SQLite does not conclude it from one of the states. */
export const timed = sql<boolean>`queue.state in ('later', 'delivered')`

interface Turn {
  readonly priority: number
  readonly job: string
}

export async function nextRuns(session: Session, pool: string, limit: number): Promise<Candidate[]> {
  if (limit <= 0) return []
  const { db } = session
  const turns: readonly Turn[] = await session.all(
    db
      .selectFrom('queue_turns as turn')
      .select(['turn.priority', 'turn.job'])
      .where('turn.pool', '=', pool)
      .where(({ exists, selectFrom }) =>
        exists(
          selectFrom('queue')
            .select('queue.run')
            .whereRef('queue.pool', '=', 'turn.pool')
            .whereRef('queue.priority', '=', 'turn.priority')
            .whereRef('queue.job', '=', 'turn.job')
            .where('queue.state', '=', sql.lit('ready')),
        ),
      )
      .orderBy('turn.priority', 'desc')
      .orderBy('turn.served')
      .orderBy('turn.job')
      .limit(limit),
  )
  const chosen: Candidate[] = []
  for (let at = 0; at < turns.length && chosen.length < limit;) {
    const { priority } = turns[at]!
    const peers = turns.slice(at).filter((turn) => turn.priority === priority)
    at += peers.length
    const each = peers.length >= limit ? 1 : limit
    const lines: Candidate[][] = []
    for (const { job } of peers) lines.push(await readyOf(session, pool, priority, job, each))
    chosen.push(...inTurn(lines).slice(0, limit - chosen.length))
  }
  return chosen
}

/** The first of each line, then the second of each, and so on. */
function inTurn<T>(lines: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...lines.map((line) => line.length))
  return Array.from({ length: longest }, (_, nth) => lines.flatMap((line) => line.slice(nth, nth + 1))).flat()
}

function candidates({ db }: Session) {
  return db
    .selectFrom('queue')
    .innerJoin('runs', 'runs.id', 'queue.run')
    .select([
      'queue.run',
      'runs.epoch',
      'queue.pool',
      'queue.priority',
      'queue.job',
      'runs.location',
      'runs.code_version as codeVersion',
    ])
    .$castTo<Candidate>()
}

async function readyOf(session: Session, pool: string, priority: number, job: string, limit: number) {
  return session.all(
    candidates(session)
      .where('queue.state', '=', sql.lit('ready'))
      .where('queue.pool', '=', pool)
      .where('queue.priority', '=', priority)
      .where('queue.job', '=', job)
      .orderBy('queue.run')
      .limit(limit),
  )
}

export async function deliveredTo(session: Session, pool: string, limit: number): Promise<Candidate[]> {
  return session.all(
    candidates(session)
      .where('queue.state', '=', sql.lit('delivered'))
      .where(timed)
      .where('queue.pool', '=', pool)
      .orderBy('queue.due_at')
      .orderBy('queue.run')
      .limit(limit),
  )
}

export async function unclaimedRuns(session: Session, before: number) {
  return session.all(
    candidates(session)
      .where('queue.state', '=', sql.lit('delivered'))
      .where(timed)
      .where('queue.due_at', '<', before)
      .limit(1000),
  )
}

export async function nextDue(session: Session): Promise<number | null> {
  const later = session.db.selectFrom('queue').select('due_at').where('state', '=', sql.lit('later')).where(timed)
  return (await first(session, later.orderBy('due_at').limit(1)))?.due_at ?? null
}

/** No more are counted: a number that large says it all. */
const most = 10_000

export async function aheadOf(session: Session, run: string): Promise<number | null> {
  const { db } = session
  const own = await first(session, db.selectFrom('queue').selectAll().where('run', '=', run))
  if (!own) return null
  const before = db
    .selectFrom('queue')
    .select('run')
    .where('state', '=', sql.lit('ready'))
    .where('pool', '=', own.pool)
    .where((its) =>
      its.or([its('priority', '>', own.priority), its.and([its('priority', '=', own.priority), its('run', '<', run)])]),
    )
    .limit(most)
  return (await session.all(before)).length
}

export async function queueCounts(session: Session) {
  return session.all(
    session.db
      .selectFrom('queue')
      .select(({ fn }) => ['pool', 'state', fn.countAll<number>().as('count')])
      .groupBy(['pool', 'state'])
      .orderBy('pool')
      .orderBy('state'),
  )
}
