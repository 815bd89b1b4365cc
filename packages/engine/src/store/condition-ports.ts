import type { ConditionEvaluation, Materialization, Run, RunId } from '@sluice/core'

/** How far conditions were decided. */
export interface ConditionHead {
  /** Rises with every look that was decided; 0 before the first. */
  readonly version: number
  /** When the last look was, milliseconds since 1970; `null` before the first. */
  readonly at: number | null
  /** Now, by the store's clock. */
  readonly now: number
  /** The number of the last event; 0 where there is none. */
  readonly lastEvent: number
}

/** The newest record of an asset, with what the run that made it was to make. */
export interface NewestRecord extends Pick<Materialization, 'id' | 'kind' | 'partition' | 'run' | 'at'> {
  /** `null`: the run is not kept any more. */
  readonly of: Pick<Run, 'target' | 'tags' | 'startedAt'> | null
}

/** What is known of the slices of an asset. A key of '' is the whole of an asset that is not partitioned. */
export interface KnownSlices {
  readonly asset: string
  readonly made: readonly string[]
  readonly seen: readonly string[]
  readonly newest: NewestRecord | null
  readonly newestSeen: NewestRecord | null
}

export interface ConditionReads {
  head(): Promise<ConditionHead>
  /** What is remembered, of those that changed after a version, in order of their names: an `EntityStateRecord` as JSON. */
  states(after: number): Promise<readonly { readonly entity: string; readonly state: string }[]>
  /** What people said; the entity '' is all of them. */
  pauses(): Promise<readonly { readonly entity: string; readonly paused: boolean }[]>
  /** Newest first, those before the id where one is given. Default limit 50. */
  evaluations(q: {
    readonly entity: string
    readonly before?: number
    readonly limit?: number
  }): Promise<readonly ConditionEvaluation[]>
  /** The newest evaluation of each of these that has one. */
  latest(entities: readonly string[]): Promise<readonly ConditionEvaluation[]>
  /** Of each asset that anything is known of. */
  known(assets: readonly string[]): Promise<readonly KnownSlices[]>
  /** Runs that make or test assets and are not over, the newest first, a thousand at most: those before the id of one. */
  active(before?: RunId): Promise<readonly Run[]>
}
