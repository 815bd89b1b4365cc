import type { AssetReads, SliceVersions } from '@sluice/engine/store'
import { sql } from 'kysely'
import { fixed, raw, type Session } from '../session.ts'

export async function madePartitions(
  session: Session,
  asset: string,
  { after = '', limit, observed = false }: Parameters<AssetReads['partitions']>[1] = {},
): Promise<string[]> {
  let query = session.db
    .selectFrom('slices')
    .select('partition')
    .where('asset', '=', asset)
    .where('partition', '>', after)
    .where((row) =>
      observed
        ? row.or([row('materialization', 'is not', null), row('observation', 'is not', null)])
        : row('materialization', 'is not', null),
    )
    .orderBy('partition')
  if (limit !== undefined) query = query.limit(limit)
  return (await session.all(query)).map((row) => row.partition)
}

export async function failedSlices(session: Session, asset: string | null): ReturnType<AssetReads['failed']> {
  let query = session.db
    .selectFrom('slices')
    .select(['asset', 'partition', 'failed', 'failed_at'])
    .where('failed', 'is not', null)
    .orderBy('asset')
    .orderBy('partition')
  if (asset !== null) query = query.where('asset', '=', asset)
  return (await session.all(query)).map((row) => ({
    asset: row.asset,
    partition: keyOf(row.partition),
    run: row.failed!,
    at: row.failed_at!,
  }))
}

const keyOf = (stored: string): string | null => (stored === '' ? null : stored)

/** Found by the table's unique index, which starts with the run. */
const ofRun = fixed<{ run: string; asset: string }, { partition: string }>((db, { run, asset }) =>
  db.selectFrom('materializations').select('partition').distinct().where('run', '=', run).where('asset', '=', asset),
)

export async function keysOfRun(session: Session, run: string, asset: string): Promise<(string | null)[]> {
  return (await session.all(ofRun(session, { run, asset }))).map((row) => keyOf(row.partition))
}

export async function changedSlices(
  session: Session,
  { assets, after, limit }: Parameters<AssetReads['changed']>[0],
): ReturnType<AssetReads['changed']> {
  if (assets.length === 0) return []
  const query = session.db
    .selectFrom('materializations')
    .select(['id', 'asset', 'partition'])
    .where('asset', 'in', assets)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
  return (await session.all(query)).map((row) => ({ ...row, partition: keyOf(row.partition) }))
}

interface VersionRow {
  nth: number
  id: number
  data_version: string
  code_version?: string | null
  input_versions?: string
}

/**
 * What something else makes may be known by a look alone: the newer of the two counts. Each key is looked for by itself
 * (`cross join` keeps SQLite from going through all slices of the asset for a few).
 */
export async function versionsOf(
  session: Session,
  asset: string,
  partitions: readonly (string | null)[],
  { withInputs = true }: Parameters<AssetReads['versions']>[2] = {},
): Promise<SliceVersions> {
  const inputs = withInputs ? sql`, made.code_version, made.input_versions` : sql``
  const rows = await session.all(
    raw(
      session.db,
      sql<VersionRow>`select listed.nth, made.id, made.data_version${inputs}
        from ${session.dialect.listed(partitions.map((key) => key ?? ''))}
        cross join slices join materializations as made on made.id = case
          when coalesce(slices.materialization, 0) > coalesce(slices.observation, 0) then slices.materialization
          else slices.observation end
        where slices.asset = ${asset} and slices.partition = listed.value`,
    ),
  )
  const columns = {
    ids: partitions.map(() => 0),
    dataVersions: partitions.map(() => ''),
    codeVersions: partitions.map((): string | null => null),
    inputVersions: partitions.map(() => 'null'),
  }
  for (const { nth, id, data_version: data, code_version: code = null, input_versions: read } of rows) {
    columns.ids[nth] = id
    columns.dataVersions[nth] = data
    columns.codeVersions[nth] = code
    if (read !== undefined) columns.inputVersions[nth] = read
  }
  return columns
}
