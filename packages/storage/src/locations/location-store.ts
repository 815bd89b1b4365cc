import type { Location, LocationProblem, LocationVersion, Snapshot } from '@sluice/core'
import type { Change, DropCode, LocationReads } from '@sluice/engine/store'
import type { Selectable } from 'kysely'
import { fromJson, toJson } from '../columns.ts'
import { addEvent } from '../events/event-store.ts'
import { readable } from '../readable.ts'
import { first, type Session } from '../session.ts'
import type { LocationVersionRow, Tables } from '../tables.ts'

type Of<Name extends Change['change']> = Extract<Change, { change: Name }>
export type LocationChange = Of<'location.register' | 'location.activate' | 'location.problem'>

export async function applyLocationChange(session: Session, change: LocationChange): Promise<DropCode | null> {
  const { db } = session
  if (change.change === 'location.register') return register(session, change.version)
  const { location: name } = change
  if (change.change === 'location.problem') {
    await know(session, name)
    const problem = toJson(change.problem)
    if (change.problem) await tellFailed(session, name, change.problem)
    await session.run(db.updateTable('locations').set({ problem }).where('name', '=', name))
    return null
  }
  return activate(session, change)
}

async function activate(
  session: Session,
  { location, version: to, at }: Of<'location.activate'>,
): Promise<DropCode | null> {
  const { db, dialect } = session
  const version = db
    .selectFrom('location_versions')
    .select('version')
    .where('location', '=', location)
    .where('version', '=', to)
  if (!(await first(session, version))) return 'NAME_UNKNOWN'
  if (dialect.alone) await session.run(dialect.alone)
  const known = await first(session, db.selectFrom('locations').select('active').where('name', '=', location))
  const from = known?.active ?? null
  const set = { active: to, activated_at: at, problem: null }
  await session.run(db.updateTable('locations').set(set).where('name', '=', location))
  if (from !== to) await addEvent(session, { type: 'location.activated', at, run: null, data: { location, from, to } })
  return null
}

/** Once until it is over: code is loaded again and again while somebody mends it. */
async function tellFailed(session: Session, location: string, { at, ...why }: LocationProblem): Promise<void> {
  const known = session.db.selectFrom('locations').select('problem').where('name', '=', location)
  if ((await first(session, known))?.problem !== null) return
  await addEvent(session, { type: 'location.failed', at, run: null, data: { location, ...why } })
}

async function know(session: Session, name: string): Promise<void> {
  await session.run(
    session.db
      .insertInto('locations')
      .values({ name, active: null, activated_at: null, problem: null })
      .onConflict((conflict) => conflict.doNothing()),
  )
}

async function register(session: Session, it: LocationVersion): Promise<null> {
  await know(session, it.location)
  const { bundle } = it
  const insert = session.db.insertInto('location_versions').values({
    location: it.location,
    version: it.version,
    snapshot: JSON.stringify(it.snapshot),
    entries: JSON.stringify(it.entries),
    git: toJson(it.git),
    parts: toJson(it.parts ?? null),
    bundle,
    created_at: it.createdAt,
  })
  await session.run(
    insert.onConflict((conflict) =>
      bundle === null
        ? conflict.doNothing()
        : conflict
            .columns(['location', 'version'])
            .doUpdateSet({ bundle })
            .where('location_versions.bundle', 'is', null),
    ),
  )
  return null
}

export async function listLocations(session: Session): Promise<Location[]> {
  const rows = await session.all(session.db.selectFrom('locations').selectAll().orderBy('name'))
  const read = ({ name, active, activated_at: activatedAt, problem }: Selectable<Tables['locations']>): Location => ({
    name,
    active,
    activatedAt,
    problem: fromJson(problem),
  })
  return readable('locations', rows, read, ({ name }) => name)
}

const about = (row: Omit<Selectable<LocationVersionRow>, 'snapshot'>): Omit<LocationVersion, 'snapshot'> => ({
  location: row.location,
  version: row.version,
  entries: JSON.parse(row.entries) as string[],
  git: fromJson(row.git),
  ...(row.parts !== null && { parts: JSON.parse(row.parts) as Record<string, string> }),
  bundle: row.bundle,
  createdAt: row.created_at,
})

export async function locationVersion(session: Session, location: string, version: string) {
  const query = session.db
    .selectFrom('location_versions')
    .selectAll()
    .where('location', '=', location)
    .where('version', '=', version)
  const row = await first(session, query)
  const rows = row ? [row] : []
  const read = (its: Selectable<LocationVersionRow>): LocationVersion => ({
    ...about(its),
    snapshot: JSON.parse(its.snapshot) as Snapshot,
  })
  return readable('location_versions', rows, read, () => `${location} ${version}`)[0] ?? null
}

export async function locationVersions(
  session: Session,
  location: string,
  { before, limit = 50 }: Parameters<LocationReads['versions']>[1] = {},
) {
  let query = session.db
    .selectFrom('location_versions')
    .select(['location', 'version', 'entries', 'git', 'parts', 'bundle', 'created_at'])
    .where('location', '=', location)
    .orderBy('created_at', 'desc')
    .orderBy('version')
    .limit(Math.min(limit, 1001))
  if (before) {
    const { createdAt, version } = before
    query = query.where((it) =>
      it.or([
        it('created_at', '<', createdAt),
        it.and([it('created_at', '=', createdAt), it('version', '>', version)]),
      ]),
    )
  }
  return readable('location_versions', await session.all(query), about, (row) => `${row.location} ${row.version}`)
}
