import {
  type AssetHealth,
  type AssetSnapshot,
  type CheckResult,
  type FreshnessNow,
  freshnessOf,
  healthOf,
} from '@sluice/core'
import { lastMadeAt, madeOfDue } from '../freshness/decide-freshness.ts'
import type { Store } from '../store/ports.ts'

/** How an asset does, and what that was found from. */
export interface HealthNow {
  readonly health: AssetHealth
  /** `null`: it has no policy. `madeAt` and `nextAt` (when it may be another) in milliseconds since 1970. */
  readonly freshness: (FreshnessNow & { readonly madeAt: number | null }) | null
  /** The newest result of each check. */
  readonly checks: readonly CheckResult[]
  /** The newest results of a check and a slice that did not pass, at most a hundred. */
  readonly failedChecks: readonly CheckResult[]
}

/**
 * Reads how an asset does now. A check that the code does not have (others report it, or it was taken away) counts until the
 * asset is made again.
 *
 * @param isKnown is there any record of the asset?
 */
export async function assetHealth(
  store: Pick<Store, 'assets' | 'checks'>,
  { name, checks: defined, freshness: policy }: AssetSnapshot,
  { isKnown, now }: { readonly isKnown: boolean; readonly now: number },
): Promise<HealthNow> {
  const [failed, checks, failedChecks, madeAt] = await Promise.all([
    store.assets.failed(name),
    store.checks.latest(name),
    store.checks.failed(name),
    lastMadeAt(store, name),
  ])
  const due = policy && (await madeOfDue(store, name, policy, now))
  const freshness = policy ? { ...freshnessOf(policy, madeAt, now, due), madeAt } : null
  const names = defined.map((one) => one.name)
  const health = healthOf({
    isMade: isKnown,
    failed: failed.length,
    checks: names,
    results: [...checks, ...failedChecks].filter(({ check, at }) => names.includes(check) || at >= (madeAt ?? 0)),
    freshness: freshness?.state ?? null,
  })
  return { health, freshness, checks, failedChecks }
}
