import {
  type Above,
  type AssetSnapshot,
  type ConditionGraph,
  type Domain,
  type Entity,
  type KeysAt,
  type SliceKey,
  type Spans,
  type Staleness,
  type VersionRecord,
  conditionAssets,
  conditionGraph,
  dependenciesOf,
  inputsNow,
  isStale,
  keyOfTuple,
  setOf,
  setOfTuples,
  sets,
  stalenessBy,
} from '@sluice/core'
import type { SliceVersions, Store } from '../store/ports.ts'

/** What is read to say how fresh assets are. */
export type AssetStore = Pick<Store, 'assets' | 'partitions' | 'runs'>

/** So many slices are looked at between two reads, at which others have their turn. */
const CHUNK = 1000

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
  const domain = graph.domain(entity, keysAt)
  for (let from = 0; from < partitions.length; from += CHUNK) {
    const chunk = partitions.slice(from, from + CHUNK)
    const records = await recordsOf(store, asset, chunk, true)
    const above = await readAbove(store, entity, domain.axes.length === 0 ? true : setOf(domain, chunk), asked)
    for (const [n, one] of chunk.entries())
      found.set(one, stalenessBy(entity, one, records[n]!, { ...asked, ...above, most }))
  }
  return found
}

/** Of a set of slices that are all made, those that are stale. */
export async function staleAmong(store: AssetStore, asked: StalenessAsked, among: Spans): Promise<Spans> {
  const { graph, keysAt, asset } = asked
  const entity = graph.entities.get(asset)!
  const domain = graph.domain(entity, keysAt)
  const stale: (readonly number[])[] = []
  for (const chunk of chunksOf(sets.tuplesOf(among))) {
    const keys = chunk.map((tuple) => keyOfTuple(domain, tuple))
    const versions = await store.assets.versions(asset, keys)
    const above = await readAbove(store, entity, setOfTuples(domain, chunk), asked)
    for (const [n, tuple] of chunk.entries()) {
      const set = setOfTuples(domain, [tuple])
      const isOfThisCode = (entity.asset.codeVersion ?? versions.codeVersions[n]) === versions.codeVersions[n]
      if (isOfThisCode && versions.inputVersions[n] === inputsNow(entity, set, above)) continue
      const record = recordIn(versions, n, true)
      if (record && isStale(entity, set, record, above)) stale.push(tuple)
    }
  }
  return setOfTuples(domain, stale)
}

/** The newest records of everything that these slices are made from. */
async function readAbove(
  store: AssetStore,
  entity: Entity,
  set: Spans,
  { graph, keysAt }: StalenessAsked,
): Promise<Above> {
  const found = new Map<Entity, (part: Spans) => Iterable<Slice>>()
  for (const [dep, needed] of dependenciesOf(entity, set, { graph, keysAt }))
    found.set(dep, await readSlices(store, dep.id, graph.domain(dep, keysAt), needed))
  return { graph, keysAt, recordsIn: (dep, part) => found.get(dep)!(part) }
}

type Slice = readonly [key: SliceKey, newest: VersionRecord | null]

/** Only their data versions. Of one axis they are found by number: a key of time is dear to make. */
async function readSlices(
  store: AssetStore,
  asset: string,
  domain: Domain,
  set: Spans,
): Promise<(part: Spans) => Iterable<Slice>> {
  const idOf = (tuple: readonly number[]): unknown => (domain.axes.length === 1 ? tuple[0] : keyOfTuple(domain, tuple))
  const slices = new Map<unknown, Slice>()
  for (const chunk of chunksOf(sets.tuplesOf(set))) {
    const keys = chunk.map((tuple) => keyOfTuple(domain, tuple))
    const records = await recordsOf(store, asset, keys, false)
    for (const [n, tuple] of chunk.entries()) slices.set(idOf(tuple), [keys[n]!, records[n]!])
  }
  return function* (part) {
    for (const tuple of sets.tuplesOf(part)) yield slices.get(idOf(tuple))!
  }
}

/** In the order of the keys; `null` where there is none. */
async function recordsOf(
  store: AssetStore,
  asset: string,
  keys: readonly SliceKey[],
  withInputs: boolean,
): Promise<readonly (VersionRecord | null)[]> {
  const versions = await store.assets.versions(asset, keys, { withInputs })
  return keys.map((_, n) => recordIn(versions, n, withInputs))
}

function recordIn(
  { ids, dataVersions, codeVersions, inputVersions }: SliceVersions,
  n: number,
  withInputs: boolean,
): VersionRecord | null {
  if (ids[n] === 0) return null
  return {
    id: ids[n]!,
    dataVersion: dataVersions[n]!,
    codeVersion: codeVersions[n]!,
    inputVersions: withInputs ? (JSON.parse(inputVersions[n]!) as VersionRecord['inputVersions']) : null,
  }
}

function* chunksOf<T>(items: Iterable<T>): Generator<readonly T[]> {
  let chunk: T[] = []
  for (const item of items) {
    chunk.push(item)
    if (chunk.length < CHUNK) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}
