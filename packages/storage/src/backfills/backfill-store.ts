import type { Backfill, BackfillState } from '@sluice/core'
import { type BackfillReads, type Change, type DropCode, longestPage } from '@sluice/engine/store'
import type { Selectable } from 'kysely'
import { addEvent } from '../events/event-store.ts'
import { readable } from '../readable.ts'
import { first, type Session } from '../session.ts'
import type { BackfillRow } from '../tables.ts'

type Of<Name extends Change['change']> = Extract<Change, { change: Name }>
type Row = Selectable<BackfillRow>

export async function applyBackfillChange(
  session: Session,
  change: Of<'backfill.create' | 'backfill.decide'>,
): Promise<DropCode | null> {
  const { db, dialect } = session
  if (change.change === 'backfill.create') {
    const { id, location, state, version, plan, progress, createdAt, endedAt } = change.backfill
    const row: Row = {
      id,
      location,
      state,
      version,
      plan: dialect.storable(JSON.stringify(plan)),
      progress: JSON.stringify(progress),
      created_at: createdAt,
      ended_at: endedAt,
    }
    const made = await session.run(
      db
        .insertInto('backfills')
        .values(row)
        .onConflict((conflict) => conflict.doNothing()),
    )
    if (made > 0) await tell(session, row, createdAt)
    return null
  }
  const { backfill, from, state, progress, endedAt, at } = change
  const before = await first(
    session,
    db.selectFrom('backfills').select(['id', 'location', 'state']).where('id', '=', backfill),
  )
  if (!before) return 'NAME_UNKNOWN'
  // On a database where others write at the same time the row itself decides.
  const moved = await session.run(
    db
      .updateTable('backfills')
      .set({ state, version: from + 1, progress: JSON.stringify(progress), ended_at: endedAt })
      .where('id', '=', backfill)
      .where('version', '=', from),
  )
  if (moved === 0) return 'WATERMARK_MOVED'
  if (before.state !== state) await tell(session, { ...before, state }, at)
  return null
}

async function tell(
  session: Session,
  { id: backfill, location, state }: Pick<Row, 'id' | 'location' | 'state'>,
  at: number,
): Promise<void> {
  await addEvent(session, { type: 'backfill.changed', at, run: null, data: { backfill, location, state } })
}

const headOf = (row: Omit<Row, 'plan'>): Omit<Backfill, 'plan'> => ({
  id: row.id,
  location: row.location,
  state: row.state as BackfillState,
  version: row.version,
  progress: JSON.parse(row.progress) as Backfill['progress'],
  createdAt: row.created_at,
  endedAt: row.ended_at,
})

const fromRow = (row: Row): Backfill => ({ ...headOf(row), plan: JSON.parse(row.plan) as Backfill['plan'] })

export async function findBackfill(session: Session, prefix: string): Promise<Backfill | null> {
  if (prefix === '') return null
  const newest = session.db.selectFrom('backfills').selectAll().orderBy('id', 'desc').limit(2)
  const rows = await session.all(
    prefix === 'latest' ? newest.limit(1) : newest.where('id', '>=', prefix).where('id', '<', `${prefix}\uffff`),
  )
  return rows.length === 1 ? fromRow(rows[0]!) : null
}

export async function listBackfills(
  session: Session,
  { states, before, limit = 50 }: Parameters<BackfillReads['list']>[0],
): Promise<Backfill[]> {
  if (states?.length === 0) return []
  let query = session.db.selectFrom('backfills').selectAll().orderBy('id', 'desc').limit(Math.min(limit, longestPage))
  if (states) query = query.where('state', 'in', states)
  if (before !== undefined) query = query.where('id', '<', before)
  return readable('backfills', await session.all(query), fromRow, ({ id }) => id)
}

export async function activeBackfills(session: Session): Promise<Omit<Backfill, 'plan'>[]> {
  const query = session.db
    .selectFrom('backfills')
    .select(['id', 'location', 'state', 'version', 'progress', 'created_at', 'ended_at'])
    .where('state', 'in', ['running', 'paused', 'canceling'])
    .orderBy('id')
  return readable('backfills', await session.all(query), headOf, ({ id }) => id)
}
