import type { Run, RunId, RunState } from '@sluice/core'

export interface RunQuery {
  readonly states?: readonly RunState[]
  /** Exact name of the target. */
  readonly name?: string
  /** `team` for any run with that tag, `team=data` for one whose tag has that value. */
  readonly tag?: string
  /** In the name or the title, whatever the case of ASCII letters; or the beginning of the id. */
  readonly text?: string
  /** One that it makes or tests. */
  readonly asset?: string
  readonly job?: string
  /** A partition that it makes or tests. */
  readonly partition?: string
  /** Who answers for it. */
  readonly owner?: string
  /** Made at or after; milliseconds since 1970. */
  readonly since?: number
  /** Made before; milliseconds since 1970. */
  readonly until?: number
  /** Only runs made before this one: the `id` of the last row of the page before. Newest first. */
  readonly before?: RunId
  /** Default 50, at most `longestPage`. */
  readonly limit?: number
}

/** `RunQuery` without a page: how many runs pass, by when they were made. */
export interface RunCountQuery extends Omit<RunQuery, 'before' | 'limit'> {
  /** Where counting ends. Where it begins (`since`) is the oldest run, unless it is given. */
  readonly until: number
  /** Into how many stretches of equal length the time is cut; at most 60. */
  readonly parts: number
}

/** Runs of one stretch of time. */
export interface RunCount {
  /** Where it begins; milliseconds since 1970. */
  readonly from: number
  readonly states: Readonly<Partial<Record<RunState, number>>>
  /** Not all were counted: there are at least these. */
  readonly isMore: boolean
}

export interface RunCounts {
  readonly since: number
  readonly until: number
  /** Milliseconds of each. */
  readonly width: number
  readonly counts: readonly RunCount[]
}

export interface RunReads {
  get(id: RunId): Promise<Run | null>
  /** The run whose id starts with this; the newest one for `latest`; `null` where none or several do. */
  find(prefix: string): Promise<Run | null>
  list(query: RunQuery): Promise<readonly Run[]>
  /**
   * How many pass, by time and state. Bounded, however many runs there are: of a stretch 10,000 in each state are
   * counted where only states are asked for, otherwise 1,000 that the narrowest filter passes are looked at.
   */
  counts(query: RunCountQuery): Promise<RunCounts>
  /** Runs that somebody holds: starting, running or canceling. */
  active(): Promise<readonly Run[]>
  /** How these are now, in no order; those that are gone are left out. */
  states(ids: readonly RunId[]): Promise<readonly Pick<Run, 'id' | 'state' | 'epoch'>[]>
  /** What a worker holds. */
  ofOwner(owner: string): Promise<readonly Run[]>
  /** The run that was launched with this word in this scope. */
  once(scope: string, key: string): Promise<RunId | null>
  /** The newest crashed run of this target with equal params, entry and (where given) partitions, that no newer one of the same followed. */
  resumable(q: {
    readonly kind: string
    readonly name: string
    readonly params: string | null
    readonly entry: string | null
    readonly partitions?: readonly string[] | null
  }): Promise<Run | null>
}
