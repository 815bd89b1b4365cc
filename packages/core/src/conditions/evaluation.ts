import type { SetRecord } from '../partitions/domain.ts'
import type { RunId } from '../runs/run.ts'
import type { StoredError } from '../values/stored.ts'
import type { TraceRecord } from './trace.ts'

/** What a look at one asset or check came to: kept where something was requested, or the answers were others than before. */
export interface ConditionEvaluation {
  /** Given by the store, rising; 0 before. */
  readonly id: number
  /** The asset's name; `check:asset:name`. */
  readonly entity: string
  /** Milliseconds since 1970. */
  readonly at: number
  /** `false` or no keys: nothing. */
  readonly requested: SetRecord
  /** What was made of the request; `null` where there was none, or `error` says why there is no run. */
  readonly run: RunId | null
  readonly error: StoredError | null
  readonly tree: TraceRecord
}
