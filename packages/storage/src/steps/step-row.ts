import type { Step, StepKind, StepState } from '@sluice/core'
import type { Selectable } from 'kysely'
import { fromJson, inlineOf, refOf, storedValue, toJson } from '../columns.ts'
import type { StepRow } from '../tables.ts'

export function stepToRow(step: Step): Selectable<StepRow> {
  return {
    run: step.run,
    step: step.step,
    parent: step.parent,
    kind: step.kind,
    name: step.name,
    identity: step.identity,
    key: step.key,
    state: step.state,
    waiting_for: toJson(step.waitingFor),
    attempt: step.attempt,
    epoch: step.epoch,
    floor: step.floor,
    seq: step.seq,
    after: step.after,
    tracked: step.tracked ? 1 : 0,
    started_at: step.startedAt,
    ended_at: step.endedAt,
    args: step.args,
    upstream: toJson(step.upstream),
    result: inlineOf(step.result),
    result_ref: refOf(step.result),
    error: toJson(step.error),
    reason: step.reason,
    cached_from: toJson(step.cachedFrom),
    tags: step.tags.length === 0 ? null : JSON.stringify(step.tags),
  }
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
