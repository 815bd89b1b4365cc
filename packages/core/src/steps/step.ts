import type { RunId, WaitingFor } from '../runs/run.ts'
import type { StoredError, StoredValue } from '../values/stored.ts'

export type StepState = 'waiting' | 'running' | 'succeeded' | 'failed' | 'skipped' | 'upstream_failed' | 'canceled'

export type StepKind = 'flow' | 'task' | 'step' | 'asset' | 'assets' | 'check'

/** One node of a run's tree, and one row of its journal. */
export interface Step {
  readonly run: RunId
  /** Its number in the run, from 1, in the order of calls; never reused. 0 is the run's own function, recorded only where it is retried. */
  readonly step: number
  /** The step whose code called it; 0 is the run itself. */
  readonly parent: number
  readonly kind: StepKind
  readonly name: string
  /**
   * What makes it the same call on a replay, below its parent: name, hash of the inputs (or the explicit key) and
   * how many times that pair was called before, as `name:hash:n`.
   */
  readonly identity: string
  /** The explicit key, or the partition of an asset; `null` for none. */
  readonly key: string | null
  readonly state: StepState
  readonly waitingFor: WaitingFor | null
  /** From 1; the fence for what it publishes is (run, epoch, step, attempt). */
  readonly attempt: number
  readonly epoch: number
  /**
   * The number of the last outcome when its current attempt began: a failure of its children up to this one belongs to
   * an earlier attempt, and is tried again with it. 0 for the first attempt.
   */
  readonly floor: number
  /** The number of its outcome in the run, in the order of delivery; `null` until it has one. */
  readonly seq: number | null
  /** The number of the last outcome delivered before the call was made; 0 for none. */
  readonly after: number
  /** Was the call made while that delivery drained (and not after a timer, a fetch)? */
  readonly tracked: boolean
  /** Milliseconds since 1970. */
  readonly startedAt: number | null
  readonly endedAt: number | null
  /** The encoded arguments, where they are short. */
  readonly args: string | null
  /** The steps of this run whose results were in the arguments. */
  readonly upstream: readonly number[] | null
  readonly result: StoredValue | null
  readonly error: StoredError | null
  /** Why it was skipped, or which upstream failed. */
  readonly reason: string | null
  /** Where a cached result came from. */
  readonly cachedFrom: { readonly run: RunId; readonly step: number } | null
  readonly tags: readonly string[]
}
