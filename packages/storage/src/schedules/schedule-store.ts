import type { Json, ScheduleState } from '@sluice/core'
import type { Change, DropCode } from '@sluice/engine/store'
import { type Selectable, sql } from 'kysely'
import { readable } from '../readable.ts'
import { first, fixed, type Session } from '../session.ts'
import type { ScheduleRow } from '../tables.ts'
import { addTicks } from '../ticks/tick-store.ts'

type Of<Name extends Change['change']> = Extract<Change, { change: Name }>
export type ScheduleChange = Of<'schedule.put' | 'schedule.remove' | 'schedule.pause' | 'schedule.decide'>

const byName = fixed<{ location: string; name: string }, Selectable<ScheduleRow>>((db, { location, name }) =>
  db.selectFrom('schedules').selectAll().where('location', '=', location).where('name', '=', name),
)

// On a database where others write at the same time the row itself decides.
const moveOn = fixed<{ location: string; name: string; from: number; to: number }>((db, it) =>
  db
    .updateTable('schedules')
    .set({ watermark: it.to })
    .where('location', '=', it.location)
    .where('name', '=', it.name)
    .where('watermark', '=', it.from),
)

/**
 * Never back, whatever others decided since the row was read: a tick below the watermark would be decided again. Written
 * from the row as it is when it is locked.
 */
const atLeast = (at: number) => sql<number>`case when watermark < ${at} then ${at} else watermark end`

export async function applyScheduleChange(session: Session, change: ScheduleChange): Promise<DropCode | null> {
  const { location, name } = change
  if (change.change === 'schedule.decide') return (await decideAll(session, [change]))[0]!
  const row = await first(session, byName(session, { location, name }))
  if (change.change === 'schedule.put') return put(session, row, change)
  if (!row) return 'NAME_UNKNOWN'
  const its = session.db.updateTable('schedules').where('location', '=', location).where('name', '=', name)
  if (change.change === 'schedule.remove') {
    const gone = session.db.deleteFrom('schedules').where('location', '=', location).where('name', '=', name)
    await session.run(row.origin === 'api' ? gone : its.set({ retired: 1 }))
    return null
  }
  const paused = change.paused === null ? null : Number(change.paused)
  // What would have been due meanwhile is not made up for.
  await session.run(its.set({ paused, ...(change.paused !== true && { watermark: atLeast(change.at) }) }))
  return null
}

/**
 * Moves watermarks on, each from where its decision was made: the reason why it did not, or `null`. Nothing else is
 * written for one that did not.
 */
export async function decideAll(
  session: Session,
  decisions: readonly Of<'schedule.decide'>[],
): Promise<(DropCode | null)[]> {
  const moved = await session.each(moveOn, decisions)
  const ticks = decisions.flatMap(({ location, name, ticks }, nth) =>
    moved[nth] === 0 ? [] : ticks.map((tick) => ({ ...tick, kind: 'schedule' as const, location, name })),
  )
  await addTicks(session, ticks)
  const answers: (DropCode | null)[] = []
  for (const [nth, decision] of decisions.entries()) {
    if (moved[nth] !== 0) answers.push(null)
    else answers.push((await first(session, byName(session, decision))) ? 'WATERMARK_MOVED' : 'NAME_UNKNOWN')
  }
  return answers
}

async function put(session: Session, row: Selectable<ScheduleRow> | null, change: Of<'schedule.put'>) {
  const { location, name, origin, fingerprint, at } = change
  const spec = JSON.stringify(change.spec)
  if (!row) {
    await session.run(
      session.db
        .insertInto('schedules')
        .values({ location, name, origin, spec, fingerprint, paused: null, retired: 0, watermark: at }),
    )
    return null
  }
  if (row.origin !== origin) return 'NAME_TAKEN'
  const isNew = row.fingerprint !== fingerprint || row.retired === 1
  await session.run(
    session.db
      .updateTable('schedules')
      .set({ spec, fingerprint, retired: 0, ...(isNew && { watermark: atLeast(at) }) })
      .where('location', '=', location)
      .where('name', '=', name),
  )
  return null
}

function stateOf(row: Selectable<ScheduleRow>): ScheduleState {
  return {
    location: row.location,
    name: row.name,
    origin: row.origin as ScheduleState['origin'],
    spec: JSON.parse(row.spec) as Json,
    fingerprint: row.fingerprint,
    paused: row.paused === null ? null : row.paused === 1,
    retired: row.retired === 1,
    watermark: row.watermark,
  }
}

export async function listSchedules(session: Session, location?: string): Promise<ScheduleState[]> {
  const all = session.db.selectFrom('schedules').selectAll().orderBy('location').orderBy('name')
  const rows = await session.all(location === undefined ? all : all.where('location', '=', location))
  return readable('schedules', rows, stateOf, ({ location: its, name }) => `${its}/${name}`)
}

export async function getSchedule(session: Session, location: string, name: string): Promise<ScheduleState | null> {
  const row = await first(session, byName(session, { location, name }))
  return row && stateOf(row)
}
