import type { Run } from '@sluice/core'
import type { RunQuery, RunReads } from '@sluice/engine/store'
import { first, type Session } from '../session.ts'
import { runFromRow } from './run-row.ts'
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

export async function listRuns(session: Session, q: RunQuery): Promise<Run[]> {
  const { db, dialect } = session
  let query = db
    .selectFrom('runs')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(Math.min(q.limit ?? 50, 1000))
  if (q.states) query = query.where('state', 'in', q.states)
  if (q.name !== undefined) query = query.where('name', '=', q.name)
  if (q.before !== undefined) query = query.where('id', '<', q.before)
  if (q.asset !== undefined) {
    query = query.where('id', 'in', db.selectFrom('run_assets').select('run').where('asset', '=', q.asset))
  }
  if (q.tag !== undefined) query = query.where('id', 'in', tagged(session, q.tag))
  if (q.text !== undefined) {
    const text = q.text
    query = query.where((its) =>
      its.or((['id', 'name', 'title'] as const).map((it) => dialect.contains(its.ref(it), text))),
    )
  }
  return (await session.all(query)).map(runFromRow)
}

/** `team` is any run with that tag; `team=data` one whose tag has that value. */
function tagged({ db }: Session, tag: string) {
  const at = tag.indexOf('=')
  const runs = db
    .selectFrom('run_tags')
    .select('run')
    .where('tag', '=', at < 0 ? tag : tag.slice(0, at))
  return at < 0 ? runs : runs.where('value', '=', tag.slice(at + 1))
}

export async function activeRuns(session: Session): Promise<Run[]> {
  const query = session.db.selectFrom('runs').selectAll().where('state', 'in', ['starting', 'running', 'canceling'])
  return (await session.all(query.orderBy('id'))).map(runFromRow)
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
