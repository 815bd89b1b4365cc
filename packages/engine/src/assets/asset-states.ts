import {
  type AssetSnapshot,
  type Domain,
  type Entity,
  type KeysAt,
  type PartitionStatus,
  type SliceKey,
  type Spans,
  type StateFacts,
  domainOf,
  keysIn,
  neededBy,
  partitionStatus,
  setOf,
  sets,
} from '@sluice/core'
import { keysAt as keysNow } from '../partitions/keys-at.ts'
import { type AssetStore, type StalenessAsked, graphOfAssets, staleness } from './staleness.ts'

/** Where an asset's slices stand now. */
export interface StatesNow {
  readonly domain: Domain
  readonly facts: StateFacts
}

/** The states of slices, remembered between questions: what was not recorded since is not read again. */
export interface AssetStates {
  /** @throws nothing for an asset that was never made: all of it is missing. */
  of(asked: StalenessAsked): Promise<StatesNow>
}

interface Known {
  readonly graph: StalenessAsked['graph']
  readonly dynamic: KeysAt['dynamic']
  /** The newest record that is in the sets, of the asset and of what it is made from. */
  readonly upTo: number
  /** How many partitions the store says are made. */
  readonly partitions: number
  readonly made: Spans
  readonly stale: Spans
}

/** More records than this are not gone through one by one. */
const MOST_CHANGES = 100_000
const PAGE = 10_000

/**
 * Keeps for each asset which slices are made and which of them are stale: sets of ranges, some kilobytes. Asked again, it
 * looks only at what was recorded since, of the asset and of what it is made from.
 */
export function openAssetStates(store: AssetStore): AssetStates {
  const known = new Map<string, Known>()
  return {
    async of(asked) {
      const { graph, keysAt, asset } = asked
      const entity = graph.entities.get(asset)
      const domain = domainOf(entity?.spec ?? null, keysAt)
      if (!entity) return { domain, facts: { made: [], stale: [], failed: [], inProgress: [] } }
      const id = `${entity.asset.location ?? ''} ${asset}`
      const before = known.get(id)
      const now =
        (before && (await goOn(store, asked, entity, domain, before))) ?? (await begin(store, asked, entity, domain))
      known.set(id, now)
      const failed = setOf(
        domain,
        (await store.assets.failed(asset)).map(({ partition }) => partition),
      )
      const { made, stale } = now
      return { domain, facts: { made, stale, failed, inProgress: await inProgress(store, asset, domain) } }
    },
  }
}

/** Everything is read. */
async function begin(store: AssetStore, asked: StalenessAsked, entity: Entity, domain: Domain): Promise<Known> {
  const { graph, keysAt } = asked
  const marks = await marksOf(store, entity)
  const made = setOf(domain, await madeKeys(store, entity.id, domain))
  return { ...marks, graph, dynamic: keysAt.dynamic, made, stale: await staleOf(store, asked, domain, made) }
}

async function madeKeys(store: AssetStore, asset: string, { axes }: Domain): Promise<readonly SliceKey[]> {
  if (axes.length > 0) return store.assets.partitions(asset)
  return (await store.assets.latest([{ asset, partition: null }])).map(({ partition }) => partition)
}

/** What was recorded since is looked at; `null` where everything has to be read. */
async function goOn(
  store: AssetStore,
  asked: StalenessAsked,
  entity: Entity,
  domain: Domain,
  before: Known,
): Promise<Known | null> {
  const { graph, keysAt, asset } = asked
  if (before.graph !== graph || !isSameKeys(before.dynamic, keysAt.dynamic)) return null
  const marks = await marksOf(store, entity)
  const changes = await changesSince(store, entity, before.upTo)
  if (!changes) return null
  const own = setOf(domain, changes.get(asset) ?? [])
  const made = sets.union(before.made, own)
  const fresh = sets.countOf(sets.difference(own, before.made))
  // Something was wiped, or committed out of order.
  if (domain.axes.length > 0 && before.partitions + fresh !== marks.partitions) return null
  if (domain.axes.length === 0 && (await madeKeys(store, asset, domain)).length === 0) return null
  let touched = own
  for (const [name, keys] of changes) {
    const up = graph.entities.get(name)!
    if (name === asset) continue
    if (!entity.deps.includes(up)) return null // through a view
    const above = graph.domain(up, keysAt)
    touched = sets.union(touched, neededBy(graph.mapping(entity, up), domain, above, setOf(above, keys)))
  }
  const again = sets.intersection(touched, made)
  const stale = sets.union(sets.difference(before.stale, again), await staleOf(store, asked, domain, again))
  return { ...before, ...marks, dynamic: keysAt.dynamic, made, stale }
}

async function staleOf(store: AssetStore, asked: StalenessAsked, domain: Domain, among: Spans): Promise<Spans> {
  const stale: SliceKey[] = []
  let chunk: SliceKey[] = []
  const look = async (): Promise<void> => {
    const found = await staleness(store, { ...asked, partitions: chunk, most: 1 })
    for (const [key, { status }] of found) if (status === 'stale') stale.push(key)
    chunk = []
  }
  for (const key of keysIn(domain, among)) {
    chunk.push(key)
    if (chunk.length === PAGE) await look()
  }
  if (chunk.length > 0) await look()
  return setOf(domain, stale)
}

