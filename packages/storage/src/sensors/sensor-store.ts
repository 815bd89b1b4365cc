import type { Json, SensorState } from '@sluice/core'
import type { Change, DropCode } from '@sluice/engine/store'
import { type Selectable, sql } from 'kysely'
import { numbered } from '../events/event-store.ts'
import { readable } from '../readable.ts'
import { first, fixed, type Session } from '../session.ts'
import type { SensorRow } from '../tables.ts'
import { addTicks } from '../ticks/tick-store.ts'

type Of<Name extends Change['change']> = Extract<Change, { change: Name }>
export type SensorChange = Of<'sensor.put' | 'sensor.remove' | 'sensor.pause' | 'sensor.lease' | 'sensor.decide'>

const byName = fixed<{ location: string; name: string }, Selectable<SensorRow>>((db, { location, name }) =>
  db.selectFrom('sensors').selectAll().where('location', '=', location).where('name', '=', name),
)

export async function applySensorChange(session: Session, change: SensorChange): Promise<DropCode | null> {
  const { location, name } = change
  const { db, dialect } = session
  const its = db.updateTable('sensors').where('location', '=', location).where('name', '=', name)
  switch (change.change) {
    case 'sensor.put': {
      const spec = JSON.stringify(change.spec)
      await numbered(session)
      await session.run(
        db
          .insertInto('sensors')
          .values({
            location,
            name,
            spec,
            paused: null,
            retired: 0,
            cursor: null,
            // A new sensor on events begins with what happens from now on.
            after: sql<number>`(select coalesce(max(id), 0) from events)`,
            next_at: change.at,
            failures: 0,
            leased_by: null,
            lease_until: 0,
          })
          .onConflict((conflict) => conflict.columns(['location', 'name']).doUpdateSet({ spec, retired: 0 })),
      )
      return null
    }
    case 'sensor.remove':
      return (await session.run(its.set({ retired: 1 }))) > 0 ? null : 'NAME_UNKNOWN'
    case 'sensor.pause': {
      const paused = change.paused === null ? null : Number(change.paused)
      return (await session.run(its.set({ paused, next_at: change.at }))) > 0 ? null : 'NAME_UNKNOWN'
    }
    case 'sensor.lease': {
      const free = its.where((it) =>
        it.or([it('leased_by', 'is', null), it('leased_by', '=', change.by), it('lease_until', '<', dialect.now)]),
      )
      const taken = await session.run(
        free.set({ leased_by: change.by, lease_until: sql<number>`${dialect.now} + ${change.lease}` }),
      )
      return taken > 0 ? null : 'LEASED'
    }
    case 'sensor.decide':
      return decide(session, change)
  }
}

async function decide(session: Session, change: Of<'sensor.decide'>): Promise<DropCode | null> {
  const { location, name, cursor, after, nextAt, failures, tick } = change
  const decided = await session.run(
    session.db
      .updateTable('sensors')
      .where('location', '=', location)
      .where('name', '=', name)
      .where('leased_by', '=', change.by)
      .set({
        leased_by: null,
        lease_until: 0,
        next_at: nextAt,
        failures,
        ...(cursor !== undefined && { cursor }),
        ...(after !== undefined && { after }),
      }),
  )
  if (decided === 0) return 'LEASED'
  if (tick) await addTicks(session, [{ ...tick, kind: 'sensor', location, name }], failures)
  return null
}

function stateOf(row: Selectable<SensorRow>): SensorState {
  return {
    location: row.location,
    name: row.name,
    spec: JSON.parse(row.spec) as Json,
    paused: row.paused === null ? null : row.paused === 1,
    retired: row.retired === 1,
    cursor: row.cursor,
    after: row.after,
    nextAt: row.next_at,
    failures: row.failures,
    leasedBy: row.leased_by,
    leaseUntil: row.lease_until,
  }
}

export async function listSensors(session: Session, location?: string): Promise<SensorState[]> {
  const all = session.db.selectFrom('sensors').selectAll().orderBy('location').orderBy('name')
  const rows = await session.all(location === undefined ? all : all.where('location', '=', location))
  return readable('sensors', rows, stateOf, ({ location: its, name }) => `${its}/${name}`)
}

export async function getSensor(session: Session, location: string, name: string): Promise<SensorState | null> {
  const row = await first(session, byName(session, { location, name }))
  return row && stateOf(row)
}
