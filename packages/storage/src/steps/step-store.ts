import type { Step } from '@sluice/core'
import type { DropCode } from '@sluice/engine/store'
import { type Selectable, sql } from 'kysely'
import { first, fixed, raw, type Session } from '../session.ts'
import type { StepRow } from '../tables.ts'
import { stepColumns, type StepValues, stepValues } from './step-row.ts'

/**
 * Inserts the step or moves it on. A row with an outcome stays, and so does one with a higher attempt of this epoch:
 * attempts are counted anew after a claim, so a higher epoch replaces whatever it finds without an outcome (a canceled
 * step has none). A failure is replaced by a higher attempt: its parent is tried again, and it with it.
 */
const record = fixed<StepValues>((db, it) =>
  raw(
    db,
    sql`
  insert into steps (${sql.raw(stepColumns.join(', '))}) values (${sql.join(stepColumns.map((_, n) => it[n]))})
  on conflict (run, step) do update set ${replaceAll}
  where (steps.state in ('waiting', 'running') and excluded.epoch = steps.epoch and excluded.attempt >= steps.attempt)
    or (steps.state in ('waiting', 'running', 'canceled') and excluded.epoch > steps.epoch)
    or (steps.state in ('failed', 'upstream_failed') and excluded.epoch >= steps.epoch and excluded.attempt > steps.attempt)`,
  ),
)

const [, , ...others] = stepColumns // but the key
const replaceAll = sql.raw(others.map((column) => `${column} = excluded.${column}`).join(', '))

/** One answer for each step, in order. The fence was passed before. */
export async function recordSteps(session: Session, steps: readonly Step[]): Promise<(DropCode | null)[]> {
  const changed = await session.each(record, steps.map(stepValues))
  const answers: (DropCode | null)[] = []
  for (const [index, count] of changed.entries()) {
    answers.push(count > 0 || (await recordedAlready(session, steps[index]!)) ? null : 'STEP_ENDED')
  }
  return answers
}

/** Sent again: this outcome is in the store already, or this attempt has one by now. */
export async function recordedAlready(session: Session, step: Step): Promise<boolean> {
  const row = await stepRow(session, step.run, step.step)
  if (!row || row.epoch !== step.epoch || row.attempt !== step.attempt) return false
  return step.seq === null || (row.state === step.state && row.seq === step.seq)
}

const byNumber = fixed<{ run: string; step: number }, Selectable<StepRow>>((db, { run, step }) =>
  db.selectFrom('steps').selectAll().where('run', '=', run).where('step', '=', step),
)

/** The row of a step, or `null`. */
export const stepRow = (session: Session, run: string, step: number) => first(session, byNumber(session, { run, step }))
