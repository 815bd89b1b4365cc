import type { LogLevel, LogLine } from '@sluice/core'
import type { LogReads } from '@sluice/engine/store'
import { type Insertable, sql } from 'kysely'
import { first, fixed, type Session } from '../session.ts'
import type { LogRow } from '../tables.ts'

const insert = fixed<Required<Omit<Insertable<LogRow>, 'id'>>>((db, it) =>
  db.insertInto('log_lines').values({
    run: it.run,
    step: it.step,
    attempt: it.attempt,
    at: it.at,
    level: it.level,
    message: it.message,
    data: it.data,
  }),
)

export async function addLines(session: Session, run: string, lines: readonly LogLine[]): Promise<void> {
  const { storable } = session.dialect
  await session.each(
    insert,
    lines.map(({ id: _, message, ...line }) => ({ ...line, message: storable(message), run })),
  )
}

/** How many lines each step wrote; those of the run itself under 0. */
export async function countLines(session: Session, run: string): Promise<Record<string, number>> {
  const rows = await session.all(
    session.db
      .selectFrom('log_lines')
      .select(({ fn }) => ['step', fn.countAll<number>().as('lines')])
      .where('run', '=', run)
      .groupBy('step'),
  )
  return Object.fromEntries(rows.map(({ step, lines }) => [step, lines]))
}

export async function listLines(session: Session, q: Parameters<LogReads['list']>[0]): Promise<LogLine[]> {
  let query = session.db
    .selectFrom('log_lines')
    .selectAll()
    .where('run', '=', q.run)
    .orderBy('id')
    .limit(q.limit ?? 1000)
  if (q.step !== undefined) query = query.where('step', '=', q.step)
  if (q.after !== undefined) query = query.where('id', '>', q.after)
  return (await session.all(query)).map((row) => ({ ...row, level: row.level as LogLevel }))
}

/** Lines that one question looks at. */
const mostLooked = 100_000

export async function findLines(
  session: Session,
  { run, text, step, after }: Parameters<LogReads['find']>[0],
): Promise<{ ids: number[]; next: number | null }> {
  const { db, dialect } = session
  let lines = db.selectFrom('log_lines').where('run', '=', run).orderBy('id').limit(mostLooked)
  if (step !== undefined) lines = lines.where('step', '=', step)
  if (after !== undefined) lines = lines.where('id', '>', after)
  const isIn = (column: 'message' | 'data') => dialect.contains(sql.ref<string | null>(column), text)
  const found = db
    .selectFrom(lines.select(['id', 'message', 'data']).as('looked'))
    .select('id')
    .where(({ or }) => or([isIn('message'), isIn('data')]))
    .orderBy('id')
  const ids = (await session.all(found)).map(({ id }) => id)
  const looked = db
    .selectFrom(lines.select('id').as('looked'))
    .select(({ fn }) => [fn.countAll<number>().as('count'), fn.max('id').as('last')])
  const end = await first(session, looked)
  return { ids, next: end && end.count >= mostLooked ? end.last : null }
}
