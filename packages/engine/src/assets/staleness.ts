import {
  type AssetSnapshot,
  type ConditionGraph,
  type KeysAt,
  type Materialization,
  type SliceKey,
  type Staleness,
  conditionAssets,
  conditionGraph,
  dependenciesOf,
  dynamicSets,
  keysIn,
  keysOf,
  stalenessOf,
} from '@sluice/core'
import type { Store } from '../store/ports.ts'
import { sliceId } from './inputs.ts'

/** So many slices are asked for at once. */
const CHUNK = 2000

/**
 * Which of these slices are up to date, and why not, by what the store holds now.
 *
 * @param asked.partitions `[null]` for an asset that is not partitioned.
 */
export async function staleness(
  store: Store,
  asked: {
    readonly graph: ConditionGraph
    readonly keysAt: KeysAt
    readonly asset: string
    readonly partitions: readonly SliceKey[]
  },
): Promise<ReadonlyMap<SliceKey, Staleness>> {
  const { graph, keysAt, asset, partitions } = asked
  const entity = graph.entities.get(asset)
  if (!entity) return new Map()
  const records = new Map<string, Materialization>()
  const wanted = new Map<string, { asset: string; partition: SliceKey }>()
  const want = (name: string, partition: SliceKey): void =>
    void wanted.set(sliceId(name, partition), { asset: name, partition })
  for (const partition of partitions) {
    want(asset, partition)
    for (const [up, set] of dependenciesOf(entity, partition, asked))
      for (const key of keysIn(graph.domain(up, keysAt), set)) want(up.id, key)
  }
  const slices = [...wanted.values()]
  for (let from = 0; from < slices.length; from += CHUNK) {
    const chunk = slices.slice(from, from + CHUNK)
    // What something else makes may be known by a look alone: the newer of the two counts.
    for (const kind of ['observation', 'materialization'] as const) {
      for (const one of await store.assets.latest(chunk, kind)) {
        const id = sliceId(one.asset, one.partition)
        if ((records.get(id)?.id ?? 0) < one.id) records.set(id, one)
      }
    }
  }
  const latest = (name: string, partition: SliceKey): Materialization | null =>
    records.get(sliceId(name, partition)) ?? null
  return new Map(partitions.map((one) => [one, stalenessOf(entity, one, { graph, keysAt, latest })]))
}

type Status = Staleness['status']

/**
 * How fresh the assets of a location are, as `status:` of a selection asks: one with partitions is `missing` where any of
 * them is, and `stale` where any that was made is. Those that cannot be made are left out.
 *
 * @param now milliseconds since 1970: which partitions by the clock there are.
 */
export async function assetStatuses(
  store: Store,
  assets: readonly AssetSnapshot[],
  now: number,
): Promise<Readonly<Record<string, readonly Status[]>>> {
  const dynamic: Record<string, readonly string[]> = {}
  const names = dynamicSets(assets.map(({ partitions }) => partitions))
  for (const name of names) dynamic[name] = await store.partitions.keys(name)
  const keysAt: KeysAt = { now: Temporal.Instant.fromEpochMilliseconds(now), dynamic }
  const graph = conditionGraph(conditionAssets(assets, ''))
  const found: Record<string, readonly Status[]> = {}
  for (const { name, runnable, partitions: spec } of assets) {
    if (!runnable) continue
    const keys = spec && keysOf(spec, keysAt)
    const partitions = keys ? (await store.assets.partitions(name)).filter((key) => keys.has(key)) : [null]
    const statuses = new Set<Status>(keys && partitions.length < keys.count ? ['missing'] : [])
    const each = await staleness(store, { graph, keysAt, asset: name, partitions })
    for (const { status } of each.values()) statuses.add(status)
    found[name] = [...statuses]
  }
  return found
}
