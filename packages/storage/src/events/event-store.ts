import type { EventType, Json, SluiceEvent } from '@sluice/core'
import type { EventReads } from '@sluice/engine/store'
import type { Insertable, Selectable } from 'kysely'
import { fixed, type Session } from '../session.ts'
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

const insert = fixed<Required<Omit<Insertable<EventRow>, 'id'>>>((db, it) =>
  db.insertInto('events').values({
    type: it.type,
    at: it.at,
    run: it.run,
    step: it.step,
    asset: it.asset,
    partition: it.partition,
    data: it.data,
  }),
)

/** Ids follow the order of commits: a reader that pages by them misses nothing. */
export async function addEvent(session: Session, event: NewEvent | SluiceEvent): Promise<void> {
  await session.run(
    insert(session, {
      type: event.type,
      at: event.at,
      run: event.run,
      step: event.step ?? null,
      asset: event.asset ?? null,
      partition: event.partition ?? null,
      data: JSON.stringify(event.data ?? null),
    }),
  )
}

export async function listEvents(session: Session, q: Parameters<EventReads['list']>[0]): Promise<SluiceEvent[]> {
  let query = session.db
    .selectFrom('events')
    .selectAll()
    .orderBy('id')
    .limit(q.limit ?? 1000)
  if (q.run !== undefined) query = query.where('run', '=', q.run)
  if (q.after !== undefined) query = query.where('id', '>', q.after)
  return (await session.all(query)).map(eventFromRow)
}

function eventFromRow(row: Selectable<EventRow>): SluiceEvent {
  return { ...row, type: row.type as EventType, data: JSON.parse(row.data) as Json }
}
