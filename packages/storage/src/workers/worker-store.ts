import type { Worker } from '@sluice/core'
import type { Change, DropCode } from '@sluice/engine/store'
import { type Selectable, sql } from 'kysely'
import { addEvent } from '../events/event-store.ts'
import { codeOffered } from '../queue/queue-store.ts'
import { readable } from '../readable.ts'
import { first, fixed, raw, type Session } from '../session.ts'
import type { WorkerRow } from '../tables.ts'

type Of<Name extends Change['change']> = Extract<Change, { change: Name }>

export async function joinWorker(session: Session, { worker, lease }: Of<'worker.join'>): Promise<void> {
  const { db, dialect } = session
  const until = sql<number>`${dialect.now} + ${lease}`
  await session.run(
    db
      .insertInto('workers')
      .values({
        id: worker.id,
        name: worker.name,
        pool: worker.pool,
        slots: worker.slots,
        draining: Number(worker.draining),
        versions: JSON.stringify(worker.versions),
        machine: JSON.stringify(worker.machine),
        joined_at: dialect.now,
        lease_until: until,
      })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ lease_until: until })),
  )
}

export async function renewWorker(session: Session, change: Of<'worker.renew'>): Promise<DropCode | null> {
  const { db, dialect } = session
  const { draining, slots, versions } = change
  const changed = await session.run(
    db
      .updateTable('workers')
      .set({
        lease_until: sql<number>`${dialect.now} + ${change.lease}`,
        ...(draining !== undefined && { draining: Number(draining) }),
        ...(slots !== undefined && { slots }),
        ...(versions !== undefined && { versions: JSON.stringify(versions) }),
      })
      .where('id', '=', change.worker),
  )
  if (changed > 0 && versions !== undefined) await codeOffered(session)
  return changed > 0 ? null : 'WORKER_UNKNOWN'
}

const touch = fixed<{ worker: string }>((db, { worker }) =>
  db
    .updateTable('workers')
    .set((its) => ({ slots: its.ref('slots') }))
    .where('id', '=', worker),
)

/**
 * Is it there, and will it be until the commit? Its row is locked: who removes it waits, and finds what it was given
 * meanwhile. (Only looked at, a session that ends at the same moment would leave a run to nobody.)
 */
export const staysHere = async (session: Session, worker: string): Promise<boolean> =>
  (await session.run(touch(session, { worker }))) > 0

/** `null`: it is not there, or its lease still runs where that is asked. */
export async function removeWorker(
  session: Session,
  change: Of<'worker.leave'>,
): Promise<Selectable<WorkerRow> | null> {
  const { db, dialect } = session
  const row = await first(session, db.selectFrom('workers').selectAll().where('id', '=', change.worker))
  const own = db.deleteFrom('workers').where('id', '=', change.worker)
  const gone = await session.run(change.expired ? own.where('lease_until', '<', dialect.now) : own)
  return gone > 0 ? row : null
}

/** A worker was not heard of any more, and what it held goes on elsewhere. */
export async function tellLost(
  session: Session,
  { id: worker, name, pool, versions, machine }: Selectable<WorkerRow>,
  held: readonly { readonly id: string }[],
  at: number,
): Promise<void> {
  // That its row is damaged does not keep it.
  const [said] = readable(
    'workers',
    [{ versions, machine }],
    (row) => ({
      host: (JSON.parse(row.machine) as Worker['machine']).host,
      locations: Object.keys(JSON.parse(row.versions) as Worker['versions']),
    }),
    () => `${name} (${worker})`,
  )
  const { host = '', locations = [] } = said ?? {}
  const runs = held.map(({ id }) => id)
  await addEvent(session, { type: 'worker.lost', at, run: null, data: { worker, name, pool, host, locations, runs } })
}

const owned = fixed<{ owner: string }, { id: string; epoch: number; state: string }>((db, { owner }) =>
  db.selectFrom('runs').select(['id', 'epoch', 'state']).where('owner', '=', owner).orderBy('id'),
)

/** What a worker holds. */
export const heldBy = (session: Session, owner: string) => session.all(owned(session, { owner }))

export async function listWorkers(session: Session): Promise<Worker[]> {
  const rows = await session.all(
    session.db.selectFrom('workers').selectAll().orderBy('pool').orderBy('name').orderBy('id'),
  )
  return readable('workers', rows, workerFromRow, ({ name, id }) => `${name} (${id})`)
}

function workerFromRow(row: Selectable<WorkerRow>): Worker {
  return {
    id: row.id,
    name: row.name,
    pool: row.pool,
    slots: row.slots,
    draining: row.draining === 1,
    versions: JSON.parse(row.versions) as Worker['versions'],
    machine: JSON.parse(row.machine) as Worker['machine'],
    joinedAt: row.joined_at,
    leaseUntil: row.lease_until,
  }
}

export async function expiredWorkers(session: Session): Promise<{ now: number; workers: string[] }> {
  const { db, dialect } = session
  const [clock] = await session.all(raw<{ now: number }>(db, sql`select ${dialect.now} as now`))
  const query = db.selectFrom('workers').select('id').where('lease_until', '<', dialect.now).orderBy('id')
  return { now: clock!.now, workers: (await session.all(query)).map(({ id }) => id) }
}
