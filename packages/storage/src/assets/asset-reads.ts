import type { Materialization } from '@sluice/core'
import type { AssetReads } from '@sluice/engine/store'
import type { Selectable } from 'kysely'
import { storedValue } from '../columns.ts'
import { first, fixed, type Session } from '../session.ts'
import type { MaterializationRow } from '../tables.ts'

type Kind = Materialization['kind']
type Slice = { readonly asset: string; readonly partition: string | null }
type Row = Selectable<MaterializationRow>

const current = (which: 'materialization' | 'observation') =>
  fixed<{ asset: string; partition: string }, Row>((db, it) =>
    db
      .selectFrom('slices')
      .innerJoin('materializations', 'materializations.id', `slices.${which}`)
      .selectAll('materializations')
      .where('slices.asset', '=', it.asset)
      .where('slices.partition', '=', it.partition),
  )

const currentOf = { materialization: current('materialization'), observation: current('observation') }

export async function latestOf(
  session: Session,
  slices: readonly Slice[],
  kind: Exclude<Kind, 'wiped'> = 'materialization',
): Promise<Materialization[]> {
  const found: Materialization[] = []
  for (const { asset, partition } of slices) {
    const row = await first(session, currentOf[kind](session, { asset, partition: partition ?? '' }))
    if (row) found.push(materializationFromRow(row))
  }
  return found
}

export async function historyOf(
  session: Session,
  asset: string,
  q: Parameters<AssetReads['history']>[1] = {},
): Promise<Materialization[]> {
  let query = session.db
    .selectFrom('materializations')
    .selectAll()
    .where('asset', '=', asset)
    .orderBy('id', 'desc')
    .limit(q.limit ?? 50)
  if (q.partition !== undefined) query = query.where('partition', '=', q.partition ?? '')
  if (q.kind !== undefined) query = query.where('kind', '=', q.kind)
  if (q.before !== undefined) query = query.where('id', '<', q.before)
  return (await session.all(query)).map(materializationFromRow)
}

/** Found by the table's unique index, which starts with the run: an index of its own would be one more write a row. */
const byRun = fixed<{ run: string; after: number; limit: number }, Row>((db, { run, after, limit }) =>
  db
    .selectFrom('materializations')
    .selectAll()
    .where('run', '=', run)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit),
)

export async function recordedBy(
  session: Session,
  run: string,
  { after = 0, limit = 5000 }: Parameters<AssetReads['ofRun']>[1] = {},
): Promise<Materialization[]> {
  return (await session.all(byRun(session, { run, after, limit }))).map(materializationFromRow)
}

export async function summarizeAssets(session: Session, names?: readonly string[]): ReturnType<AssetReads['summary']> {
  if (names?.length === 0) return []
  let query = session.db
    .selectFrom('assets')
    .innerJoin('materializations', 'materializations.id', 'assets.latest')
    .selectAll('materializations')
    .select(['assets.records', 'assets.partitions'])
    .orderBy('assets.asset')
  if (names) query = query.where('assets.asset', 'in', names)
  return (await session.all(query)).map(({ records, partitions, ...row }) => ({
    asset: row.asset,
    latest: materializationFromRow(row),
    count: records,
    partitions,
  }))
}

function materializationFromRow(row: Row): Materialization {
  return {
    id: row.id,
    kind: row.kind as Kind,
    asset: row.asset,
    partition: row.partition === '' ? null : row.partition,
    run: row.run,
    step: row.step,
    attempt: row.attempt,
    at: row.at,
    value: storedValue(row.value, row.value_ref),
    dataVersion: row.data_version,
    codeVersion: row.code_version,
    inputVersions: JSON.parse(row.input_versions) as Materialization['inputVersions'],
    metadata: JSON.parse(row.metadata) as Materialization['metadata'],
  }
}
