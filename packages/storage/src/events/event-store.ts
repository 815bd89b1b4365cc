import type { EventType, Json, SluiceEvent } from '@sluice/core'
import type { EventReads } from '@sluice/engine/store'
import type { Selectable } from 'kysely'
import { readable } from '../readable.ts'
import { first, type Session } from '../session.ts'
import type { EventRow } from '../tables.ts'

export interface NewEvent {
  readonly type: EventType
  readonly at: number
  readonly run: string | null
  readonly step?: number
  readonly asset?: string
  readonly partition?: string | null
  readonly data?: Json
}

/** Numbers follow the order of commits, on every database: a reader that pages by them misses nothing. */
export async function addEvents(session: Session, events: readonly (NewEvent | SluiceEvent)[]): Promise<void> {
  const rows = events.map((event) => ({
    type: event.type,
    at: event.at,
    run: event.run,
    step: event.step ?? null,
    asset: event.asset ?? null,
    partition: event.partition ?? null,
    data: JSON.stringify(event.data ?? null),
  }))
  await session.insertAll('events', rows)
}

export const addEvent = (session: Session, event: NewEvent | SluiceEvent): Promise<void> => addEvents(session, [event])

export async function listEvents(session: Session, q: Parameters<EventReads['list']>[0]): Promise<SluiceEvent[]> {
  await numbered(session)
  let query = session.db
    .selectFrom('events')
    .select(['id', 'type', 'at', 'run', 'step', 'asset', 'partition', 'data'])
    .where('id', '>', q.after ?? 0)
    .orderBy('id')
    .limit(q.limit ?? 1000)
  if (q.run !== undefined) query = query.where('run', '=', q.run)
  if (q.types !== undefined) query = query.where('type', 'in', q.types)
  return readable('events', await session.all(query), eventFromRow, ({ id }) => id)
}

/** What is committed has its number. */
export async function numbered(session: Session): Promise<void> {
  const { numberEvents } = session.dialect
  if (numberEvents) await session.all(numberEvents)
}

export async function lastEvent(session: Session): Promise<number> {
  await numbered(session)
  const query = session.db.selectFrom('events').select('id').where('id', '>', 0).orderBy('id', 'desc').limit(1)
  return (await first(session, query))?.id ?? 0
}

function eventFromRow(row: Selectable<EventRow>): SluiceEvent {
  return { ...row, type: row.type as EventType, data: JSON.parse(row.data) as Json }
}
