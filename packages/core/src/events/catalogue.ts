import type { RunId } from '../runs/run.ts'
import type { Json } from '../values/json.ts'

/** What can happen, as stored and sent. Run, asset and check events are written with the change they tell of. */
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
  | 'check.evaluated'

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
