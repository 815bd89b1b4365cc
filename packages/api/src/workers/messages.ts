import type {
  Json,
  LimitClaim,
  LocationProblem,
  LogLine,
  Metadata,
  Run,
  Snapshot,
  StoredError,
  Worker,
} from '@sluice/core'

/**
 * The version of this protocol. A server takes workers of its own version only: a rolling upgrade drains old workers,
 * whose runs go back to the queue.
 */
export const protocolVersion = 1

/** What holds of a connection, as the server tells a worker that joins. */
export interface Terms {
  /** The session: what owns the runs that the worker executes. */
  readonly session: string
  /** Milliseconds that the session lasts without a beat. */
  readonly lease: number
  /** Milliseconds between two beats. */
  readonly beat: number
}

/** A run that a worker has. */
export interface Held {
  readonly run: string
  readonly epoch: number
}

/** How the process of a run ended. */
export type RunOutcome =
  /** Its end is in the store: it said so itself. */
  | { readonly how: 'ended'; readonly state: Run['state'] }
  /** It stopped without an end, through no fault of its own: the worker drains. */
  | { readonly how: 'given-back' }
  /** Its process died. */
  | { readonly how: 'died'; readonly exitCode: number | null; readonly signal: string | null }
  /** The worker stopped it: over its time or its memory, or its code could not be loaded. */
  | { readonly how: 'failed'; readonly error: StoredError }

/** A code version that a worker can execute. */
export interface OfferedVersion {
  readonly location: string
  readonly version: string
  readonly snapshot: Snapshot
  readonly entries: readonly string[]
  readonly git: { readonly commit: string; readonly dirty: boolean; readonly message: string | null } | null
  /** Hashes of its parts; older workers do not say them. */
  readonly parts?: Readonly<Record<string, string>>
}

/** What is asked of user code for the server: it never loads it. */
export type CodeRequest =
  | { readonly request: 'tick'; readonly schedule: string; readonly scheduledFor: number; readonly timeZone: string }
  | {
      readonly request: 'look'
      readonly sensor: string
      /** Encoded; `null` for none. */
      readonly cursor: string | null
      /** What happened, for a sensor on events. */
      readonly events: readonly Json[]
      /** The keys of dynamic partitions, by name. */
      readonly keys: Readonly<Record<string, readonly string[]>>
      /** Milliseconds that it may take. */
      readonly within: number
    }
  /** What a custom condition says of these assets. */
  | {
      readonly request: 'condition'
      readonly condition: string
      readonly assets: readonly string[]
      /** Milliseconds since 1970. */
      readonly now: number
      /** Milliseconds that it may take. */
      readonly within: number
    }
  /** The params of a launch, with defaults, checked by the code's own schema. */
  | {
      readonly request: 'prepare'
      readonly kind: 'flow' | 'task'
      readonly name: string
      readonly job: string | null
      readonly params: unknown
      readonly texts: Readonly<Record<string, string>>
      /** Of a partitioned job: which slice. */
      readonly partition?: string
    }
  /** The first rows of a stored value. */
  | {
      readonly request: 'preview'
      readonly asset: string
      readonly partition: string | null
      readonly limit: number
    }

/** A run that a schedule or a sensor asks for. */
export interface RequestedRun {
  /** A flow, a task, a job, or a selection of assets. */
  readonly target: string
  /** Encoded; `null` for none. */
  readonly params: string | null
  readonly title: string | null
  readonly once: string | null
  readonly tags: Readonly<Record<string, string>>
  readonly partition: string | null
  /** What the run takes a slot of, for these params; `null` for assets. */
  readonly limits: readonly LimitClaim[] | null
}

/** What a sensor learned of an asset that something else makes. */
export interface ReportedAsset {
  readonly asset: string
  readonly partition: string | null
  readonly what: 'materialization' | 'observation'
  /** `null`: another one than before. */
  readonly dataVersion: string | null
  readonly metadata: Metadata
}

/** Keys that a sensor wants added to a dynamic partition, or removed. */
export interface KeyChange {
  readonly name: string
  readonly add: readonly string[]
  readonly remove: readonly string[]
}

/** What `tick` and `look` answer. */
export type Requested = (
  | { readonly skipped: string }
  | {
      readonly runs: readonly RequestedRun[]
      /** Encoded; left out where it stays. */
      readonly cursor?: string
      readonly reports?: readonly ReportedAsset[]
    }
) & { readonly keys?: readonly KeyChange[] }

