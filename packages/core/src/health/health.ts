import type { CheckResult } from '../checks/check-result.ts'
import type { FreshnessNow } from '../freshness/freshness.ts'

/** How an asset does: of its parts the worst counts. */
export type Health = 'healthy' | 'warning' | 'degraded' | 'unknown'

/** What there is to say of an asset. */
export interface HealthFacts {
  /** Was it, or a partition of it, ever made or seen? */
  readonly isMade: boolean
  /** Slices whose last try failed. */
  readonly failed: number
  /** The names of the checks that it has. */
  readonly checks: readonly string[]
  /** The newest result of each check, and of each slice that did not pass. */
  readonly results: readonly Pick<CheckResult, 'check' | 'passed' | 'severity'>[]
  /** `null`: it has no policy. */
  readonly freshness: FreshnessNow['state'] | null
}

/** `null` for a part that an asset does not have. */
export interface AssetHealth {
  readonly health: Health
  readonly materialization: Health
  readonly checks: Health | null
  readonly freshness: Health | null
}

/**
 * Pure, by Dagster's rule: degraded where a part is, then warning; unknown where it was never made; otherwise healthy, even if
 * a check never ran.
 */
export function healthOf({ isMade, failed, checks: names, results, freshness: state }: HealthFacts): AssetHealth {
  const materialization = failed > 0 ? 'degraded' : isMade ? 'healthy' : 'unknown'
  const checks = checksHealth(names, results)
  const freshness = state && freshnessHealth[state]
  const parts = [materialization, checks, freshness]
  const health = parts.includes('degraded')
    ? 'degraded'
    : parts.includes('warning')
      ? 'warning'
      : materialization === 'unknown'
        ? 'unknown'
        : 'healthy'
  return { health, materialization, checks, freshness }
}

const freshnessHealth = { passed: 'healthy', warned: 'warning', failed: 'degraded', unknown: 'unknown' } as const

function checksHealth(names: readonly string[], results: HealthFacts['results']): Health | null {
  if (names.length + results.length === 0) return null
  const failed = results.filter(({ passed }) => passed === false)
  if (failed.some(({ severity }) => severity === 'error')) return 'degraded'
  if (failed.length > 0) return 'warning'
  const said = new Set(results.filter(({ passed }) => passed !== null).map(({ check }) => check))
  return names.every((name) => said.has(name)) ? 'healthy' : 'unknown'
}
