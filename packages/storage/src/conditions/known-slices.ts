import type { Materialization, Run } from '@sluice/core'
import type { KnownSlices, NewestRecord } from '@sluice/engine/store'
import { readable } from '../readable.ts'
import type { Session } from '../session.ts'

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

/** Read once for all that a run made. */
async function runsOf(session: Session, ids: readonly string[]): Promise<Map<string, NonNullable<NewestRecord['of']>>> {
  const { db, dialect } = session
  const query = db
    .selectFrom('runs')
    .select(['id', 'target', 'tags', 'started_at'])
    .where(({ ref }) => dialect.among(ref('id'), ids) as never)
  const rows = await session.all(query)
  return new Map(
    readable(
      'runs',
      rows,
      ({ id, target, tags, started_at: startedAt }) => {
        const of = { target: JSON.parse(target) as Run['target'], tags: JSON.parse(tags) as Run['tags'], startedAt }
        return [id, of] as const
      },
      ({ id }) => id,
    ),
  )
}

async function recordsOf(session: Session, ids: readonly number[]): Promise<Map<number, NewestRecord>> {
  const records = new Map<number, NewestRecord>()
  const wanted = ids.filter((id) => id > 0)
  for (let from = 0; from < wanted.length; from += 5_000) {
    const query = session.db
      .selectFrom('materializations')
      .select(['id', 'kind', 'partition', 'run', 'at'])
      .where('id', 'in', wanted.slice(from, from + 5_000))
    const rows = await session.all(query)
    const runs = await runsOf(session, [...new Set(rows.map(({ run }) => run))])
    for (const { kind, partition, ...row } of rows)
      records.set(row.id, {
        ...row,
        kind: kind as Materialization['kind'],
        partition: partition === '' ? null : partition,
        of: runs.get(row.run) ?? null,
      })
  }
  return records
}
