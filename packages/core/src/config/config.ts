import type { Configured } from '../resources/resource.ts'
import type { Duration } from '../time/duration.ts'
import type { IoFactory } from '../values/io.ts'

export interface Config {
  /** The files that export the definitions, relative to this file. Default: the file on the command line. */
  readonly entry?: string | readonly string[]
  /** Where asset values live. Default: files in the store's folder. */
  readonly values?: IoFactory
  /** Configuration of resources and params of assets, for every environment. */
  readonly with?: readonly Configured[]
  /** The same for one environment (`SLUICE_ENV`, `--env`), over `with`. Default environment: `dev`. */
  readonly environments?: Readonly<Record<string, EnvironmentConfig>>
  /** How many asset steps of one run go on at once. Default 10. */
  readonly concurrency?: number
  /** How long a value that is no longer the latest is kept. Default `'30d'`. */
  readonly keepValues?: Duration
}
export interface EnvironmentConfig {
  readonly values?: IoFactory
  readonly with?: readonly Configured[]
}

/** `export default defineConfig({ … })` in `sluice.config.ts`, at the project's root. */
export function defineConfig(config: Config): Config {
  return Object.freeze({ ...config })
}
