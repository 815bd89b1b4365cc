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
const moveOn = fixed<Of<'schedule.decide'>>((db, it) =>
  db
    .updateTable('schedules')
    .set({ watermark: it.to })
    .where('location', '=', it.location)
    .where('name', '=', it.name)
    .where('watermark', '=', it.from)
    .where('revision', '=', it.revision),
)

/**
 * Never back, whatever others decided since the row was read: a tick below the watermark would be decided again. Written
 * from the row as it is when it is locked.
 */
const atLeast = (at: number) => sql<number>`case when watermark < ${at} then ${at} else watermark end`
const raised = sql<number>`revision + 1`
/** A deploy that says the same again does not undo what is decided just then. */
const raisedBy = ({ spec, fingerprint }: { spec: string; fingerprint: string }) => sql<number>`
  case when spec = ${spec} and fingerprint = ${fingerprint} and retired = 0 then revision else ${raised} end`

export async function applyScheduleChange(session: Session, change: ScheduleChange): Promise<DropCode | null> {
  const { location, name } = change
  if (change.change === 'schedule.decide') return (await decideAll(session, [change]))[0]!
  const row = await first(session, byName(session, { location, name }))
  if (change.change === 'schedule.put') return put(session, row, change)
  if (!row) return 'NAME_UNKNOWN'
  const its = session.db.updateTable('schedules').where('location', '=', location).where('name', '=', name)
  if (change.change === 'schedule.remove') {
    const gone = session.db.deleteFrom('schedules').where('location', '=', location).where('name', '=', name)
    await session.run(row.origin === 'api' ? gone : its.set({ retired: 1, revision: raised }))
    return null
  }
  const paused = change.paused === null ? null : Number(change.paused)
  // What would have been due meanwhile is not made up for.
  await session.run(
    its.set({ paused, revision: raised, ...(change.paused !== true && { watermark: atLeast(change.at) }) }),
  )
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
  const moved = await move(session, decisions)
  const ticks = decisions.flatMap(({ location, name, ticks }, nth) =>
    moved[nth] ? ticks.map((tick) => ({ ...tick, kind: 'schedule' as const, location, name })) : [],
  )
  await addTicks(session, ticks)
  const known = await knownOf(
    session,
    decisions.filter((_, nth) => !moved[nth]),
  )
  return decisions.map((decision, nth) => {
    if (moved[nth]) return null
    return known.has(keyOf(decision)) ? 'WATERMARK_MOVED' : 'NAME_UNKNOWN'
  })
}

type Named = { readonly location: string; readonly name: string }
const keyOf = ({ location, name }: Named): string => `${location}\n${name}`

/** Those that are there: asked at once, as a server that was not the first is refused hundreds while others wait for it. */
async function knownOf(session: Session, some: readonly Named[]): Promise<ReadonlySet<string>> {
  if (some.length === 0) return new Set()
  const names = some.map(({ name }) => name)
  const query = session.db.selectFrom('schedules').select(['location', 'name'])
  const rows = await session.all(query.where(sql<boolean>`${session.dialect.among(sql.ref('name'), names)}`))
  return new Set(rows.map(keyOf))
}

/** Which of them moved. */
async function move(session: Session, decisions: readonly Of<'schedule.decide'>[]): Promise<boolean[]> {
  const { moveWatermarks } = session.dialect
  // Two of the same schedule follow each other.
  if (!moveWatermarks || new Set(decisions.map(keyOf)).size < decisions.length)
    return (await session.each(moveOn, decisions)).map((changed) => changed > 0)
  const moves = decisions.map(({ location, name, revision, from, to }) => ({ location, name, revision, from, to }))
  const moved = new Set((await session.all(moveWatermarks(session, { moves: JSON.stringify(moves) }))).map(keyOf))
  return decisions.map((decision) => moved.has(keyOf(decision)))
}

async function put(session: Session, row: Selectable<ScheduleRow> | null, change: Of<'schedule.put'>) {
  const { location, name, origin, fingerprint, at } = change
  const spec = JSON.stringify(change.spec)
  if (!row) {
    await session.run(
      session.db
        .insertInto('schedules')
        .values({ location, name, origin, spec, fingerprint, paused: null, retired: 0, watermark: at, revision: 0 }),
    )
    return null
  }
  if (row.origin !== origin) return 'NAME_TAKEN'
  const isNew = row.fingerprint !== fingerprint || row.retired === 1
  await session.run(
    session.db
      .updateTable('schedules')
      .set({
        spec,
        fingerprint,
        retired: 0,
        revision: raisedBy({ spec, fingerprint }),
        ...(isNew && { watermark: atLeast(at) }),
      })
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
    revision: row.revision,
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
