import type { RunId } from '../runs/run.ts'
import type { Json } from '../values/json.ts'

/** What can happen, as stored and sent. All but warnings are written with the change they tell of. */
export type EventType =
  | 'run.created'
  | 'run.started'
  | 'run.resumed'
  | 'run.canceling'
  | 'run.succeeded'
  | 'run.failed'
  | 'run.crashed'
  | 'run.canceled'
  | 'approval.answered'
  | 'step.retrying'
  | 'step.warning'
  | 'run.warning'
  | 'hook.failed'
  | 'asset.materialized'
  | 'asset.observed'
  /** A run was to make it (or to look at it) and did not. */
  | 'asset.failed'
  /** What was known of it was forgotten. `partition` is `null` for all of it. `data`: history, `keep` or `clear`. */
  | 'asset.wiped'
  /** It goes on under another name, `asset`. `data`: from. */
  | 'asset.renamed'
  | 'check.evaluated'
  /** `data`: location, from (null: not known before), to, madeAt. */
  | 'freshness.changed'
  /** Keys of a dynamic set came or went. `data`: name. */
  | 'partitions.changed'
  /** `data`: kind, location, name, scheduledFor, failures (in a row; of a sensor), code, message. */
  | 'tick.failed'
  /** Code could not be loaded, and the code before it could. `data`: location, code, message, hint. */
  | 'location.failed'
  /** New runs, schedules and sensors use another version of the code. `data`: location, from (null: the first), to. */
  | 'location.activated'
  /** A worker was not heard of any more. `data`: worker, name, pool, host, locations, runs. */
  | 'worker.lost'
  /** It was made, or has another state. `data`: backfill, location, state. */
  | 'backfill.changed'
  /** The store could not be copied. `data`: location, failures (in a row), code, message. */
  | 'backup.failed'

export interface SluiceEvent {
  /** Given by the store, in commit order; 0 before. */
  readonly id: number
  readonly type: EventType
  readonly at: number
  readonly run: RunId | null
  readonly step: number | null
  readonly asset: string | null
  readonly partition: string | null
  readonly data: Json
}
