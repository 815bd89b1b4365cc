import type {
  Alert,
  Backfill,
  BackfillState,
  CheckResult,
  EventType,
  FreshnessNow,
  Location,
  LocationVersion,
  LogLine,
  Materialization,
  RunId,
  ScheduleState,
  SensorState,
  SluiceEvent,
  Step,
  StoredValue,
  TickRecord,
} from '@sluice/core'
import type { Change, Committed, Together } from './changes.ts'
import type { ConditionReads } from './condition-ports.ts'
import type { HistoryReads } from './history-reads.ts'
import type { QueueReads, SlotReads, WorkerReads } from './queue-ports.ts'
import type { RunReads } from './run-ports.ts'

export type * from './condition-ports.ts'
export type * from './queue-ports.ts'
export type * from './run-ports.ts'

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
  readonly failures: FailureReads
  readonly values: ValueReads
  readonly blobs: BlobReads
  readonly queue: QueueReads
  readonly slots: SlotReads
  readonly workers: WorkerReads
  readonly schedules: ScheduleReads
  readonly sensors: SensorReads
  readonly ticks: TickReads
  readonly freshness: FreshnessReads
  readonly conditions: ConditionReads
  readonly locations: LocationReads
  readonly alerts: AlertReads
  readonly backfills: BackfillReads
  readonly history: HistoryReads
  close(): Promise<void>
}

/** Rows of one read at most: a page of the API, and one more that tells whether another page follows. */
export const longestPage = 1_001

/** What going on with a run needs of each of its steps. */
export interface JournalRow extends Pick<
  Step,
  | 'step'
  | 'parent'
  | 'name'
  | 'identity'
  | 'state'
  | 'waitingFor'
  | 'attempt'
  | 'floor'
  | 'seq'
  | 'tracked'
  | 'startedAt'
  | 'error'
  | 'reason'
> {
  readonly result: StoredValue | typeof unread | null
}

/** Stands for an inline result that is too long to be kept in memory: `steps.get` has it. */
export const unread = 'unread'
/** Bytes of an inline result that is kept. */
export const longestKept = 256

/** Rows as columns, all of one length: read and sent in a third of the time. */
export type JournalPage = { readonly [Name in keyof JournalRow]: readonly JournalRow[Name][] }

export interface StepReads {
  /** A chunk of the run's steps with a number above `after`, in order of number. Default limit 5,000. */
  list(run: RunId, page?: { readonly after?: number; readonly limit?: number }): Promise<readonly Step[]>
  /** The same chunk, less of each. */
  journal(run: RunId, page?: { readonly after?: number; readonly limit?: number }): Promise<JournalPage>
  get(run: RunId, step: number): Promise<Step | null>
  /** How many of each state. */
  counts(run: RunId): Promise<Readonly<Record<string, number>>>
}

export interface SliceVersions {
  /** 0 where there is no record. */
  readonly ids: readonly number[]
  readonly dataVersions: readonly string[]
  readonly codeVersions: readonly (string | null)[]
  /** JSON of `Materialization.inputVersions`. */
  readonly inputVersions: readonly string[]
}

