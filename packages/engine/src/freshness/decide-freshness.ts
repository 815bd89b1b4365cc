import { type FreshnessNow, type FreshnessSpec, freshnessOf } from '@sluice/core'
import type { Change } from '../store/changes.ts'
import type { Store } from '../store/ports.ts'

/** An asset with a policy, as far as it is known. */
export interface Watched {
  readonly asset: string
  readonly location: string
  readonly spec: FreshnessSpec
  /** When it was made last, milliseconds since 1970. */
  readonly madeAt: number | null
  /** What the store says that it was when somebody looked last; `null`: nobody has. */
  readonly known: FreshnessNow['state'] | null
}

/**
 * What it is now, and the change where that is something else than is known. It is told, save that an asset was never made
 * when nothing was known of it.
 */
export function decideFreshness(watched: Watched, now: number): FreshnessNow & { readonly change: Change | null } {
  const { asset, location, spec, madeAt, known: from } = watched
  const is = freshnessOf(spec, madeAt, now)
  const { state: to } = is
  if (to === from) return { ...is, change: null }
  const tell = from !== null || to !== 'unknown'
  return { ...is, change: { change: 'freshness.move', asset, location, from, to, madeAt, at: now, tell } }
}

/** When an asset, or any partition of it, was made last; `null` where it never was. */
export async function lastMadeAt(
  store: { readonly assets: Pick<Store['assets'], 'history'> },
  asset: string,
): Promise<number | null> {
  const [newest] = await store.assets.history(asset, { kind: 'materialization', limit: 1 })
  return newest?.at ?? null
}
