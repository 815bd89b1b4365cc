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
  | { readonly for: 'turn'; readonly limit: string }
  | { readonly for: 'worker' }
  | { readonly for: 'retry'; readonly until: number }
  | { readonly for: 'upstream'; readonly names: readonly string[] }
  | { readonly for: 'person'; readonly request: string }
  | { readonly for: 'event'; readonly event: string }
  | { readonly for: 'child'; readonly run: RunId }

/** What a run executes, as plain data. */
export type RunTarget =
  | { readonly kind: 'flow' | 'task'; readonly name: string }
  /** `partitions`: the keys to make of each partitioned asset, or `null` where none is partitioned. */
  | {
      readonly kind: 'assets'
      readonly selection: string
      readonly assets: readonly string[]
      readonly partitions: readonly string[] | null
    }

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
