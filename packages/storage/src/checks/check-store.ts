import type { CheckResult } from '@sluice/core'
import type { CheckReads } from '@sluice/engine/store'
import type { Insertable, Selectable } from 'kysely'
import { addEvent } from '../events/event-store.ts'
import { fixed, type Session } from '../session.ts'
import type { CheckRow } from '../tables.ts'

const insert = fixed<Required<Omit<Insertable<CheckRow>, 'id'>>>((db, it) =>
  db
    .insertInto('check_results')
    .values({
      asset: it.asset,
      check: it.check,
      partition: it.partition,
      run: it.run,
      epoch: it.epoch,
      step: it.step,
      at: it.at,
      passed: it.passed,
      severity: it.severity,
      blocking: it.blocking,
      metadata: it.metadata,
    })
    .onConflict((conflict) => conflict.doNothing()),
)

/** Stands for a result that says nothing. */
const unknown = -1

/** Records a result and the event. The fence was passed before. */
export async function recordCheck(session: Session, it: CheckResult, epoch: number): Promise<void> {
  const { asset, check, run, step, at, severity } = it
  const inserted = await session.run(
    insert(session, {
      asset,
      check,
      partition: it.partition ?? '',
      run,
      epoch,
      step,
      at,
      severity,
      passed: it.passed === null ? unknown : Number(it.passed),
      blocking: Number(it.blocking),
      metadata: JSON.stringify(it.metadata),
    }),
  )
  if (inserted === 0) return // sent again
  await addEvent(session, {
    type: 'check.evaluated',
    at,
    run,
    step,
    asset,
    partition: it.partition,
    data: { check, passed: it.passed, severity, blocking: it.blocking },
  })
}

/** The newest result of each check; of the asset as a whole where no partition is asked for. */
export async function latestChecks(session: Session, asset: string, partition?: string | null): Promise<CheckResult[]> {
  const { db } = session
  let newest = db
    .selectFrom('check_results')
    .select(({ fn }) => fn.max('id').as('id'))
    .where('asset', '=', asset)
    .groupBy('check')
  if (partition !== undefined) newest = newest.where('partition', '=', partition ?? '')
  const query = db.selectFrom('check_results').selectAll().where('id', 'in', newest).orderBy('check')
  return (await session.all(query)).map(checkFromRow)
}

/** Of each check and slice the newest result counts: those that are not passed. */
export async function failedChecks(
  session: Session,
  asset: string,
  { limit = 100 }: Parameters<CheckReads['failed']>[1] = {},
): Promise<CheckResult[]> {
  const { db } = session
  const newest = db
    .selectFrom('check_results')
    .select(({ fn }) => fn.max('id').as('id'))
    .where('asset', '=', asset)
    .groupBy(['check', 'partition'])
  const query = db
    .selectFrom('check_results')
    .selectAll()
    .where('id', 'in', newest)
    .where('passed', '=', 0)
    .orderBy('id', 'desc')
    .limit(limit)
  return (await session.all(query)).map(checkFromRow)
}

export async function historyOfCheck(
  session: Session,
  asset: string,
  check: string,
  { partition, before, limit = 50 }: Parameters<CheckReads['history']>[2] = {},
): Promise<CheckResult[]> {
  let query = session.db
    .selectFrom('check_results')
    .selectAll()
    .where('asset', '=', asset)
    .where('check', '=', check)
    .orderBy('id', 'desc')
    .limit(limit)
  if (partition !== undefined) query = query.where('partition', '=', partition ?? '')
  if (before !== undefined) query = query.where('id', '<', before)
  return (await session.all(query)).map(checkFromRow)
}

export async function checksOfRun(
  session: Session,
  run: string,
  { after, limit }: Parameters<CheckReads['ofRun']>[1] = {},
): Promise<CheckResult[]> {
  let query = session.db.selectFrom('check_results').selectAll().where('run', '=', run).orderBy('id')
  if (after !== undefined) query = query.where('id', '>', after)
  if (limit !== undefined) query = query.limit(limit)
  return (await session.all(query)).map(checkFromRow)
}

function checkFromRow({ epoch: _, ...row }: Selectable<CheckRow>): CheckResult {
  return {
    ...row,
    partition: row.partition === '' ? null : row.partition,
    passed: row.passed === unknown ? null : row.passed === 1,
    severity: row.severity as CheckResult['severity'],
    blocking: row.blocking === 1,
    metadata: JSON.parse(row.metadata) as CheckResult['metadata'],
  }
}
