import type { Spans } from '../partitions/spans.ts'
import type { FreshnessState } from './condition.ts'
import type { Entity } from './graph.ts'

/** Slices with the time at which something happened to them; milliseconds since 1970. */
export interface Timed {
  readonly at: number
  readonly set: Spans
}

/** Slices that were made since the tick before. */
export interface Update extends Timed {
  /** When the run that made them began to; it may not have seen what was made after that. Default `at`. */
  readonly began?: number
  /** The tags of the run. */
  readonly tags?: Readonly<Record<string, string>>
}

/** The run that last made an asset. */
export interface LatestRun {
  /** The slices that the newest record is of. */
  readonly set: Spans
  /** Ids of the entities that the run was to make. */
  readonly targets: ReadonlySet<string>
  readonly tags: Readonly<Record<string, string>>
}

/**
 * What happened, as sets of slices that exist now: what a pure evaluation asks. Whoever answers may read a store ahead,
 * or a table in memory; nothing here waits.
 */
export interface Facts {
  /** Made; of an asset that something else makes, made or observed. */
  materialized(asset: Entity): Spans
  runInProgress(entity: Entity): Spans
  backfillInProgress(asset: Entity): Spans
  executionFailed(entity: Entity): Spans
  /** Since the tick before. */
  updates(entity: Entity): readonly Update[]
  /** Of those, where the data version is another than before. */
  dataChanged(asset: Entity): Spans
  latestRun(entity: Entity): LatestRun | null
  /** Against what the asset holds now; `null`: it did not run. `unknown`: it could not say. */
  check(check: Entity): 'passed' | 'failed' | 'unknown' | 'running' | 'broken' | null
  freshness(asset: Entity): FreshnessState | null
  /** Failures in a row, since it was last made. */
  failures(entity: Entity): readonly { readonly at: number; readonly count: number; readonly set: Spans }[]
  custom(name: string, entity: Entity): Spans
}