export interface AssetReads {
  /** The newest record of this kind (default `materialization`) of each given slice that has one. */
  latest(
    slices: readonly { readonly asset: string; readonly partition: string | null }[],
    kind?: Exclude<Materialization['kind'], 'wiped'>,
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
  /** A chunk of what a run recorded, with ids above `after`, the oldest first. Default limit 5,000. */
  ofRun(run: RunId, page?: { readonly after?: number; readonly limit?: number }): Promise<readonly Materialization[]>
  /** Keys of the partitions that have been materialized, in key order; all of those after `after` where no limit is given. */
  partitions(
    asset: string,
    page?: {
      readonly after?: string
      readonly limit?: number
      /** Those too that were only looked at. */
      readonly observed?: boolean
    },
  ): Promise<readonly string[]>
  /** Slices (`null`: of all assets) that a run was to make and did not, and that were not made since, in order. */
  failed(
    asset: string | null,
  ): Promise<
    readonly { readonly asset: string; readonly partition: string | null; readonly run: RunId; readonly at: number }[]
  >
  /** The partitions of the asset that a run has recorded. */
  keysOfRun(run: RunId, asset: string): Promise<readonly (string | null)[]>
  /** What was recorded of these assets with an id above `after`, in order of ids: at most `limit`. */
  changed(q: {
    readonly assets: readonly string[]
    readonly after: number
    readonly limit: number
  }): Promise<readonly { readonly id: number; readonly asset: string; readonly partition: string | null }[]>
  /**
   * What the newest record of each of these slices of an asset (made or looked at) was made from; `null` where there is
   * none. As columns, each in the order of `partitions`: staleness asks it of many.
   *
   * @param q.withInputs false: only its id and data version are read. Default true.
   */
  versions(
    asset: string,
    partitions: readonly (string | null)[],
    q?: { readonly withInputs?: boolean },
  ): Promise<SliceVersions>
  /** Every asset (of these names) that was ever materialized or observed: the newest record and the number of records. */
  summary(names?: readonly string[]): Promise<
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
  /** The newest results of a check and a slice that did not pass, newest first. Default limit 100. */
  failed(asset: string, q?: { readonly limit?: number }): Promise<readonly CheckResult[]>
  /** What one check came to, newest first; of all slices where no partition is given. Default limit 50. */
  history(
    asset: string,
    check: string,
    q?: { readonly partition?: string | null; readonly before?: number; readonly limit?: number },
  ): Promise<readonly CheckResult[]>
  /** The oldest first; all of those with ids above `after` where no limit is given. */
  ofRun(run: RunId, page?: { readonly after?: number; readonly limit?: number }): Promise<readonly CheckResult[]>
}

export interface FreshnessReads {
  /** Of every asset that has a policy: what it was when somebody looked last, and since when (milliseconds since 1970). */
  list(): Promise<readonly { readonly asset: string; readonly state: FreshnessNow['state']; readonly since: number }[]>
}

export interface PartitionReads {
  /** The keys of a dynamic set, in the order they were added. */
  keys(name: string): Promise<readonly string[]>
  /** A chunk of them, with the numbers that the next one goes on from. */
  page(
    name: string,
    page: { readonly after?: number; readonly limit: number },
  ): Promise<readonly { readonly id: number; readonly key: string }[]>
  count(name: string): Promise<number>
}

export interface CacheReads {
  /** `null` where there is none, or it expired at `now`. */
  get(
    key: string,
    now: number,
  ): Promise<{ readonly run: RunId; readonly step: number; readonly value: StoredValue } | null>
}

export interface EventReads {
  /** The number of the last one; 0 where there is none. */
  last(): Promise<number>
  /**
   * The number from which on all are kept; 1 where none was deleted. A reader whose last number is below `first() - 1`
   * may have missed some: it asks this after it has read a page, as events may be deleted meanwhile.
   */
  first(): Promise<number>
  list(q: {
    readonly run?: RunId
    readonly types?: readonly EventType[]
    readonly after?: number
    readonly limit?: number
  }): Promise<readonly SluiceEvent[]>
  /**
   * The other way: newest first, from before a number on (default: the last). It looks at 20,000 events at most: `next`
   * is where to go on, `null` where there is nothing before.
   */
  recent(q: {
    /** Exact types, or the noun of several: `run`. */
    readonly types?: readonly string[]
    readonly run?: RunId
    readonly asset?: string
    readonly before?: number
    readonly limit: number
  }): Promise<{ readonly events: readonly SluiceEvent[]; readonly next: number | null }>
  /** How far this consumer has read; `null` where it never did. */
  cursor(name: string): Promise<number | null>
}

export interface AlertReads {
  /** Those that have to be tried by now, the oldest first. */
  due(now: number, limit: number): Promise<readonly Alert[]>
  /** Newest first, those before the id where one is given. */
  list(q: { readonly before?: string; readonly limit?: number }): Promise<readonly Alert[]>
}

/** A person knows of a failure. */
export interface Acknowledged {
  /** The fingerprint of the failure. */
  readonly failure: string
  readonly by: string
  /** Milliseconds since 1970. */
  readonly at: number
}

export interface FailureReads {
  /** Newest first, at most `limit`: those of 90 days. */
  acknowledged(limit: number): Promise<readonly Acknowledged[]>
}

export interface LogReads {
  /** `run`: a run, or `@NAME` for what the worker of this name had to say for itself. */
  list(q: {
    readonly run: RunId
    readonly step?: number
    readonly after?: number
    readonly limit?: number
  }): Promise<readonly LogLine[]>
  /**
   * The ids of the lines that contain the text (whatever the case of ASCII letters) in their message or data, of at most
   * 100,000 lines behind `after`. `next` is where to go on, `null` at the end.
   */
  find(q: {
    readonly run: RunId
    readonly text: string
    readonly step?: number
    readonly after?: number
  }): Promise<{ readonly ids: readonly number[]; readonly next: number | null }>
  /** How many lines each step wrote, by its number; those of the run itself under 0. */
  counts(run: RunId): Promise<Readonly<Record<string, number>>>
}

export interface ValueReads {
  /**
   * Materializations and steps (0: the run itself) whose stored value (not inline) may go: older than `before` or past
   * `versions`, not the latest of their slice, of no active or crashed run, in no live cache entry. One row for each
   * value, however many share it.
   */
  collectable(q: CollectableQuery): Promise<readonly CollectableValue[]>
  /** Is the value that this attempt wrote referred to by the journal, or may its run still publish it? */
  live(
    slots: readonly { readonly run: RunId; readonly epoch: number; readonly step: number; readonly attempt: number }[],
  ): Promise<readonly boolean[]>
}

export interface BlobReads {
  /** `null` behind the last piece, and where there is nothing. */
  piece(ref: string, piece: number): Promise<string | null>
  /** In order of their names. Default 1,000, at most 10,000. */
  list(q: { readonly prefix: string; readonly after?: string; readonly limit?: number }): Promise<readonly string[]>
}

export interface CollectableQuery {
  readonly before: number
  /**
   * Younger values go too, where their slice has so many newer ones that were made before `settled`: whoever began
   * after that never read them. Default: none goes for that.
   */
  readonly versions?: { readonly newer: number; readonly settled: number }
  /** Only what this manager keeps. */
  readonly io?: string
  /** Look only at the slices that this run recorded: quick, however much is stored. */
  readonly run?: RunId
  readonly limit: number
}

export type CollectableValue =
  | { readonly materialization: number; readonly name: string; readonly value: StoredValue }
  | { readonly run: RunId; readonly step: number; readonly name: string; readonly value: StoredValue }

export interface ScheduleReads {
  list(location?: string): Promise<readonly ScheduleState[]>
  get(location: string, name: string): Promise<ScheduleState | null>
}

export interface SensorReads {
  list(location?: string): Promise<readonly SensorState[]>
  get(location: string, name: string): Promise<SensorState | null>
}

export interface BackfillReads {
  /** The backfill whose id starts with this; the newest one for `latest`; `null` where none or several do. */
  find(prefix: string): Promise<Backfill | null>
  /** Newest first, those before the id where one is given. Default 50, at most `longestPage`. */
  list(q: {
    readonly states?: readonly BackfillState[]
    readonly before?: string
    readonly limit?: number
  }): Promise<readonly Backfill[]>
  /** Those that are not over, without their plans, which never change. */
  active(): Promise<readonly Omit<Backfill, 'plan'>[]>
}

export interface TickReads {
  /** Newest first, those before the id where one is given. */
  list(q: {
    readonly kind?: TickRecord['kind']
    readonly location?: string
    readonly name?: string
    readonly before?: number
    readonly limit?: number
  }): Promise<readonly TickRecord[]>
}

export interface LocationReads {
  list(): Promise<readonly Location[]>
  version(location: string, version: string): Promise<LocationVersion | null>
  /** Newest first, without their snapshots. Default limit 50, at most 1,001. */
  versions(
    location: string,
    page?: {
      readonly before?: { readonly createdAt: number; readonly version: string }
      readonly limit?: number
    },
  ): Promise<readonly Omit<LocationVersion, 'snapshot'>[]>
}
