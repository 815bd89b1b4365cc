import type { HistoryReads, OldQuery } from '@sluice/engine/store'
import { sql } from 'kysely'
import { deleted } from '../events/cursor-store.ts'
import { numbered } from '../events/event-store.ts'
import { fromJson } from '../columns.ts'
import { raw, type Session } from '../session.ts'
import { rules } from './rules.ts'

type Page = Awaited<ReturnType<HistoryReads['old']>>
type Found = { id: string | number; at: number | null; spare: number }

export async function oldHistory(session: Session, query: OldQuery): Promise<Page> {
  if (query.of === 'events') return oldEvents(session, query)
  const { table, id, at, inTime, spare } = rules[query.of]
  const { before, after = inTime ? 0 : '', limit } = query
  const rows = await session.all(
    raw<Found>(
      session.db,
      sql`select ${sql.ref(`it.${id}`)} as id, ${sql.ref(`it.${at}`)} as at,
          case when ${sql.ref(`it.${at}`)} < ${before} and ${spare} then 1 else 0 end as spare
        from ${sql.table(table)} as it where ${sql.ref(`it.${id}`)} > ${after} order by ${sql.ref(`it.${id}`)} limit ${limit}`,
    ),
  )
  const last = rows.at(-1)
  const isLast = rows.length < limit || (inTime && Number(last!.at) >= before)
  const ids = rows.filter((row) => row.spare === 1).map((row) => row.id)
  return {
    ids: query.of === 'runs' ? await withoutParents(session, ids as string[]) : ids,
    next: isLast ? null : last!.id,
  }
}

/** A run that goes on may still ask for the outcome of those it launched. */
async function withoutParents(session: Session, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return []
  const { db } = session
  const runs = await session.all(db.selectFrom('runs').select(['id', 'cause']).where('id', 'in', ids))
  const parentOf = new Map(
    runs.flatMap(({ id, cause }) => {
      const parent = fromJson<{ parent?: { run: string } }>(cause)?.parent?.run
      return parent === undefined ? [] : [[id, parent] as const]
    }),
  )
  if (parentOf.size === 0) return [...ids]
  const parents = db
    .selectFrom('runs')
    .select('id')
    .where('id', 'in', [...new Set(parentOf.values())])
  const going = new Set((await session.all(parents.where('ended_at', 'is', null))).map(({ id }) => id))
  return ids.filter((id) => !going.has(parentOf.get(id) ?? ''))
}

/** The oldest without a gap, so that one number tells which are kept. The newest stays: numbers go on from it. */
async function oldEvents(session: Session, { before, unread = before, after = 0, limit }: OldQuery): Promise<Page> {
  await numbered(session)
  const { db } = session
  const page = await session.all(
    db
      .selectFrom('events')
      .select(['id', 'at'])
      .where('id', '>', Number(after))
      .orderBy('id')
      .limit(limit + 1),
  )
  const read = await readUpTo(session)
  const young = page.findIndex(({ id, at }) => at >= before || (id > read && at >= unread))
  // One more was asked for: what is left without it is not the newest.
  const old = page.slice(0, young < 0 ? page.length - 1 : Math.min(young, page.length - 1)).slice(0, limit)
  return { ids: old.map(({ id }) => id), next: old.length === limit ? old.at(-1)!.id : null }
}

/** Up to which event every consumer has read: whoever keeps a cursor, and sensors that wait for events. */
async function readUpTo(session: Session): Promise<number> {
  const { db } = session
  const cursors = await session.all(db.selectFrom('cursors').select('after').where('name', '<>', deleted))
  const sensors = await session.all(db.selectFrom('sensors').select(['after', 'spec']).where('retired', '=', 0))
  const waiting = sensors.filter(({ spec }) => fromJson<{ on?: unknown }>(spec)?.on)
  return Math.min(Infinity, ...[...cursors, ...waiting].map(({ after }) => after))
}
