import type { ConditionEvaluation } from '@sluice/core'
import { type Change, type ConditionReads, longestPage } from '@sluice/engine/store'
import type { Selectable } from 'kysely'
import { fromJson, toJson } from '../columns.ts'
import { readable } from '../readable.ts'
import { fixed, type Session } from '../session.ts'
import type { EvaluationRow } from '../tables.ts'

const insert = fixed<Omit<EvaluationRow, 'id'>>((db, it) =>
  db.insertInto('condition_evaluations').values({
    entity: it.entity,
    at: it.at,
    requested: it.requested,
    run: it.run,
    error: it.error,
    tree: it.tree,
  }),
)

export async function addEvaluations(
  session: Session,
  evaluations: Extract<Change, { change: 'conditions.decide' }>['evaluations'],
): Promise<void> {
  await session.each(
    insert,
    evaluations.map((one) => ({
      ...one,
      requested: JSON.stringify(one.requested),
      error: toJson(one.error),
    })),
  )
}

export async function evaluationsOf(
  session: Session,
  { entity, before, limit = 50 }: Parameters<ConditionReads['evaluations']>[0],
): Promise<ConditionEvaluation[]> {
  let query = session.db
    .selectFrom('condition_evaluations')
    .selectAll()
    .where('entity', '=', entity)
    .orderBy('id', 'desc')
    .limit(Math.min(limit, longestPage))
  if (before !== undefined) query = query.where('id', '<', before)
  return evaluations(await session.all(query))
}

export async function latestEvaluations(session: Session, entities: readonly string[]): Promise<ConditionEvaluation[]> {
  if (entities.length === 0) return []
  const { db, dialect } = session
  const newest = db
    .selectFrom('condition_evaluations')
    .select(({ fn }) => fn.max('id').as('id'))
    .where(({ ref }) => dialect.among(ref('entity'), entities) as never)
    .groupBy('entity')
  const query = db.selectFrom('condition_evaluations').selectAll().where('id', 'in', newest).orderBy('entity')
  return evaluations(await session.all(query))
}

const evaluations = (rows: readonly Selectable<EvaluationRow>[]): ConditionEvaluation[] =>
  readable(
    'condition_evaluations',
    rows,
    ({ id, entity, at, requested, run, error, tree }): ConditionEvaluation => ({
      id,
      entity,
      at,
      run,
      requested: JSON.parse(requested) as ConditionEvaluation['requested'],
      error: fromJson(error),
      tree: JSON.parse(tree) as ConditionEvaluation['tree'],
    }),
    ({ id }) => id,
  )
