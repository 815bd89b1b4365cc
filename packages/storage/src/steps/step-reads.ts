import type { Step, StepState } from '@sluice/core'
import { type JournalPage, type JournalRow, longestKept, unread } from '@sluice/engine/store'
import { type Selectable, sql } from 'kysely'
import { fromJson, storedValue } from '../columns.ts'
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

const journalPage = fixed<{ run: string; after: number; limit: number }, JournalColumns>((db, it) =>
  db
    .selectFrom('steps')
    .select(['step', 'parent', 'name', 'identity', 'state', 'waiting_for', 'attempt', 'floor', 'seq', 'tracked'])
    .select(['started_at', 'result_ref', 'error', 'reason'])
    .select(sql<number | null>`octet_length(result)`.as('bytes'))
    .select(sql<string | null>`case when octet_length(result) <= ${sql.lit(longestKept)} then result end`.as('result'))
    .where('run', '=', it.run)
    .where('step', '>', it.after)
    .orderBy('step')
    .limit(it.limit),
)
type JournalColumns = Pick<
  Selectable<StepRow>,
  | 'step'
  | 'parent'
  | 'name'
  | 'identity'
  | 'state'
  | 'waiting_for'
  | 'attempt'
  | 'floor'
  | 'seq'
  | 'tracked'
  | 'started_at'
  | 'result'
  | 'result_ref'
  | 'error'
  | 'reason'
> & { bytes: number | null }

export async function journalOf(
  session: Session,
  run: string,
  q: { after?: number; limit?: number } = {},
): Promise<JournalPage> {
  const rows = await session.all(journalPage(session, { run, after: q.after ?? 0, limit: q.limit ?? 5000 }))
  const page: { [Name in keyof JournalRow]: JournalRow[Name][] } = {
    step: [],
    parent: [],
    name: [],
    identity: [],
    state: [],
    waitingFor: [],
    attempt: [],
    floor: [],
    seq: [],
    tracked: [],
    startedAt: [],
    result: [],
    error: [],
    reason: [],
  }
  for (const row of rows) {
    page.step.push(row.step)
    page.parent.push(row.parent)
    page.name.push(row.name)
    page.identity.push(row.identity)
    page.state.push(row.state as StepState)
    page.waitingFor.push(fromJson(row.waiting_for))
    page.attempt.push(row.attempt)
    page.floor.push(row.floor)
    page.seq.push(row.seq)
    page.tracked.push(row.tracked === 1)
    page.startedAt.push(row.started_at)
    const isLong = row.bytes !== null && row.bytes > longestKept
    page.result.push(isLong ? unread : storedValue(row.result, row.result_ref))
    page.error.push(fromJson(row.error))
    page.reason.push(row.reason)
  }
  return page
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
