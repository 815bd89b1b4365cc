import type { RunId } from '../runs/run.ts'
import type { StoredError } from '../values/stored.ts'

/** What was decided at one tick of a schedule, or by one look of a sensor, and why. */
export interface TickRecord {
  /** Given by the store, rising; 0 before. */
  readonly id: number
  readonly kind: 'schedule' | 'sensor'
  readonly location: string
  readonly name: string
  /** When it was due, milliseconds since 1970; when it was looked at, of a sensor. */
  readonly scheduledFor: number
  readonly decidedAt: number
  readonly outcome: 'launched' | 'skipped' | 'failed' | 'missed'
  /** Why nothing was launched, in the words of the code or ours. */
  readonly reason: string | null
  readonly error: StoredError | null
  /** The runs that it launched, those found by their `once` key included. */
  readonly runs: readonly RunId[]
  /** Of `missed`: how many ticks were passed over, the first one at `scheduledFor`. 1 otherwise. */
  readonly count: number
}
