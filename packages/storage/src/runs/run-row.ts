import { type Run, type RunState, type RunTarget, partitionTag } from '@sluice/core'
import type { Selectable } from 'kysely'
import { fromJson, inlineOf, refOf, storedValue, toJson } from '../columns.ts'
import { damagedRow, readable } from '../readable.ts'
import type { RunRow } from '../tables.ts'

export function runToRow(run: Run): Selectable<RunRow> {
  return {
    id: run.id,
    state: run.state,
    waiting_for: toJson(run.waitingFor),
    epoch: run.epoch,
    kind: run.target.kind,
    target: JSON.stringify(run.target),
    partitions: 'partitions' in run.target ? toJson(run.target.partitions) : null,
    name: run.name,
    title: run.title,
    params: run.params,
    tags: JSON.stringify(run.tags),
    entry: run.entry,
    code_version: run.codeVersion,
    owner: run.owner,
    job: run.job,
    location: run.terms?.location ?? null,
    pool: run.terms?.pool ?? null,
    terms: toJson(run.terms),
    cause: JSON.stringify(run.cause),
    owners: JSON.stringify(run.owners),
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

/** Of a list: a damaged one harms no other. */
export const readableRuns = (rows: readonly Selectable<RunRow>[]): Run[] =>
  readable('runs', rows, runFromRow, ({ id }) => id)

/** @throws SluiceError STORE_CORRUPT where the row is damaged. */
export function runFromRow(row: Selectable<RunRow>): Run {
  try {
    return fromRow(row)
  } catch (cause) {
    throw damagedRow(`run ${row.id}`, cause)
  }
}

function fromRow(row: Selectable<RunRow>): Run {
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
    job: row.job,
    terms: fromJson(row.terms),
    cause: JSON.parse(row.cause) as Run['cause'],
    owners: JSON.parse(row.owners) as Run['owners'],
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

/** The tag by which runs are found of who answers for them. */
export const ownerTag = 'sluice/owner'

/** Rows of `run_tags`: its tags, who answers for it, its partitions. */
export function tagsOf({ id, tags, owners, target }: Run): { tag: string; value: string; run: string }[] {
  const found = Object.entries(tags).map(([tag, value]) => ({ tag, value, run: id }))
  for (const value of new Set(owners)) found.push({ tag: ownerTag, value, run: id })
  const partitions = 'partitions' in target ? target.partitions : null
  for (const value of new Set(partitions)) found.push({ tag: partitionTag, value, run: id })
  return found
}

/** Rows of `run_assets`. */
export const assetsOf = ({ id, target }: Run): { asset: string; run: string }[] =>
  'assets' in target ? [...new Set(target.assets)].map((asset) => ({ asset, run: id })) : []

/** Rows of `run_texts`, in one order everywhere: two transactions with the same new ones do not wait in a circle. */
export const textsOf = (runs: readonly Run[]): { text: string }[] =>
  [...new Set(runs.flatMap(({ name, title }) => [name, title ?? name]))].toSorted().map((text) => ({ text }))
