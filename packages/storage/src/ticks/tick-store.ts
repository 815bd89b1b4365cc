import type { TickRecord } from '@sluice/core'
import { type TickReads, longestPage } from '@sluice/engine/store'
import { fromJson, toJson } from '../columns.ts'
import { addEvent } from '../events/event-store.ts'
import type { Selectable } from 'kysely'
import { readable } from '../readable.ts'
import type { Session } from '../session.ts'
import type { TickRow } from '../tables.ts'

/** With an event for each that failed. `failures`: how many in a row, where that is known. */
export async function addTicks(
  session: Session,
  ticks: readonly Omit<TickRecord, 'id'>[],
  failures: number | null = null,
): Promise<void> {
  const rows = ticks.map((tick) => ({
    kind: tick.kind,
    location: tick.location,
    name: tick.name,
    scheduled_for: tick.scheduledFor,
    decided_at: tick.decidedAt,
    outcome: tick.outcome,
    reason: tick.reason,
    error: toJson(tick.error),
    runs: JSON.stringify(tick.runs),
    count: tick.count,
  }))
  await session.insertAll('ticks', rows)
  for (const { outcome, kind, location, name, scheduledFor, decidedAt, error, reason } of ticks) {
    if (outcome !== 'failed') continue
    const said = { code: error?.code ?? null, message: error?.message ?? reason }
    const data = { kind, location, name, scheduledFor, failures, ...said }
    await addEvent(session, { type: 'tick.failed', at: decidedAt, run: null, data })
  }
}

export async function listTicks(session: Session, q: Parameters<TickReads['list']>[0]): Promise<TickRecord[]> {
  let query = session.db
    .selectFrom('ticks')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(Math.min(q.limit ?? 50, longestPage))
  if (q.kind !== undefined) query = query.where('kind', '=', q.kind)
  if (q.location !== undefined) query = query.where('location', '=', q.location)
  if (q.name !== undefined) query = query.where('name', '=', q.name)
  if (q.before !== undefined) query = query.where('id', '<', q.before)
  return readable('ticks', await session.all(query), tickFromRow, ({ id }) => id)
}

function tickFromRow(row: Selectable<TickRow>): TickRecord {
  return {
    id: row.id,
    kind: row.kind as TickRecord['kind'],
    location: row.location,
    name: row.name,
    scheduledFor: row.scheduled_for,
    decidedAt: row.decided_at,
    outcome: row.outcome as TickRecord['outcome'],
    reason: row.reason,
    error: fromJson(row.error),
    runs: JSON.parse(row.runs) as TickRecord['runs'],
    count: row.count,
  }
}
