import type { Materialization, Run } from '@sluice/core'
import type { KnownSlices, NewestRecord } from '@sluice/engine/store'
import { sql } from 'kysely'
import { raw, type Session } from '../session.ts'

interface Known {
  readonly made: string[]
  readonly seen: string[]
  newest: number
  newestSeen: number
}

/** Read for many assets at once when a server begins; from then on events tell what changes. */
export async function knownSlices(session: Session, assets: readonly string[]): Promise<KnownSlices[]> {
  if (assets.length === 0) return []
  const { db, dialect } = session
  const rows = await session.all(
    db
      .selectFrom('slices')
      .select(['asset', 'partition', 'materialization', 'observation'])
      .where(({ ref }) => dialect.among(ref('asset'), assets) as never),
  )
  const found = new Map<string, Known>()
  for (const { asset, partition, materialization, observation } of rows) {
    let one = found.get(asset)
    if (!one) found.set(asset, (one = { made: [], seen: [], newest: 0, newestSeen: 0 }))
    if (materialization !== null) {
      one.made.push(partition)
      one.newest = Math.max(one.newest, materialization)
    }
    if (observation !== null) {
      one.seen.push(partition)
      one.newestSeen = Math.max(one.newestSeen, observation)
    }
  }
  const records = await recordsOf(
    session,
    [...found.values()].flatMap(({ newest, newestSeen }) => [newest, newestSeen]),
  )
  return [...found].map(([asset, { made, seen, newest, newestSeen }]) => ({
    asset,
    made,
    seen,
    newest: records.get(newest) ?? null,
    newestSeen: records.get(newestSeen) ?? null,
  }))
}

interface RecordRow {
  id: number
  kind: string
  partition: string
  run: string
  at: number
  target: string | null
  tags: string | null
  started_at: number | null
}

async function recordsOf(session: Session, ids: readonly number[]): Promise<Map<number, NewestRecord>> {
  const records = new Map<number, NewestRecord>()
  const wanted = ids.filter((id) => id > 0)
  for (let from = 0; from < wanted.length; from += 5_000) {
    const chunk = wanted.slice(from, from + 5_000)
    const rows = await session.all(
      raw(
        session.db,
        sql<RecordRow>`select made.id, made.kind, made.partition, made.run, made.at, runs.target, runs.tags, runs.started_at
          from materializations as made left join runs on runs.id = made.run where made.id in (${sql.join(chunk)})`,
      ),
    )
    for (const row of rows) records.set(row.id, recordOf(row))
  }
  return records
}

function recordOf({ id, kind, partition, run, at, target, tags, started_at: startedAt }: RecordRow): NewestRecord {
  const of = target === null || tags === null ? null : { ...parsed(target, tags), startedAt }
  return { id, kind: kind as Materialization['kind'], partition: partition === '' ? null : partition, run, at, of }
}

const parsed = (target: string, tags: string) => ({
  target: JSON.parse(target) as Run['target'],
  tags: JSON.parse(tags) as Run['tags'],
})
