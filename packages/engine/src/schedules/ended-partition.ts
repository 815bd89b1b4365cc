import { type Snapshot, endedKeys } from '@sluice/core'
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
