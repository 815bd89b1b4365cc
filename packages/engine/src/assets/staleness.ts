import {
  type AssetSnapshot,
  type ConditionGraph,
  type KeysAt,
  type SliceKey,
  type Staleness,
  type VersionRecord,
  conditionAssets,
  conditionGraph,
  dependenciesOf,
  keysIn,
  stalenessOf,
} from '@sluice/core'
import type { Store } from '../store/ports.ts'

/** What is read to say how fresh assets are. */
export type AssetStore = Pick<Store, 'assets' | 'partitions' | 'runs'>

/** So many slices are asked for at once. */
const CHUNK = 2000

const graphs = new WeakMap<readonly AssetSnapshot[], ConditionGraph>()

/** The assets of a location with their edges; made once for each snapshot. */
export function graphOfAssets(assets: readonly AssetSnapshot[], location: string): ConditionGraph {
  const graph = graphs.get(assets) ?? conditionGraph(conditionAssets(assets, location))
  graphs.set(assets, graph)
  return graph
}

/** What staleness is asked about. */
export interface StalenessAsked {
  readonly graph: ConditionGraph
  readonly keysAt: KeysAt
  readonly asset: string
}

/**
 * Which of these slices are up to date, and why not, by what the store holds now.
 *
 * @param asked.partitions `[null]` for an asset that is not partitioned.
 * @param asked.most how many causes of each are listed. All are looked at. Default 100.
 */
export async function staleness(
  store: AssetStore,
  asked: StalenessAsked & { readonly partitions: readonly SliceKey[]; readonly most?: number },
): Promise<ReadonlyMap<SliceKey, Staleness>> {
  const { graph, keysAt, asset, partitions, most = 100 } = asked
  const entity = graph.entities.get(asset)
  const found = new Map<SliceKey, Staleness>()
  if (!entity) return found
  for (let from = 0; from < partitions.length; from += CHUNK) {
    const chunk = partitions.slice(from, from + CHUNK)
    const wanted = new Map<string, Set<SliceKey>>([[asset, new Set(chunk)]])
    for (const partition of chunk) {
      for (const [up, set] of dependenciesOf(entity, partition, asked)) {
        let keys = wanted.get(up.id)
        if (!keys) wanted.set(up.id, (keys = new Set()))
        for (const key of keysIn(graph.domain(up, keysAt), set)) keys.add(key)
      }
    }
    const records = new Map<string, ReadonlyMap<SliceKey, VersionRecord>>()
    for (const [name, keys] of wanted) records.set(name, await versionsOf(store, name, [...keys], name === asset))
    const latest = (name: string, partition: SliceKey): VersionRecord | null =>
      records.get(name)?.get(partition) ?? null
    for (const one of chunk) found.set(one, stalenessOf(entity, one, { graph, keysAt, latest, most }))
  }
  return found
}

/** @param withInputs of what it depends on only the data version is asked. */
async function versionsOf(
  store: AssetStore,
  asset: string,
  partitions: readonly SliceKey[],
  withInputs: boolean,
): Promise<ReadonlyMap<SliceKey, VersionRecord>> {
  const records = new Map<SliceKey, VersionRecord>()
  for (let from = 0; from < partitions.length; from += CHUNK) {
    const chunk = partitions.slice(from, from + CHUNK)
    const { ids, dataVersions, codeVersions, inputVersions } = await store.assets.versions(asset, chunk)
    for (const [n, key] of chunk.entries()) {
      if (ids[n] === 0) continue
      const inputs = withInputs ? (JSON.parse(inputVersions[n]!) as VersionRecord['inputVersions']) : null
      records.set(key, {
        id: ids[n]!,
        dataVersion: dataVersions[n]!,
        codeVersion: codeVersions[n]!,
        inputVersions: inputs,
      })
    }
  }
  return records
}
