import { type AnyAsset, type Calls, SluiceError, dynamicSets, keysOf, requireKey } from '@sluice/core'
import type { Store } from '../store/ports.ts'
import type { ValuePlaces } from '../values/places.ts'

/** The newest value of an asset, or of one of its partitions. */
export async function loadAsset(
  store: Store,
  values: ValuePlaces,
  asset: AnyAsset,
  partition: string | undefined,
): Promise<unknown> {
  const key = await keyOf(store, asset, partition)
  const [found] = await store.assets.latest([{ asset: asset.name, partition: key }])
  if (found?.value) return await values.read(asset, key, found.value)
  const what = key === null ? `"${asset.name}"` : `Partition ${key} of "${asset.name}"`
  throw new SluiceError('VALUE_MISSING', `${what} holds no value yet.`, {
    hint: `sluice materialize ${asset.name}${key === null ? '' : ` --partition ${key}`}`,
  })
}

async function keyOf(store: Store, asset: AnyAsset, partition: string | undefined): Promise<string | null> {
  const spec = asset.partitions?.spec
  if (!spec) return null
  const dynamic: Record<string, readonly string[]> = {}
  for (const name of dynamicSets([spec])) dynamic[name] = await store.partitions.keys(name)
  const at = { now: Temporal.Now.instant(), dynamic }
  if (partition !== undefined) return requireKey(spec, partition, at, `Asset "${asset.name}"`)
  const { first, last } = keysOf(spec, at)
  throw new SluiceError('PARTITION_REQUIRED', `"${asset.name}" is partitioned: say which partition to load.`, {
    hint: `Its keys run from ${first} to ${last}.`,
  })
}

/** What `dynamic(name).add(…)` and its kin mean where a store is at hand. */
export function dynamicKeys(store: Store, name: string): ReturnType<Calls['partitions']> {
  return {
    async add(keys) {
      await store.commit([{ change: 'partitions.add', name, keys, at: Date.now() }])
    },
    async remove(keys) {
      await store.commit([{ change: 'partitions.remove', name, keys }])
    },
    keys: async () => [...(await store.partitions.keys(name))],
  }
}