/** What `condition` answers, for each asset that was asked about: of all its slices, of none, or of these. */
export type ConditionSaid = readonly (boolean | readonly string[])[]

export type FromWorker =
  | {
      readonly message: 'hello'
      readonly protocol: number
      readonly worker: Pick<Worker, 'name' | 'pool' | 'slots' | 'machine'>
      /** The session it had, where it comes back. */
      readonly session: string | null
      readonly held: readonly Held[]
      /** It brings no code of its own: it fetches what was deployed. */
      readonly fetches: boolean
    }
  /** It lives. Every `beat` milliseconds. `at`: when, by a clock of the worker's own. */
  | { readonly message: 'beat'; readonly draining: boolean; readonly held: readonly Held[]; readonly at?: number }
  /** It can execute this from now on, besides what it said before. `activate`: new runs are to use it (only `dev` says so). */
  | { readonly message: 'offer'; readonly version: OfferedVersion; readonly activate: boolean }
  | { readonly message: 'problem'; readonly location: string; readonly problem: LocationProblem | null }
  /** It can execute this no more: the files have changed. */
  | { readonly message: 'retract'; readonly location: string; readonly version: string }
  /** What the process of a run had to say when there was no connection, and an earlier process of this worker kept. */
  | { readonly message: 'left'; readonly run: string; readonly epoch: number; readonly frame: unknown }
  /** From the child of a run to the store. */
  | { readonly message: 'store'; readonly run: string; readonly epoch: number; readonly frame: unknown }
  /** The same of a process that was asked something: it may read. */
  | { readonly message: 'ask-store'; readonly ask: number; readonly frame: unknown }
  /** What the child of a run printed; `null` for what the worker itself has to say. `seq`: as of `kept`. */
  | {
      readonly message: 'output'
      readonly seq: number
      readonly of: Held | null
      readonly lines: readonly Pick<LogLine, 'at' | 'level' | 'message' | 'step'>[]
    }
  | {
      readonly message: 'done'
      readonly seq: number
      readonly run: string
      readonly epoch: number
      readonly outcome: RunOutcome
    }
  | {
      readonly message: 'answer'
      readonly ask: number
      readonly answer:
        | { readonly ok: true; readonly value: unknown }
        | { readonly ok: false; readonly error: StoredError }
    }
  /** It has given everything back, and goes. */
  | { readonly message: 'bye' }

export type ToWorker =
  | { readonly message: 'welcome'; readonly terms: Terms }
  | { readonly message: 'refused'; readonly error: StoredError }
  /** The answer to a beat: the store has renewed the lease. `at` is the beat's. */
  | { readonly message: 'renewed'; readonly at?: number }
  /** The session has ended: stop everything, and come back as a new one. */
  | { readonly message: 'over' }
  /** Execute this; it was claimed for this session. */
  | {
      readonly message: 'start'
      readonly run: Run
      /** Nothing is in its journal yet. */
      readonly fresh: boolean
      readonly version: string
      /** Milliseconds since its first start, by the server's clock: the worker's may be another. */
      readonly elapsed: number
    }
  | { readonly message: 'store'; readonly run: string; readonly epoch: number; readonly frame: unknown }
  /** The same of a process that was asked something: it may read. */
  | { readonly message: 'ask-store'; readonly ask: number; readonly frame: unknown }
  | { readonly message: 'cancel'; readonly run: string; readonly epoch: number }
  /** Somebody else has the run, or it is over: kill its process, and say nothing of it. */
  | { readonly message: 'drop'; readonly run: string; readonly epoch: number }
  | {
      readonly message: 'ask'
      readonly ask: number
      readonly location: string
      readonly version: string
      readonly request: CodeRequest
      /** Milliseconds. */
      readonly timeout: number
    }
  /** What it said up to this number is in the store; what it has said besides it says again over the next connection. */
  | { readonly message: 'kept'; readonly seq: number }
  /** What was left is in the store, or nobody needs it: it may be deleted. */
  | { readonly message: 'taken'; readonly run: string; readonly epoch: number }
  /** Get the bundle of this version, and offer it. */
  | { readonly message: 'fetch'; readonly location: string; readonly version: string; readonly bundle: string }
  /** Take no new runs. */
  | { readonly message: 'drain' }
