import type { LimitClaim } from '@sluice/core'
import type { Slot, SlotReads } from '@sluice/engine/store'
import { sql } from 'kysely'
import { first, raw, type Session } from '../session.ts'

export async function heldSlots(session: Session, q: Parameters<SlotReads['held']>[0]): Promise<Slot[]> {
  let query = session.db
    .selectFrom('slots')
    .selectAll()
    .orderBy('taken_at')
    .orderBy('run')
    .limit(Math.min(q.limit ?? 100, 1000))
  if (q.name !== undefined) query = query.where('name', '=', q.name)
  if (q.key !== undefined) query = query.where('key', '=', q.key ?? '')
  if (q.run !== undefined) query = query.where('run', '=', q.run)
  return (await session.all(query)).map(({ name, key, run, step, taken_at: takenAt }) => ({
    name,
    key: key || null,
    run,
    step,
    takenAt,
  }))
}

export async function waitingSteps(session: Session, q: Parameters<SlotReads['waiting']>[0]) {
  let query = session.db
    .selectFrom('slot_waiters')
    .select(['name', 'key', 'run', 'step'])
    .orderBy('id')
    .limit(Math.min(q.limit ?? 100, 1000))
  if (q.name !== undefined) query = query.where('name', '=', q.name)
  if (q.key !== undefined) query = query.where('key', '=', q.key ?? '')
  return (await session.all(query)).map((row) => ({ ...row, key: row.key || null }))
}

export async function grantedSteps(session: Session, run: string, steps: readonly number[]): Promise<number[]> {
  if (steps.length === 0) return []
  const { db } = session
  const waiting = db.selectFrom('slot_waiters').select('step').where('run', '=', run)
  const query = db
    .selectFrom('slots')
    .select('step')
    .distinct()
    .where('run', '=', run)
    .where('step', 'in', steps)
    .where('step', 'not in', waiting)
  return (await session.all(query)).map(({ step }) => step)
}

export async function limitSummary(
  session: Session,
  { names, pools = true, after, limit = 1000 }: Parameters<SlotReads['summary']>[0] = {},
): ReturnType<SlotReads['summary']> {
  interface Row {
    name: string
    key: string
    held: number
    waiting: number
  }
  if (names?.length === 0) return []
  const conditions = [
    names && sql<boolean>`name in (${sql.join(names)})`,
    !pools && sql<boolean>`substr(name, 1, 5) <> 'pool:'`,
    after && sql<boolean>`(name, key) > (${after.name}, ${after.key ?? ''})`,
  ].filter((one) => one !== undefined && one !== false)
  const where = conditions.length === 0 ? sql`` : sql`where ${sql.join(conditions, sql` and `)}`
  const text = sql<Row>`
    select name, key, cast(sum(held) as integer) as held, cast(sum(waiting) as integer) as waiting from (
      select name, key, count as held, 0 as waiting from slots
      union all select name, key, 0, 1 from slot_waiters
      union all select blocked_on, coalesce(blocked_key, ''), 0, 1 from queue where blocked_on is not null and blocked_on not like ':%'
    ) as each_one ${where}
    group by name, key order by name, key limit ${limit}`
  const rows = await session.all(raw<Row>(session.db, text))
  return rows.map(({ name, key, held, waiting }) => ({ name, key: key || null, held, waiting }))
}

export async function claimsOf(session: Session, run: string): Promise<LimitClaim[]> {
  const row = await first(session, session.db.selectFrom('queue').select('limits').where('run', '=', run))
  return row ? (JSON.parse(row.limits) as LimitClaim[]) : []
}
