import type {
  CheckResult,
  LogLine,
  Materialization,
  Run,
  RunId,
  RunState,
  SluiceEvent,
  Step,
  StoredValue,
} from '@sluice/core'
import type { Change, Committed, Together } from './changes.ts'

/**
 * The store: one way to write, and reads by noun. Every method takes and gives plain data, so that the same interface
 * is served across a thread or a process (`connectStore`, `serveStore`).
 */
export interface Store {
  /**
   * Applies changes in one transaction. An item that cannot be applied drops out singly, with the reason; the rest is
   * committed. Resolves when the commit is on disk; rejects with a `STORE_…` error where nothing was written. A read that
   * is asked for later sees it, also before it is acknowledged.
   */
  commit(changes: readonly (Change | Together)[]): Promise<readonly Committed[]>
  readonly runs: RunReads
  readonly steps: StepReads
  readonly assets: AssetReads
  readonly checks: CheckReads
  readonly partitions: PartitionReads
  readonly cache: CacheReads
  readonly events: EventReads
  readonly logs: LogReads
  readonly values: ValueReads
  close(): Promise<void>
}

export interface RunQuery {
  readonly states?: readonly RunState[]
  /** Exact name of the target. */
  readonly name?: string
  /** `team` for any run with that tag, `team=data` for one whose tag has that value. */
  readonly tag?: string
  /** In id, name or title. */
  readonly text?: string
  readonly asset?: string
  /** Only runs made before this one: the `id` of the last row of the page before. Newest first. */
  readonly before?: RunId
  /** Default 50, at most 1,000. */
  readonly limit?: number
}

export interface RunReads {
  get(id: RunId): Promise<Run | null>
  /** The run whose id starts with this; the newest one for `latest`; `null` where none or several do. */
  find(prefix: string): Promise<Run | null>
  list(query: RunQuery): Promise<readonly Run[]>
  /** Runs that somebody holds: starting, running or canceling. */
  active(): Promise<readonly Run[]>
  /** The newest crashed run of this target with equal params, entry and (where given) partitions, that no newer one of the same followed. */
  resumable(q: {
    readonly kind: string
    readonly name: string
    readonly params: string | null
    readonly entry: string | null
    readonly partitions?: readonly string[] | null
  }): Promise<Run | null>
}

export interface StepReads {
  /** A chunk of the run's steps with a number above `after`, in order of number. Default limit 5,000. */
  list(run: RunId, page?: { readonly after?: number; readonly limit?: number }): Promise<readonly Step[]>
  get(run: RunId, step: number): Promise<Step | null>
  /** How many of each state. */
  counts(run: RunId): Promise<Readonly<Record<string, number>>>
}

export interface AssetReads {
  /** The newest record of this kind (default `materialization`) of each given slice that has one. */
  latest(
    slices: readonly { readonly asset: string; readonly partition: string | null }[],
    kind?: Materialization['kind'],
  ): Promise<readonly Materialization[]>
  /** Newest first. */
  history(
    asset: string,
    q?: {
      readonly partition?: string | null
      readonly kind?: Materialization['kind']
      readonly before?: number
      readonly limit?: number
    },
  ): Promise<readonly Materialization[]>
  /** Keys of the partitions that have been materialized, in key order. */
  partitions(asset: string): Promise<readonly string[]>
  /** Every asset that was ever materialized or observed: the newest record and the number of records. */
  summary(): Promise<
    readonly {
      readonly asset: string
      readonly latest: Materialization
      readonly count: number
      readonly partitions: number
    }[]
  >
}

export interface CheckReads {
  /** The newest result of each check, in order of their names; of all slices together where no partition is given. */
  latest(asset: string, partition?: string | null): Promise<readonly CheckResult[]>
  ofRun(run: RunId): Promise<readonly CheckResult[]>
}

export interface PartitionReads {
  /** The keys of a dynamic set, in the order they were added. */
  keys(name: string): Promise<readonly string[]>
}

export interface CacheReads {
  /** `null` where there is none, or it expired at `now`. */
  get(
    key: string,
    now: number,
  ): Promise<{ readonly run: RunId; readonly step: number; readonly value: StoredValue } | null>
}

export interface EventReads {
  list(q: { readonly run?: RunId; readonly after?: number; readonly limit?: number }): Promise<readonly SluiceEvent[]>
}

export interface LogReads {
  list(q: {
    readonly run: RunId
    readonly step?: number
    readonly after?: number
    readonly limit?: number
  }): Promise<readonly LogLine[]>
  /** How many lines each step wrote, by its number; those of the run itself under 0. */
  counts(run: RunId): Promise<Readonly<Record<string, number>>>
}

export interface ValueReads {
  /**
   * Materializations and steps (0: the run itself) whose stored value (not inline) may go: older than `before`, not the
   * latest of their slice, of no active or crashed run, in no live cache entry. One row for each value, however many share it.
   */
  collectable(q: { readonly before: number; readonly limit: number }): Promise<readonly CollectableValue[]>
  /** Is the value that this attempt wrote referred to by the journal, or may its run still publish it? */
  live(
    slots: readonly { readonly run: RunId; readonly epoch: number; readonly step: number; readonly attempt: number }[],
  ): Promise<readonly boolean[]>
}

export type CollectableValue =
  | { readonly materialization: number; readonly name: string; readonly value: StoredValue }
  | { readonly run: RunId; readonly step: number; readonly name: string; readonly value: StoredValue }
