import type { Duration, Json, LimitClaim, LogLine, Run, Snapshot, StoredError, StoredValue } from '@sluice/core'
import type { EnvUse } from './host/env-reads.ts'
import type { ModuleGraph } from './host/module-graph.ts'

/** The first thing a child is told: which code it is for. It answers with `ask` 0. */
export interface LoadRequest {
  readonly request: 'load'
  /** Absolute paths of the files that export the definitions; `sluice.config.ts` alone stands for those it names. */
  readonly entries: readonly string[]
  /** The project's root. */
  readonly root: string
  /** The project's `.sluice`: its `cache` holds compiled code. */
  readonly home: string
  /** Note what is read from `process.env`, and let an unset declared variable pass. */
  readonly describing: boolean
}

export interface DescribeRequest {
  readonly request: 'describe'
  readonly environment: string
  /** Absolute path of `sluice.config.ts`; `null` for none. */
  readonly config: string | null
}

/** One step of a task, in this process and alone in it. */
export interface StepRequest {
  readonly request: 'step'
  readonly task: string
  /** Where the task was defined, as its `place()` says: tells two of one name apart. */
  readonly place: string | undefined
  /** The arguments, as `encode` wrote them. */
  readonly args: string
}

/** Execute a run that the parent has claimed, over the store that the parent serves. */
export interface RunRequest {
  readonly request: 'run'
  /** As it was after the claim. */
  readonly run: Run
  /** Nothing is in its journal yet. */
  readonly fresh: boolean
  readonly environment: string
  /** Absolute path of `sluice.config.ts`; `null` for none. */
  readonly config: string | null
  /** Where values go that the configuration says nothing of: files of this machine, or the store that all reach. */
  readonly values: ValuesDefault
  /** Tell between what is printed which step prints it. Default no. */
  readonly marks?: boolean
}

export type ValuesDefault = 'files' | 'store'

/** What `run` answers. `stopped`: it has not ended and can be resumed. */
export type RunAnswer =
  | { readonly state: 'succeeded'; readonly result: StoredValue | null }
  | { readonly state: 'failed' | 'canceled' | 'stopped'; readonly error: StoredError }

/** Make the params of a run out of what a person gave. */
export interface PrepareRequest {
  readonly request: 'prepare'
  readonly kind: 'flow' | 'task'
  readonly name: string
  /** The job whose defaults count; `null` for none. */
  readonly job: string | null
  /** JSON that was given as a whole; `undefined` for none. */
  readonly params: unknown
  /** Single params as text, which may be JSON. */
  readonly texts: Readonly<Record<string, string>>
  /** Of a partitioned job: which slice. */
  readonly partition?: string
}

/** What `prepare` answers: columns of the run. */
export interface Prepared {
  readonly params: string | null
  readonly title: string | null
  readonly tags: readonly string[]
  /** What a run with these params holds while it goes on. */
  readonly limits: readonly LimitClaim[]
}

/** Read the newest value of an asset. */
export interface PreviewRequest {
  readonly request: 'preview'
  readonly asset: string
  readonly partition: string | null
  /** How many rows, or items of a list. */
  readonly limit: number
  readonly environment: string
  readonly config: string | null
}

/** What `preview` answers, encoded. `total` is `null` where there are more and nobody counted. */
export type Preview =
  | { readonly shape: 'rows'; readonly rows: string; readonly total: number | null }
  | { readonly shape: 'value'; readonly value: string }

/** Look for what loading does not find. */
export interface CheckRequest {
  readonly request: 'check'
  readonly environment: string
  readonly config: string | null
}

/** Can these assets be made with what is configured? */
export interface ReadyRequest {
  readonly request: 'ready'
  readonly assets: readonly string[]
  readonly environment: string
  readonly config: string | null
}

export interface Checked {
  readonly problems: readonly StoredError[]
}

/** Delete values that nobody needs. */
export interface CollectRequest {
  readonly request: 'collect'
  readonly environment: string
  readonly config: string | null
  /** How old a value must be; default: as the configuration says, or 30 days. */
  readonly keep?: Duration
  /** Count only. */
  readonly dryRun: boolean
}

/** What `collect` answers. */
export interface CollectedAnswer {
  readonly old: number
  readonly orphans: number
  readonly bytes: number
  readonly keep: Duration
}

/** Asked after it has done something: may it do something else? */
export interface RestRequest {
  readonly request: 'rest'
}

/** What `rest` answers. */
export interface Rest {
  /** Kinds of resources that keep its event loop busy, and did not when its code had been loaded: `Timeout`, `TCPSocketWrap`. */
  readonly left: readonly string[]
  /** Resident memory, in bytes: when its code had been loaded, and now. */
  readonly memory: { readonly loaded: number; readonly now: number }
}

/** What a schedule launches at one tick. */
export interface TickRequest {
  readonly request: 'tick'
  readonly schedule: string
  /** Milliseconds since 1970. */
  readonly scheduledFor: number
  readonly timeZone: string
}

/** What a sensor launches when it looks. */
export interface LookRequest {
  readonly request: 'look'
  readonly sensor: string
  /** Encoded; `null` for none. */
  readonly cursor: string | null
  readonly events: readonly Json[]
  /** The keys of dynamic partitions, by name. */
  readonly keys: Readonly<Record<string, readonly string[]>>
  /** Milliseconds. */
  readonly within: number
}

/** What a custom condition says of these assets. */
export interface ConditionRequest {
  readonly request: 'condition'
  readonly condition: string
  readonly assets: readonly string[]
  /** Milliseconds since 1970. */
  readonly now: number
  /** Milliseconds. */
  readonly within: number
}

export type Request =
  | LoadRequest
  | ReadyRequest
  | TickRequest
  | LookRequest
  | ConditionRequest
  | DescribeRequest
  | PrepareRequest
  | PreviewRequest
  | CheckRequest
  | CollectRequest
  | RunRequest
  | StepRequest
  | RestRequest

/** From parent to child. */
export type ToChild =
  | { readonly message: 'ask'; readonly ask: number; readonly request: Request }
  /** Abort what goes on, tidily. */
  | { readonly message: 'cancel' }

/** From child to parent. */
export type FromChild =
  | { readonly message: 'answer'; readonly ask: number; readonly answer: Answer }
  /** Sent by a timer while it works: its absence means that the event loop is blocked. */
  | { readonly message: 'alive' }
  | Told

export type Answer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: StoredError }

/** What a child tells without being asked. */
export type Told =
  /** A line, when it is logged. `step` is 0 for the run itself, and in a process for one step. */
  | { readonly message: 'log'; readonly line: Omit<LogLine, 'id' | 'run'> }
  /** A promise was rejected and nobody awaited it. */
  | { readonly message: 'unhandled'; readonly error: StoredError }

/** What `describe` answers. */
export interface Description {
  readonly definitions: Snapshot
  /** The files that were loaded: the configuration may have named them. */
  readonly entries: readonly string[]
  readonly graph: ModuleGraph
  /** Variables that the code asks for with `env()`. */
  readonly env: readonly { readonly name: string; readonly fallback: string | undefined; readonly missing: boolean }[]
  /** Variables that it reads without saying so; looked for only where the child was started for `describing`. */
  readonly undeclaredEnv: readonly EnvUse[]
}
