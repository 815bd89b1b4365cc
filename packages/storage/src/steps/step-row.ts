import type { Step, StepKind, StepState } from '@sluice/core'
import type { Selectable } from 'kysely'
import { fromJson, inlineOf, refOf, storedValue, toJson } from '../columns.ts'
import type { StepRow } from '../tables.ts'

/** The columns in the order in which they are bound. A list: an object's properties, read by name, cost as much again. */
export const stepColumns = [
  'run',
  'step',
  'parent',
  'kind',
  'name',
  'identity',
  'key',
  'state',
  'waiting_for',
  'attempt',
  'epoch',
  'floor',
  'seq',
  'after',
  'tracked',
  'started_at',
  'ended_at',
  'args',
  'upstream',
  'result',
  'result_ref',
  'error',
  'reason',
  'cached_from',
  'tags',
] as const satisfies readonly (keyof StepRow)[]

type ValuesOf<Columns extends readonly (keyof StepRow)[]> = {
  readonly [Place in keyof Columns]: Selectable<StepRow>[Columns[Place]]
}
export type StepValues = ValuesOf<typeof stepColumns>

export function stepValues(step: Step): StepValues {
  return [
    step.run,
    step.step,
    step.parent,
    step.kind,
    step.name,
    step.identity,
    step.key,
    step.state,
    toJson(step.waitingFor),
    step.attempt,
    step.epoch,
    step.floor,
    step.seq,
    step.after,
    step.tracked ? 1 : 0,
    step.startedAt,
    step.endedAt,
    step.args,
    toJson(step.upstream),
    inlineOf(step.result),
    refOf(step.result),
    toJson(step.error),
    step.reason,
    toJson(step.cachedFrom),
    step.tags.length === 0 ? null : JSON.stringify(step.tags),
  ]
}

export function stepFromRow(row: Selectable<StepRow>): Step {
  return {
    run: row.run,
    step: row.step,
    parent: row.parent,
    kind: row.kind as StepKind,
    name: row.name,
    identity: row.identity,
    key: row.key,
    state: row.state as StepState,
    waitingFor: fromJson(row.waiting_for),
    attempt: row.attempt,
    epoch: row.epoch,
    floor: row.floor,
    seq: row.seq,
    after: row.after,
    tracked: row.tracked === 1,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    args: row.args,
    upstream: fromJson(row.upstream),
    result: storedValue(row.result, row.result_ref),
    error: fromJson(row.error),
    reason: row.reason,
    cachedFrom: fromJson(row.cached_from),
    tags: row.tags === null ? [] : (JSON.parse(row.tags) as string[]),
  }
}
