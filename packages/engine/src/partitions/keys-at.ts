import { type AssetSnapshot, type KeysAt, dynamicSets } from '@sluice/core'
import type { PartitionReads } from '../store/ports.ts'

/**
 * When partitions are looked at, and which keys the dynamic ones have.
 *
 * @param now milliseconds since 1970.
 */
export async function keysAt(
  store: { readonly partitions: Pick<PartitionReads, 'keys'> },
  assets: readonly Pick<AssetSnapshot, 'partitions'>[],
  now: number,
): Promise<KeysAt> {
  const dynamic: Record<string, readonly string[]> = {}
  for (const name of dynamicSets(assets.map(({ partitions }) => partitions)))
    dynamic[name] = await store.partitions.keys(name)
  return { now: Temporal.Instant.fromEpochMilliseconds(now), dynamic }
}