/** What it is made from: through views, without itself. */
function madeFrom(entity: Entity): readonly string[] {
  const found = new Set<string>()
  const seen = new Set<Entity>([entity])
  const queue = [...entity.deps]
  for (let next = queue.shift(); next; next = queue.shift()) {
    if (seen.has(next)) continue
    seen.add(next)
    if (next.asset.virtual) queue.push(...next.deps)
    else found.add(next.id)
  }
  return [...found]
}

async function marksOf(store: AssetStore, entity: Entity): Promise<Pick<Known, 'upTo' | 'partitions'>> {
  const summary = await store.assets.summary([entity.id, ...madeFrom(entity)])
  return {
    upTo: Math.max(0, ...summary.map(({ latest }) => latest.id)),
    partitions: summary.find(({ asset }) => asset === entity.id)?.partitions ?? 0,
  }
}

async function changesSince(store: AssetStore, entity: Entity, upTo: number): Promise<Map<string, SliceKey[]> | null> {
  const changes = new Map<string, SliceKey[]>()
  const assets = [entity.id, ...madeFrom(entity)]
  let count = 0
  for (let after = upTo; ;) {
    const page = await store.assets.changed({ assets, after, limit: PAGE })
    for (const { asset, partition } of page) {
      const keys = changes.get(asset)
      if (keys) keys.push(partition)
      else changes.set(asset, [partition])
    }
    if (page.length < PAGE) return changes
    if ((count += page.length) > MOST_CHANGES) return null
    after = page.at(-1)!.id
  }
}

function isSameKeys(a: KeysAt['dynamic'], b: KeysAt['dynamic']): boolean {
  const names = Object.keys(b)
  return (
    names.length === Object.keys(a).length &&
    names.every((name) => a[name]?.length === b[name]!.length && a[name].every((key, n) => key === b[name]![n]))
  )
}

/** What runs that are not over are to make, and have not made yet; also those that wait. */
async function inProgress(store: AssetStore, asset: string, domain: Domain): Promise<Spans> {
  let found: Spans = sets.none
  let before: string | undefined
  for (;;) {
    const runs = await store.runs.list({
      asset,
      states: ['waiting', 'starting', 'running', 'canceling'],
      limit: 1000,
      ...(before !== undefined && { before }),
    })
    const planned: Spans[] = []
    for (const { id, state, target } of runs) {
      if (target.kind !== 'assets') continue
      const keys = setOf(domain, domain.axes.length === 0 ? [null] : (target.partitions ?? []))
      const isBegun = state === 'running' || state === 'canceling'
      planned.push(isBegun ? sets.difference(keys, setOf(domain, await store.assets.keysOfRun(id, asset))) : keys)
    }
    found = sets.union(found, sets.unionAll(planned))
    if (runs.length < 1000) return found
    before = runs.at(-1)!.id
  }
}

/** What is asked about the slices of an asset, of the assets of a location. */
interface StatusAsked {
  readonly assets: readonly AssetSnapshot[]
  readonly location: string
  /** Milliseconds since 1970: which partitions by the clock there are. */
  readonly now: number
}

/** How many slices of an asset are in which state, and where: `skip` and `limit` say which of the ranges. */
export async function statusOfPartitions(
  store: AssetStore,
  states: AssetStates,
  asked: StatusAsked & { readonly asset: string; readonly skip?: number; readonly limit?: number },
): Promise<PartitionStatus & { readonly domain: Domain }> {
  const { assets, location, asset, now } = asked
  const keysAt = await keysNow(store, assets, now)
  const { domain, facts } = await states.of({ graph: graphOfAssets(assets, location), keysAt, asset })
  return { ...partitionStatus(domain, facts, asked), domain }
}

/**
 * How fresh the assets of a location are, as `status:` of a selection asks: `missing`, `stale`, `fresh`, `failed` and
 * `in progress`, each where any slice is. Those that cannot be made are left out.
 */
export async function assetStatuses(
  store: AssetStore,
  states: AssetStates,
  { assets, location, now }: StatusAsked,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const graph = graphOfAssets(assets, location)
  const keysAt = await keysNow(store, assets, now)
  const found: Record<string, readonly string[]> = {}
  for (const { name, runnable } of assets) {
    if (!runnable) continue
    const { domain, facts } = await states.of({ graph, keysAt, asset: name })
    const sorts: Readonly<Record<string, Spans>> = {
      missing: sets.difference(domain.all, facts.made),
      stale: facts.stale,
      fresh: sets.difference(facts.made, facts.stale),
      failed: facts.failed,
      'in progress': facts.inProgress,
    }
    found[name] = Object.keys(sorts).filter((one) => !sets.isEmpty(sorts[one]!))
  }
  return found
}
