import type { Change, DropCode } from '@sluice/engine/store'
import { type RawBuilder, sql } from 'kysely'
import { addEvent } from '../events/event-store.ts'
import { first, raw, type Session } from '../session.ts'

type Wipe = Extract<Change, { change: 'asset.wipe' }>
type Rename = Extract<Change, { change: 'asset.rename' }>

const write = (session: Session, text: RawBuilder<unknown>) => session.run(raw(session.db, text))

/** Forgets what is current of these partitions, and keeps or deletes what was. */
export async function wipeAsset(session: Session, { asset, partitions, history, at }: Wipe): Promise<void> {
  const { alone } = session.dialect
  if (alone) await session.run(alone) // the counts are made anew
  if (partitions?.length === 0) return
  const its =
    partitions === null
      ? sql`asset = ${asset}`
      : sql`asset = ${asset} and ${session.dialect.among(sql.ref('partition'), partitions)}`
  if (history === 'clear') {
    await write(session, sql`delete from materializations where ${its}`)
    await write(session, sql`delete from check_results where ${its}`)
  } else await write(session, sql`update materializations set kind = 'wiped' where ${its} and kind <> 'wiped'`)
  const gone = await session.all(
    raw(session.db, sql<{ partition: string }>`delete from slices where ${its} returning partition`),
  )
  await countAgain(session, asset)
  if (gone.length === 0) return
  const told = partitions === null ? [null] : gone.map((row) => row.partition).toSorted()
  for (const partition of told)
    await addEvent(session, { type: 'asset.wiped', at, run: null, asset, partition, data: { history } })
}

/** Its row, from what there is. */
async function countAgain(session: Session, asset: string): Promise<void> {
  const counts = sql`
    (select count(*) from materializations where asset = ${asset} and kind <> 'wiped') as records,
    (select max(id) from materializations where asset = ${asset} and kind <> 'wiped') as latest,
    (select count(*) from slices where asset = ${asset} and partition <> '' and materialization is not null) as partitions`
  await write(session, sql`delete from assets where asset = ${asset}`)
  await write(
    session,
    sql`insert into assets (asset, records, latest, partitions)
      select ${asset}, records, latest, partitions from (select ${counts}) as counted where latest is not null`,
  )
}

/** Everything that is kept by the name of the asset; and by it, what was made from it stays up to date. */
export async function renameAsset(session: Session, { from, to, at }: Rename): Promise<DropCode | null> {
  const { alone } = session.dialect
  if (alone) await session.run(alone)
  const known = (name: string) =>
    sql<{ known: number }>`select 1 as known where exists (select 1 from materializations where asset = ${name})
      or exists (select 1 from slices where asset = ${name})`
  if (!(await first(session, raw(session.db, known(from))))) return 'NAME_UNKNOWN'
  if (await first(session, raw(session.db, known(to)))) return 'NAME_TAKEN'
  for (const table of ['materializations', 'slices', 'assets', 'check_results', 'run_assets'])
    await write(session, sql`update ${sql.table(table)} set asset = ${to} where asset = ${from}`)
  await write(session, sql`delete from freshness where asset = ${to}`)
  await write(session, sql`update freshness set asset = ${to} where asset = ${from}`)
  await renameEntities(session, from, to)
  await renameInputs(session, from, to)
  await addEvent(session, { type: 'asset.renamed', at, run: null, asset: to, data: { from } })
  return null
}

/**
 * What people paused of its conditions, and why they requested. What conditions remember is not moved: the asset is new to
 * them under its new name, and what it holds counts.
 */
async function renameEntities(session: Session, from: string, to: string): Promise<void> {
  const checks = `check:${from}:`
  const isCheck = sql`substr(entity, 1, ${checks.length}) = ${checks}`
  const its = sql`entity = ${from} or ${isCheck}`
  const renamedEntity = sql`case when entity = ${from} then ${to}
    else ${`check:${to}:`} || substr(entity, ${checks.length + 1}) end`
  await write(session, sql`delete from condition_pauses where entity = ${to}`)
  for (const table of ['condition_pauses', 'condition_evaluations'])
    await write(session, sql`update ${sql.table(table)} set entity = ${renamedEntity} where ${its}`)
}

/** The records that say they were made from it: of slices as they are now. */
async function renameInputs(session: Session, from: string, to: string): Promise<void> {
  const mentions = `%${JSON.stringify(from)
    .slice(1, -1)
    .replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
  const rows = await session.all(
    raw(
      session.db,
      sql<{ id: number; input_versions: string }>`select id, input_versions from materializations
        where id in (select materialization from slices) and input_versions like ${mentions} escape '\\'`,
    ),
  )
  for (const { id, input_versions: before } of rows) {
    const versions = Object.entries((JSON.parse(before) ?? {}) as Record<string, string>)
    const after = JSON.stringify(Object.fromEntries(versions.map(([key, one]) => [renamed(key, from, to), one])))
    if (after !== before)
      await write(session, sql`update materializations set input_versions = ${after} where id = ${id}`)
  }
}

/** `raw/orders` and `raw/orders|2026-01-01`. */
const renamed = (key: string, from: string, to: string): string =>
  key === from ? to : key.startsWith(`${from}|`) ? to + key.slice(from.length) : key
