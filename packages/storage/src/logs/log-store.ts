import type { LogLevel, LogLine } from '@sluice/core'
import type { LogReads } from '@sluice/engine/store'
import type { Insertable } from 'kysely'
import { fixed, type Session } from '../session.ts'
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
