import type { Run, RunState, RunTarget } from '@sluice/core'
import type { Selectable } from 'kysely'
import { fromJson, inlineOf, refOf, storedValue, toJson } from '../columns.ts'
import type { RunRow } from '../tables.ts'

export function runToRow(run: Run): Selectable<RunRow> {
  return {
    id: run.id,
    state: run.state,
    waiting_for: toJson(run.waitingFor),
    epoch: run.epoch,
    kind: run.target.kind,
    target: JSON.stringify(run.target),
    partitions: run.target.kind === 'assets' ? toJson(run.target.partitions) : null,
    name: run.name,
    title: run.title,
    params: run.params,
    tags: JSON.stringify(run.tags),
    entry: run.entry,
    code_version: run.codeVersion,
    owner: run.owner,
    retry_of: run.retryOf,
    resumes: run.resumes,
    cancel_requested: Number(run.cancelRequested),
    error: toJson(run.error),
    result: inlineOf(run.result),
    result_ref: refOf(run.result),
    created_at: run.createdAt,
    started_at: run.startedAt,
    ended_at: run.endedAt,
  }
}

export function runFromRow(row: Selectable<RunRow>): Run {
  return {
    id: row.id,
    state: row.state as RunState,
    waitingFor: fromJson(row.waiting_for),
    epoch: row.epoch,
    target: JSON.parse(row.target) as RunTarget,
    name: row.name,
    title: row.title,
    params: row.params,
    tags: JSON.parse(row.tags) as Run['tags'],
    entry: row.entry,
    codeVersion: row.code_version,
    owner: row.owner,
    retryOf: row.retry_of,
    resumes: row.resumes,
    cancelRequested: row.cancel_requested === 1,
    error: fromJson(row.error),
    result: storedValue(row.result, row.result_ref),
    createdAt: row.created_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
  }
}
