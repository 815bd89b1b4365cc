import type { Step } from '@sluice/core'
import type { Selectable } from 'kysely'
import { fixed, type Session } from '../session.ts'
import type { StepRow } from '../tables.ts'
import { stepFromRow } from './step-row.ts'
import { stepRow } from './step-store.ts'

const page = fixed<{ run: string; after: number; limit: number }, Selectable<StepRow>>((db, it) =>
  db
    .selectFrom('steps')
    .selectAll()
    .where('run', '=', it.run)
    .where('step', '>', it.after)
    .orderBy('step')
    .limit(it.limit),
)

export async function listSteps(
  session: Session,
  run: string,
  q: { after?: number; limit?: number } = {},
): Promise<Step[]> {
  const rows = await session.all(page(session, { run, after: q.after ?? 0, limit: q.limit ?? 5000 }))
  return rows.map(stepFromRow)
}

export async function getStep(session: Session, run: string, step: number): Promise<Step | null> {
  const row = await stepRow(session, run, step)
  return row && stepFromRow(row)
}

export async function countSteps(session: Session, run: string): Promise<Record<string, number>> {
  const { db } = session
  const query = db.selectFrom('steps').select(['state', db.fn.countAll<number>().as('count')])
  const rows = await session.all(query.where('run', '=', run).groupBy('state'))
  return Object.fromEntries(rows.map((row) => [row.state, row.count]))
}
