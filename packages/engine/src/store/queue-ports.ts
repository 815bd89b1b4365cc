import type { LimitClaim, RunId, Worker } from '@sluice/core'

/** A run that may be admitted. */
export interface Candidate {
  readonly run: RunId
  readonly epoch: number
  readonly pool: string
  readonly priority: number
  readonly job: string
  readonly location: string
  /** `null` before its first claim. */
  readonly codeVersion: string | null
}

export interface QueueReads {
  /**
   * Whose turn it is in a pool: by priority, among jobs of one priority the one served longest ago, within a job by age.
   * A job's second run comes after the first of every other job of its priority.
   */
  next(pool: string, limit: number): Promise<readonly Candidate[]>
  /** When the next run that waits for a time is due; `null` for none. */
  nextDue(): Promise<number | null>
  /** Runs that were delivered before `before` and that nobody has claimed. */
  unclaimed(before: number): Promise<readonly { readonly run: RunId; readonly epoch: number; readonly pool: string }[]>
  /** Runs that were delivered to a pool, the oldest first. */
  delivered(pool: string, limit: number): Promise<readonly Candidate[]>
  /** How many runs come before this one in its pool; `null` where it does not stand in the queue. */
  ahead(run: RunId): Promise<number | null>
  /** By pool and state. */
  counts(): Promise<readonly { readonly pool: string; readonly state: string; readonly count: number }[]>
}

/** A slot that somebody holds. */
export interface Slot {
  readonly name: string
  readonly key: string | null
  readonly run: RunId
  /** 0: the run itself. */
  readonly step: number
  readonly takenAt: number
}

export interface SlotReads {
  /** The oldest first. */
  held(q: {
    readonly name?: string
    readonly key?: string | null
    readonly run?: RunId
    readonly limit?: number
  }): Promise<readonly Slot[]>
  /** Steps that stand in line, in its order. */
  waiting(q: {
    readonly name?: string
    readonly key?: string | null
    readonly limit?: number
  }): Promise<readonly Omit<Slot, 'takenAt'>[]>
  /** Steps of the run that waited for their turn and have it now. */
  granted(run: RunId, steps: readonly number[]): Promise<readonly number[]>
  /**
   * Limits that are in use or waited for, by name and key: how many hold each, how many runs and steps wait for it. A
   * pool is one of them, by the name `pool:NAME`. Default limit 1,000.
   */
  summary(q?: {
    readonly names?: readonly string[]
    /** `false`: no pools. */
    readonly pools?: boolean
    readonly after?: { readonly name: string; readonly key: string | null }
    readonly limit?: number
  }): Promise<
    readonly { readonly name: string; readonly key: string | null; readonly held: number; readonly waiting: number }[]
  >
  /** The claims of the limits that a run stands in the queue with. */
  claims(run: RunId): Promise<readonly LimitClaim[]>
}

export interface WorkerReads {
  list(): Promise<readonly Worker[]>
  /** The time by the store's clock, and the sessions whose lease has ended by it. */
  expired(): Promise<{ readonly now: number; readonly workers: readonly string[] }>
}
