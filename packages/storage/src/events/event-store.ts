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

/** Events that one question looks at. */
const mostLooked = 20_000

export async function recentEvents(
  session: Session,
  { types, run, asset, before, limit }: Parameters<EventReads['recent']>[0],
): Promise<{ events: SluiceEvent[]; next: number | null }> {
  const end = Math.min(before ?? Number.MAX_SAFE_INTEGER, (await lastEvent(session)) + 1)
  const begin = Math.max(1, end - mostLooked)
  let query = session.db
    .selectFrom('events')
    .select(['id', 'type', 'at', 'run', 'step', 'asset', 'partition', 'data'])
    // A run has few events, which its index finds: they need no bound.
    .where('id', '>=', run === undefined ? begin : 1)
    .where('id', '<', end)
    .orderBy('id', 'desc')
    .limit(limit)
  if (run !== undefined) query = query.where('run', '=', run)
  if (asset !== undefined) query = query.where('asset', '=', asset)
  if (types !== undefined)
    query = query.where(({ or, eb }) =>
      or(types.map((type) => (type.includes('.') ? eb('type', '=', type) : eb('type', 'like', `${type}.%`)))),
    )
  const events = readable('events', await session.all(query), eventFromRow, ({ id }) => id)
  if (events.length >= limit) return { events, next: events.at(-1)!.id }
  const oldest = await first(
    session,
    session.db.selectFrom('events').select('id').where('id', '>', 0).orderBy('id').limit(1),
  )
  return { events, next: run === undefined && oldest && oldest.id < begin ? begin : null }
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
