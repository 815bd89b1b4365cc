import { type FreshnessNow, type FreshnessSpec, freshnessOf, keysDue } from '@sluice/core'
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
 *
 * @param made as `madeOfDue` says.
 */
export function decideFreshness(
  watched: Watched,
  now: number,
  made?: ReadonlySet<string>,
): FreshnessNow & { readonly change: Change | null } {
  const { asset, location, spec, madeAt, known: from } = watched
  const is = freshnessOf(spec, madeAt, now, made)
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

/** Of the partitions that its freshness depends on now, those that are made. */
export async function madeOfDue(
  store: { readonly assets: Pick<Store['assets'], 'latest'> },
  asset: string,
  spec: FreshnessSpec,
  now: number,
): Promise<ReadonlySet<string>> {
  const keys = keysDue(spec, now)
  if (keys.length === 0) return new Set()
  const made = await store.assets.latest(keys.map((partition) => ({ asset, partition })))
  return new Set(made.map(({ partition }) => partition!))
}
