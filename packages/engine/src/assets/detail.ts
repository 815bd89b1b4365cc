import {
  type AssetSnapshot,
  type Keys,
  type Materialization,
  type PartitionState,
  type Staleness,
  type StateRange,
  SluiceError,
  closest,
  keysOf,
} from '@sluice/core'
import { keysAt as keysNow } from '../partitions/keys-at.ts'
import type { Store } from '../store/ports.ts'
import { type AssetStates, statusOfPartitions } from './asset-states.ts'
import { type HealthNow, assetHealth } from './asset-health.ts'
import { graphOfAssets, staleness } from './staleness.ts'

/** Everything that there is to say about one asset: what the code says, and what the store holds now. */
export interface AssetDetail extends HealthNow {
  readonly definition: AssetSnapshot
  readonly upstream: readonly string[]
  readonly downstream: readonly string[]
  /** The newest record of it, and how many there are. */
  readonly latest: Materialization | null
  readonly records: number
  /** Partitions that were made. */
  readonly made: number
  /** Of the whole asset, or of the newest slice that was made; `null`: no slice was made, or Sluice does not make it. */
  readonly staleness: (Staleness & { readonly partition: string | null }) | null
  /** `null`: it is not partitioned. */
  readonly slices: {
    readonly count: number
    readonly first: string | null
    readonly last: string | null
    readonly counts: Readonly<Record<PartitionState, number>>
    /** The first ranges of partitions that were never made. */
    readonly missing: readonly StateRange[]
  } | null
}

const shownRanges = 5

/**
 * @param asked.assets of the location, as its code has them.
 * @throws SluiceError ASSET_UNKNOWN.
 */
export async function assetDetail(
  store: Store,
  states: AssetStates,
  asked: {
    readonly asset: string
    readonly assets: readonly AssetSnapshot[]
    readonly location: string
    readonly now: number
  },
): Promise<AssetDetail> {
  const { asset: name, assets, now } = asked
  const definition = assets.find((one) => one.name === name)
  if (!definition) throw unknownAsset(name, assets)
  const { partitions: spec } = definition
  const [summary, at] = await Promise.all([store.assets.summary([name]), keysNow(store, assets, now)])
  const [known] = summary
  return {
    definition,
    upstream: definition.upstream,
    downstream: assets.filter(({ upstream }) => upstream.includes(name)).map((one) => one.name),
    latest: known?.latest ?? null,
    records: known?.count ?? 0,
    made: known?.partitions ?? 0,
    ...(await assetHealth(store, definition, { isKnown: known !== undefined, now })),
    staleness: definition.runnable && definition.made === 'here' ? await newestStaleness(store, asked, at) : null,
    slices: spec ? await slicesOf(store, states, asked, keysOf(spec, at)) : null,
  }
}

type Asked = Parameters<typeof assetDetail>[2]

async function newestStaleness(
  store: Store,
  { asset, assets, location }: Asked,
  keysAt: Awaited<ReturnType<typeof keysNow>>,
): Promise<AssetDetail['staleness']> {
  const [newest] = await store.assets.history(asset, { kind: 'materialization', limit: 1 })
  if (!newest) return null
  const { partition } = newest
  const graph = graphOfAssets(assets, location)
  const found = await staleness(store, { graph, keysAt, asset, partitions: [partition] })
  const its = found.get(partition)
  return its ? { ...its, partition } : null
}

async function slicesOf(store: Store, states: AssetStates, asked: Asked, keys: Keys): Promise<AssetDetail['slices']> {
  const { counts, ranges } = await statusOfPartitions(store, states, { ...asked, limit: 1000 })
  const missing = ranges.filter(({ state }) => state === 'missing').slice(0, shownRanges)
  return { count: keys.count, first: keys.first, last: keys.last, counts, missing }
}

function unknownAsset(name: string, assets: readonly AssetSnapshot[]): SluiceError {
  const near = closest(
    name,
    assets.map((one) => one.name),
  )
  return new SluiceError('ASSET_UNKNOWN', `There is no asset "${name}".`, {
    hint: near === undefined ? 'sluice assets list shows all.' : `Did you mean sluice assets show ${near}?`,
  })
}
