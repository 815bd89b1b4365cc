import type { Configured, Definitions, Json, LineLevel, LogLine, Run } from '@sluice/core'
import type { Limits } from '../limits/limits.ts'
import type { ResourcePool } from '../resources/resource-pool.ts'
import type { Journal } from '../steps/journal.ts'
import type { Outbox } from '../steps/outbox.ts'
import type { Running } from '../steps/running.ts'
import type { Store } from '../store/ports.ts'
import type { ValuePlaces } from '../values/places.ts'

/** Runs one attempt of a task in a process of its own. Resolves with the encoded result; rejects with a decoded error. */
export interface Isolate {
  run(call: {
    readonly task: string
    readonly place: string | undefined
    /** The encoded arguments. */
    readonly args: string
    readonly signal: AbortSignal
    readonly log: (level: LineLevel, message: string, data: string | null) => void
  }): Promise<string>
}

/** Wall clock for what is recorded. Durations use the monotonic one. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls back after that many of its milliseconds, for waits that are part of a run; gives back what forgets it. Default: real ones. */
  after?(ms: number, then: () => void): () => void
}

/** The clock's own wait, or a real one. */
export function waitOn(clock: Clock, ms: number, then: () => void): () => void {
  if (clock.after) return clock.after(ms, then)
  const timer = setTimeout(then, ms)
  return () => clearTimeout(timer)
}

/** One claimed run in one process: what its steps share. */
export interface Session {
  readonly run: Run
  readonly store: Store
  readonly outbox: Outbox
  readonly journal: Journal
  readonly clock: Clock
  readonly definitions: Definitions
  /** Those that were derived, by the asset's name. */
  readonly codeVersions: ReadonlyMap<string, string> | undefined
  readonly configured: readonly Configured[]
  readonly values: ValuePlaces
  readonly resources: ResourcePool
  readonly limits: Limits
  readonly isolate: Isolate | undefined
  /** How many asset steps at once. */
  readonly concurrency: number
  /** Attempts that run now. Those that last get a row of their own while they do. */
  readonly running: Running
  /** Why no new step may start; `undefined` while they may. */
  stopped: Error | undefined
  /** Stops the run: new steps reject, signals abort. */
  stop(reason: Error): void
  warn(step: number, code: string, message: string, data?: Readonly<Record<string, Json>>): void
  log(line: Omit<LogLine, 'id' | 'run'>): void
  /** Lines that a replayed function has written already, by its step: that many are not written again. */
  readonly logged: Map<number, number>
  /** Sends the lines that wait. */
  flushLogs(): void
}
