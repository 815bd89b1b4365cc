import type { Run } from '@sluice/core'
import type { RunReads } from '@sluice/engine/store'
import { type RawBuilder, sql } from 'kysely'
import { first, type Session } from '../session.ts'
import { readableRuns, runFromRow } from './run-row.ts'
import { rowOf } from './run-store.ts'

export async function getRun(session: Session, id: string): Promise<Run | null> {
  const row = await rowOf(session, id)
  return row && runFromRow(row)
}

export async function findRun(session: Session, prefix: string): Promise<Run | null> {
  if (prefix === '') return null
  const newest = session.db.selectFrom('runs').selectAll().orderBy('id', 'desc')
  if (prefix === 'latest') {
    const row = await first(session, newest.limit(1))
    return row && runFromRow(row)
  }
  const exact = await getRun(session, prefix)
  if (exact) return exact
  const rows = await session.all(newest.where('id', '>', prefix).where('id', '<', `${prefix}\uffff`).limit(2))
  return rows.length === 1 ? runFromRow(rows[0]!) : null
}

/** Read once when a server begins. The condition is that of the index, word for word: a part of it serves no other. */
export async function activeAssetRuns(session: Session, before?: string): Promise<Run[]> {
  const active = sql<boolean>`kind in ('assets', 'checks') and state in ('waiting', 'starting', 'running', 'canceling')`
  let query = session.db.selectFrom('runs').selectAll().where(active).orderBy('id', 'desc').limit(1_000)
  if (before !== undefined) query = query.where('id', '<', before)
  return readableRuns(await session.all(query))
}

export async function activeRuns(session: Session): Promise<Run[]> {
  const query = session.db.selectFrom('runs').selectAll().where('state', 'in', ['starting', 'running', 'canceling'])
  return readableRuns(await session.all(query.orderBy('id')))
}

export async function statesOfRuns(session: Session, ids: readonly string[]) {
  const query = session.db
    .selectFrom('runs')
    .select(['id', 'state', 'epoch'])
    .where(session.dialect.among(sql.ref('id'), ids) as RawBuilder<boolean>)
  return session.all(query.$castTo<Pick<Run, 'id' | 'state' | 'epoch'>>())
}

export async function runsOfOwner(session: Session, owner: string): Promise<Run[]> {
  const query = session.db.selectFrom('runs').selectAll().where('owner', '=', owner).orderBy('id')
  return readableRuns(await session.all(query))
}

export async function onceRun(session: Session, scope: string, key: string): Promise<string | null> {
  const query = session.db.selectFrom('once_keys').select('run').where('scope', '=', scope).where('key', '=', key)
  return (await first(session, query))?.run ?? null
}

export async function resumableRun(session: Session, q: Parameters<RunReads['resumable']>[0]): Promise<Run | null> {
  let same = session.db
    .selectFrom('runs')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(1)
    .where('kind', '=', q.kind)
    .where('name', '=', q.name)
    .where('params', q.params === null ? 'is' : '=', q.params)
    .where('entry', q.entry === null ? 'is' : '=', q.entry)
  if (q.partitions !== undefined) {
    same =
      q.partitions === null
        ? same.where('partitions', 'is', null)
        : same.where('partitions', '=', JSON.stringify(q.partitions))
  }
  const crashed = await first(session, same.where('state', '=', 'crashed'))
  if (!crashed) return null
  const followed = await first(session, same.where('id', '>', crashed.id))
  return followed ? null : runFromRow(crashed)
}
