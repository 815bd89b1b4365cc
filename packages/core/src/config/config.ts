import type { Configured } from '../resources/resource.ts'
import type { Duration } from '../time/duration.ts'
import type { IoFactory } from '../values/io.ts'
import type { Alerts } from './alerts.ts'
import type { Backups, Retention } from './upkeep.ts'

export interface Config {
  /** The files that export the definitions, relative to this file. Default: the file on the command line. */
  readonly entry?: string | readonly string[]
  /**
   * Where runs and records are: `postgres://user:password@host/database`. Default: a file in `.sluice`. It is read before
   * anything else, in a process of its own; `SLUICE_STORE` and `--store` come before it.
   */
  readonly store?: string
  /** Where asset values live. Default: files in the store's folder. */
  readonly values?: IoFactory
  /** Configuration of resources and params of assets, for every environment. */
  readonly with?: readonly Configured[]
  /** The same for one environment (`SLUICE_ENV`, `--env`), over `with`. Default environment: `dev`. */
  readonly environments?: Readonly<Record<string, EnvironmentConfig>>
  /** How many asset steps of one run go on at once. Default 10. */
  readonly concurrency?: number
  /** How long a value that is no longer the latest is kept at most. Default `'30d'`. */
  readonly keepValues?: Duration
  /** How many values of an asset, or of one of its partitions, are kept at most, the latest included. Default 2. */
  readonly keepVersions?: number
  /**
   * Who is told when something needs a person. A function, called when the code is described and not in runs: in it
   * `env('NAME')` stands for the variable of the server, which alone reads it, so that no secret reaches code or store.
   */
  readonly alerts?: () => Alerts
  /** Copies of the SQLite store, made by the server. Default: none. */
  readonly backup?: Backups
  /** How long history is kept. Default: for ever. */
  readonly retention?: Retention
}
export interface EnvironmentConfig {
  readonly store?: string
  /** Instead of the general ones; `null`: nobody is told. */
  readonly alerts?: (() => Alerts) | null
  readonly values?: IoFactory
  readonly with?: readonly Configured[]
}

/** `export default defineConfig({ … })` in `sluice.config.ts`, at the project's root. */
export function defineConfig(config: Config): Config {
  return Object.freeze({ ...config })
}
