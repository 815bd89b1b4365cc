import { SluiceError } from '../errors/sluice-error.ts'
import type { Configured } from '../resources/resource.ts'
import type { IoFactory } from '../values/io.ts'
import type { Config } from './config.ts'

/** The configuration of one environment. */
export interface Settings {
  readonly config: Config
  readonly configured: readonly Configured[]
  readonly store?: string | undefined
  readonly values: IoFactory | undefined
  readonly alerts: Config['alerts'] | null
}

/**
 * What `sluice.config.ts` (`file`, for errors) exports, for one environment.
 *
 * @throws SluiceError CONFIG_INVALID
 */
export function settingsOf(config: unknown, environment: string, file: string): Settings {
  if (typeof config !== 'object' || config === null) {
    throw new SluiceError('CONFIG_INVALID', `${file} has no default export.`, {
      hint: 'export default defineConfig({ … })',
    })
  }
  const given: Config = config
  const own = given.environments?.[environment]
  if (given.environments && !own && environment !== 'dev') {
    throw new SluiceError('CONFIG_INVALID', `${file} has no environment "${environment}".`, {
      hint: `It has: ${Object.keys(given.environments).join(', ')}.`,
    })
  }
  return {
    config: given,
    configured: [...(given.with ?? []), ...(own?.with ?? [])],
    store: own?.store ?? given.store,
    values: own?.values ?? given.values,
    alerts: own?.alerts === undefined ? given.alerts : own.alerts,
  }
}
