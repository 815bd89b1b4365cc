import type { RunId } from '@sluice/core'
import { sql } from 'kysely'
import { collected } from '../columns.ts'
import { fixed, raw, type Session } from '../session.ts'

/**
 * Copies the successes of a run, by number, with their outcome numbers: a retry replays them in the order they had.
 * The steps above them that did not succeed come along as calls without an outcome, so that the identities below them
 * are found; all of those run again. A success whose value was collected is left out: it has to run again too.
 */
export async function adoptSteps(
  session: Session,
  change: { run: RunId; epoch: number; from: RunId; without?: readonly number[] },
): Promise<void> {
  const { run, from, without = [] } = change
  const { alone } = session.dialect
  if (alone) await session.run(alone) // a value that is dropped meanwhile would not be copied as dropped
  await session.run(copySuccesses(session, change))
  // In two statements: a list has no fixed length, and a retry of chosen steps is no hot path.
  if (without.length > 0) await session.run(raw(session.db, leaveOut(run, from, without)))
  await session.run(copyAncestors(session, change))
}

const leaveOut = (run: RunId, from: RunId, without: readonly number[]) => sql`
  delete from steps where run = ${run} and step in (
    with recursive below (step) as (
      select step from steps where run = ${from} and step in (${sql.join(without)})
      union
      select steps.step from steps join below on steps.parent = below.step where steps.run = ${from}
    ), above (step) as (
      select parent from steps where run = ${from} and step in (${sql.join(without)})
      union
      select steps.parent from steps join above on steps.step = above.step where steps.run = ${from}
    )
    select step from below union select step from above
  )`

type Values = { run: string; epoch: number; from: string }

const kept = sql.raw('step, parent, kind, name, identity, key')

const copySuccesses = fixed<Values>((db, { run, epoch, from }) =>
  raw(
    db,
    sql`
  insert into steps (run, epoch, ${kept}, state, attempt, floor, seq, after, tracked, started_at, ended_at,
    args, upstream, result, result_ref, reason, cached_from, tags)
  select ${run}, ${epoch}, ${kept}, state, attempt, floor, seq, after, tracked, started_at, ended_at,
    args, upstream, result, result_ref, reason, cached_from, tags
  from steps where run = ${from} and state = 'succeeded' and coalesce(result_ref, '-') <> ${sql.lit(collected)}
  on conflict do nothing`,
  ),
)

const copyAncestors = fixed<Values>((db, { run, epoch, from }) =>
  raw(
    db,
    sql`
  with recursive above (step) as (
    select parent from steps where run = ${run}
    union
    select steps.parent from steps join above on steps.step = above.step where steps.run = ${from}
  )
  insert into steps (run, epoch, ${kept}, state, attempt, floor, after, tracked, args, upstream, tags)
  select ${run}, ${epoch}, ${kept}, 'waiting', 1, 0, after, tracked, args, upstream, tags
  from steps where run = ${from} and step in (select step from above)
  on conflict do nothing`,
  ),
)
