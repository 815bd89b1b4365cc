import { type KeysAt, type PartitionsSpec, type Snapshot, isTime, keysOf } from '@sluice/core'
import { keysAt } from '../partitions/keys-at.ts'
import type { Statuses } from '../launches/select.ts'
import { chosenAssets, launchTarget } from '../launches/target.ts'
import type { Store } from '../store/ports.ts'

/**
 * What a schedule on partitioned assets makes where it says nothing else: the slice that had ended last at the tick; of a
 * grid, all its slices of that time. `undefined` where the target is no assets, or none that are sliced by the clock.
 */
export async function endedPartition(
  store: { readonly partitions: Pick<Store['partitions'], 'keys'> },
  snapshot: Snapshot,
  target: string,
  tick: number,
): Promise<string | undefined> {
  const chosen = launchTarget(snapshot, target)
  if (!('selection' in chosen)) return undefined
  const { assets } = chosenAssets(snapshot, chosen, { statuses: anyStatus(snapshot) })
  const at = await keysAt(store, assets, tick)
  for (const { partitions } of assets) {
    const keys = partitions && endedKeys(partitions, at)
    if (keys && keys.length > 0) return keys.join(',')
  }
  return undefined
}

/** Which slice it is does not depend on how fresh an asset is: all may be meant. */
const anyStatus = ({ assets }: Snapshot): Statuses =>
  Object.fromEntries(assets.map(({ name }) => [name, ['missing', 'stale', 'fresh', 'failed', 'in progress']]))

function endedKeys(spec: PartitionsSpec, at: KeysAt): readonly string[] | null {
  if (isTime(spec)) {
    const { last } = keysOf(spec, at)
    return last === null ? null : [last]
  }
  if (spec.kind !== 'grid') return null
  const dims = Object.entries(spec.dims).toSorted(([a], [b]) => (a < b ? -1 : 1))
  if (!dims.some(([, dim]) => isTime(dim))) return null
  return dims
    .map(([, dim]) => (isTime(dim) ? (endedKeys(dim, at) ?? []) : [...keysOf(dim, at)]))
    .reduce<readonly string[]>(
      (all, keys) => (all.length === 0 ? keys : all.flatMap((left) => keys.map((right) => `${left}|${right}`))),
      [],
    )
}
