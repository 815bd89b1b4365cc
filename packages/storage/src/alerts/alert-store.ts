import type { Alert } from '@sluice/core'
import { type Change, type DropCode, longestPage } from '@sluice/engine/store'
import type { Selectable } from 'kysely'
import { first, type Session } from '../session.ts'
import type { AlertRow } from '../tables.ts'

type Of<Name extends Change['change']> = Extract<Change, { change: Name }>
export type AlertChange = Of<'alert.add' | 'alert.take' | 'alert.decide'>

export async function applyAlertChange(session: Session, change: AlertChange): Promise<DropCode | null> {
  const { db } = session
  if (change.change === 'alert.add') {
    const { alert, at } = change
    const row = {
      id: alert.id,
      location: alert.location,
      channel: alert.channel,
      message: session.dialect.storable(JSON.stringify(alert.message)),
      state: 'waiting',
      attempts: 0,
      next_at: at,
      error: null,
      created_at: at,
      ended_at: null,
    }
    await session.run(
      db
        .insertInto('alerts')
        .values(row)
        .onConflict((conflict) => conflict.doNothing()),
    )
    return null
  }
  // Who tries it raises the count: of two who read the same row, one does.
  const its = db
    .updateTable('alerts')
    .where('id', '=', change.alert)
    .where('state', '=', 'waiting')
    .where('attempts', '=', change.attempts)
  const to =
    change.change === 'alert.take'
      ? its.set({ attempts: change.attempts + 1, next_at: change.until })
      : its.set({
          state: change.state,
          error: change.error === null ? null : session.dialect.storable(change.error),
          next_at: change.nextAt,
          ended_at: change.state === 'waiting' ? null : change.at,
        })
  return (await session.run(to)) > 0 ? null : 'LEASED'
}

const fromRow = (row: Selectable<AlertRow>): Alert => ({
  id: row.id,
  location: row.location,
  channel: row.channel as Alert['channel'],
  message: JSON.parse(row.message) as Alert['message'],
  state: row.state as Alert['state'],
  attempts: row.attempts,
  nextAt: row.next_at,
  error: row.error,
  createdAt: row.created_at,
  endedAt: row.ended_at,
})

export async function dueAlerts(session: Session, now: number, limit: number): Promise<Alert[]> {
  const due = session.db
    .selectFrom('alerts')
    .selectAll()
    .where('state', '=', 'waiting')
    .where('next_at', '<=', now)
    .orderBy('next_at')
    .orderBy('id')
    .limit(Math.min(limit, longestPage))
  return (await session.all(due)).map(fromRow)
}

export async function listAlerts(
  session: Session,
  { before, limit = 50 }: { readonly before?: string; readonly limit?: number },
): Promise<Alert[]> {
  let query = session.db
    .selectFrom('alerts')
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(Math.min(limit, longestPage))
  if (before !== undefined) {
    const last = await first(
      session,
      session.db.selectFrom('alerts').select(['created_at', 'id']).where('id', '=', before),
    )
    if (!last) return []
    query = query.where((it) =>
      it.or([
        it('created_at', '<', last.created_at),
        it.and([it('created_at', '=', last.created_at), it('id', '<', last.id)]),
      ]),
    )
  }
  return (await session.all(query)).map(fromRow)
}
