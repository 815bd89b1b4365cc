import { isTerminalRun, runStates, SluiceError, type Step } from '@sluice/core'
import type { Change, Committed, DropCode } from '@sluice/engine/store'
import { stepColumns, stepValues } from '../steps/step-row.ts'
import { recordedAlready } from '../steps/step-store.ts'
import type { StepRow } from '../tables.ts'
import { bound, type Connection, nameOf, pgSession } from './connection.ts'

export type StepRecord = Extract<Change, { change: 'step.record' }>

const types: { readonly [Name in keyof StepRow]: 'integer' | 'bigint' | 'text' } = {
  run: 'text',
  step: 'integer',
  parent: 'integer',
  kind: 'text',
  name: 'text',
  identity: 'text',
  key: 'text',
  state: 'text',
  waiting_for: 'text',
  attempt: 'integer',
  epoch: 'integer',
  floor: 'integer',
  seq: 'integer',
  after: 'integer',
  tracked: 'integer',
  started_at: 'bigint',
  ended_at: 'bigint',
  args: 'text',
  upstream: 'text',
  result: 'text',
  result_ref: 'text',
  error: 'text',
  reason: 'text',
  cached_from: 'text',
  tags: 'text',
}
const all = stepColumns.join(', ')
const arrays = stepColumns.map((name, nth) => `$${nth + 3}::${types[name]}[]`)
const terminal = runStates.filter(isTerminalRun).map((state) => `'${state}'`)
const [, , ...others] = stepColumns // but the key

/**
 * Locks the runs, refuses what does not pass their fence, and records the rest, in one statement, whose own commit is
 * the transaction: one way to the database and back. It answers with what was not recorded. The rule for rows that exist
 * is that of `recordSteps` in `steps/step-store.ts`. No two steps of a statement may be the same row.
 */
const text = `
with locked as (
  select id, epoch, state from runs where id = any($1::text[]) order by id for no key update
), given as (
  select * from unnest($2::integer[], ${arrays.join(', ')}) with ordinality as given (fence, ${all}, place)
), fenced as (
  select given.*, case
    when locked.id is null then 'RUN_UNKNOWN'
    when locked.epoch <> given.fence then 'STALE_EPOCH'
    when locked.state in (${terminal.join(', ')}) then 'RUN_ENDED' end as refused
  from given left join locked on locked.id = given.run
), written as (
  insert into steps (${all}) select ${all} from fenced where refused is null order by place
  on conflict (run, step) do update set ${others.map((name) => `${name} = excluded.${name}`).join(', ')}
  where (steps.state in ('waiting', 'running') and excluded.epoch = steps.epoch and excluded.attempt >= steps.attempt)
    or (steps.state in ('waiting', 'running', 'canceled') and excluded.epoch > steps.epoch)
    or (steps.state in ('failed', 'upstream_failed') and excluded.epoch >= steps.epoch and excluded.attempt > steps.attempt)
  returning run, step
)
select place, refused from fenced where refused is not null
union all
select place, null from fenced
  where (select count(*) from written) < (select count(*) from fenced where refused is null) and refused is null
    and not exists (select from written where written.run = fenced.run and written.step = fenced.step)`

interface Refused {
  readonly place: number
  readonly refused: DropCode | null
}

const ok: Committed = Object.freeze({ ok: true })

/** Records steps, each a row of its own; one answer for each, in order. */
export async function recordAtOnce(connection: Connection, changes: readonly StepRecord[]): Promise<Committed[]> {
  const rows = changes.map(({ step }) => stepValues(step))
  const runs = new Set(changes.map(({ step }) => step.run))
  const values = [
    [...runs],
    changes.map(({ epoch }) => epoch),
    ...stepColumns.map((name, nth) =>
      columnOf(
        name,
        rows.map((row) => row[nth]),
      ),
    ),
  ]
  const { rows: refused } = await connection.query(text, values.map(bound), nameOf(text))
  const answers = new Array<Committed>(changes.length).fill(ok)
  for (const { place, refused: code } of refused as readonly Refused[]) {
    const { step } = changes[place - 1]!
    if (code !== null) answers[place - 1] = { ok: false, code }
    else if (!(await isRecorded(connection, step))) answers[place - 1] = { ok: false, code: 'STEP_ENDED' }
  }
  return answers
}

/** Nulls alone are an empty array, which `unnest` fills up: many columns are `null` in every step of a batch. */
function columnOf(name: string, values: readonly unknown[]): readonly unknown[] {
  if (values.every((value) => value === null)) return []
  // It would be taken for an array with more dimensions.
  if (values.some(Array.isArray)) throw new SluiceError('INTERNAL', `The column ${name} of a step cannot hold a list.`)
  return values
}

const isRecorded = (connection: Connection, step: Step) => recordedAlready(pgSession(connection), step)

/** Is this all that is asked, and each a row of its own? */
export function areSteps(items: readonly (Change | readonly Change[])[]): items is readonly StepRecord[] {
  const seen = new Set<string>()
  for (const item of items) {
    if (!('change' in item) || item.change !== 'step.record') return false
    seen.add(`${item.step.step} ${item.step.run}`)
  }
  return items.length > 0 && seen.size === items.length
}
