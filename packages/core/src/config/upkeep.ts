import type { Duration } from '../time/duration.ts'

/** Copies of the SQLite store, made by the server while it works. One of Postgres is backed up by its own tools. */
export interface Backups {
  /** How often: after so long without one. Either this or `cron`. */
  readonly every?: Duration
  /** Five fields, such as `'0 3 * * *'`. */
  readonly cron?: string
  /** Of `cron`. Default `'UTC'`. */
  readonly timeZone?: string
  /** How many copies stay; older ones are deleted. Default 7. */
  readonly keep?: number
  /** Where to; relative to the store's own folder. Default `'backups'`. */
  readonly folder?: string
}

/**
 * How long history is kept, counted from when it ended. What is left out is kept for ever. Runs that are not over, runs
 * that a kept retry adopted from, and the latest record of each asset, partition and check stay in any case.
 */
export interface Retention {
  /** Runs with their steps and logs, backfills that are over, records of assets and checks that newer ones replaced, and words of launches. */
  readonly runs?: Duration
  /** Lines of logs, of runs that are over. */
  readonly logs?: Duration
  /** Events, and alerts that have left. */
  readonly events?: Duration
  /** What schedules and sensors decided; the latest of each stays. */
  readonly ticks?: Duration
  /** Why conditions requested something or did not; the latest of each stays. Default: as `ticks`. */
  readonly conditions?: Duration
  /** How much longer an event stays that a sensor, or another that reads them in order, has not read yet. Default `'7d'`. */
  readonly unread?: Duration
}
