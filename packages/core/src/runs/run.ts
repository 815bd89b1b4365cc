import type { LimitOptions } from '../limits/limit.ts'
import type { Retries } from '../steps/retry.ts'
import type { StoredError, StoredValue } from '../values/stored.ts'

/** `r` and 20 letters and digits; ids sort by the time they were made. */
export type RunId = string

export type RunState =
  | 'waiting'
  | 'starting'
  | 'running'
  | 'canceling'
  | 'succeeded'
  | 'failed'
  | 'crashed'
  | 'canceled'

/** Why something waits: what `why` prints and screens name. */
export type WaitingFor =
  | { readonly for: 'time'; readonly until: number }
  /** Its turn at a limit (`pool:NAME` for the slots of a pool): as it was when that was decided. */
  | {
      readonly for: 'turn'
      readonly limit: string
      readonly key?: string
      /** Milliseconds since 1970. */
      readonly since?: number
      /** Some of the runs that held it. */
      readonly holders?: readonly RunId[]
      /** When a rate lets the next one through. */
      readonly until?: number
    }
  /** `version`: no worker has this code version. */
  | { readonly for: 'worker'; readonly version?: string }
  | { readonly for: 'retry'; readonly until: number }
  | { readonly for: 'upstream'; readonly names: readonly string[] }
  | { readonly for: 'person'; readonly request: string }
  | { readonly for: 'event'; readonly event: string }
  | { readonly for: 'child'; readonly run: RunId }

/** What a run executes, as plain data. */
export type RunTarget =
  | { readonly kind: 'flow' | 'task'; readonly name: string }
  /**
   * `partitions`: the keys to make of each partitioned asset, or `null` where none is partitioned. `partitionsOf`: of the
   * assets in it only these; `partitions` has the keys of all. `keysToMake` says which they are.
   */
  | {
      readonly kind: 'assets'
      readonly selection: string
      readonly assets: readonly string[]
      readonly partitions: readonly string[] | null
      readonly partitionsOf?: Readonly<Record<string, readonly string[]>>
    }
  /** Tests of assets, which are not made: `checks` are `asset:check`. */
  | {
      readonly kind: 'checks'
      readonly selection: string
      readonly assets: readonly string[]
      readonly checks: readonly string[]
      readonly partitions: readonly string[] | null
    }

/** One limit that a run (or a step) holds a slot of while it goes on. */
export interface LimitClaim {
  readonly name: string
  /** Of `limit.per(key)`. */
  readonly key: string | null
  readonly options: LimitOptions
}

/** When a run that failed, or crashed for good, is tried again by itself, as a new run. */
export interface RunRetries extends Omit<Retries, 'if'> {
  /** `'failure'` (default): with what succeeded in the run before. `'start'`: with nothing of it. */
  readonly from?: 'failure' | 'start'
}

/** How a run waits for a worker, and what it may use. */
export interface RunTerms {
  /** Whose code it needs. */
  readonly location: string
  readonly pool: string
  /** Higher is sooner. */
  readonly priority: number
  readonly limits: readonly LimitClaim[]
  /** Milliseconds from its start until it is stopped; `null` for no end. */
  readonly maxDuration: number | null
  /** Bytes of all its processes together; `null` for no limit. */
  readonly memory: number | null
  /** How often its own process may die before it is left `crashed`. */
  readonly maxResumes: number
  /** Left out for none. */
  readonly runRetries?: RunRetries
  /** Variables of its process, over all others; left out for none. */
  readonly env?: Readonly<Record<string, string>>
  /** When the code version that it started with is active no more. */
  readonly onCodeChange: 'resume' | 'wait' | 'fail'
}

/** What made a run. */
export interface RunCause {
  readonly by: 'person' | 'schedule' | 'sensor' | 'condition' | 'backfill' | 'flow' | 'retry' | 'report'
  /** Of the schedule or the sensor; the id of the backfill; the run that is tried again; the user, where one is known. */
  readonly name?: string
  /** Of a retry that nobody had to ask for: which one it is, from 1. */
  readonly retry?: number
  /** The time a schedule was due, milliseconds since 1970. */
  readonly scheduledFor?: number
  /** The step that launched it. */
  readonly parent?: { readonly run: RunId; readonly step: number }
}

/** The tag of the slice that a run of a partitioned job of a flow is of; runs of assets are found by theirs the same way. */
export const partitionTag = 'sluice/partition'

export interface Run {
  readonly id: RunId
  readonly state: RunState
  readonly waitingFor: WaitingFor | null
  /** Raised by every claim; every write of the holder carries it. 0 until the first claim. */
  readonly epoch: number
  readonly target: RunTarget
  /** The target's name, or the selection: what lists show and search. */
  readonly name: string
  /** From the flow's run-name template; `null` where it has none. */
  readonly title: string | null
  /** Encoded params (or the arguments of a task that was called by itself); `null` for none. */
  readonly params: string | null
  readonly tags: Readonly<Record<string, string>>
  /** The file the code was loaded from, relative to the project; `null` for code that no file holds. */
  readonly entry: string | null
  /** Hash of definitions and code when the run was first claimed. */
  readonly codeVersion: string | null
  /** The process (its lock) that holds the run; `null` while nobody does. */
  readonly owner: string | null
  /** The job that it was launched by; `null` for none. */
  readonly job: string | null
  /** `null` for a run that the process that made it executes itself. */
  readonly terms: RunTerms | null
  readonly cause: RunCause
  /** Who answers for it: owners of the job or the assets. */
  readonly owners: readonly string[]
  /** The run that this one tries again, adopting its successes. */
  readonly retryOf: RunId | null
  /** How many times it was continued after a crash. */
  readonly resumes: number
  readonly cancelRequested: boolean
  readonly error: StoredError | null
  readonly result: StoredValue | null
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly startedAt: number | null
  readonly endedAt: number | null
}
