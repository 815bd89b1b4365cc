import { setImmediate as othersTurn } from 'node:timers/promises'
import {
  type AssetSnapshot,
  type Domain,
  type Entity,
  type KeysAt,
  type PartitionState,
  type PartitionStatus,
  type Run,
  type SliceKey,
  type Spans,
  type StateFacts,
  domainOf,
  hash,
  keysToMake,
  neededBy,
  partitionStates,
  partitionStatus,
  setOf,
  sets,
} from '@sluice/core'
import { keysAt as keysNow } from '../partitions/keys-at.ts'
import { type AssetStore, type StalenessAsked, graphOfAssets, staleAmong } from './staleness.ts'

/** Where an asset's slices stand now. */
export interface StatesNow {
  readonly domain: Domain
  readonly facts: StateFacts
}

/** The states of slices, remembered between questions: what was not recorded since is not read again. */
export interface AssetStates {
  /** All of an asset that was never made is missing. */
  of(asked: StalenessAsked): Promise<StatesNow>
  /**
   * What is made and what of it is stale, alone. Where nothing was recorded since it was asked before, nothing is read.
   *
   * @param summary of the asset and of what it is made from, at least.
   */
  made(asked: StalenessAsked, summary: Summary): Promise<Pick<StateFacts, 'made' | 'stale'>>
}

/** What the store says of each asset's records, by name. */
export type Summary = ReadonlyMap<string, { readonly latest: { readonly id: number }; readonly count: number }>

interface Known extends Marks {
  readonly definition: string
  readonly dynamic: KeysAt['dynamic']
  readonly made: Spans
  readonly stale: Spans
}

/** Of the asset and what it is made from: where these are the same, nothing was recorded or forgotten. */
interface Marks {
  readonly newest: number
  readonly records: number
}

/** More records than this are not gone through one by one. */
const MOST_CHANGES = 100_000
const PAGE = 10_000
/** Milliseconds that many assets may take before others have their turn. */
const SLICE = 10
const nothing: StateFacts = { made: sets.none, stale: sets.none, failed: sets.none, inProgress: sets.none }

/**
 * Keeps for each asset which slices are made and which of them are stale: sets of ranges, some kilobytes. Asked again, it
 * looks only at what was recorded since, of the asset and of what it is made from.
 */
export function openAssetStates(store: AssetStore): AssetStates {
  const known = new Map<string, Known>()
  const states: AssetStates = {
    async of(asked) {
      const { graph, keysAt, asset } = asked
      const entity = graph.entities.get(asset)
      const domain = domainOf(entity?.spec ?? null, keysAt)
      if (!entity) return { domain, facts: nothing }
      const summary = summaryOf(await store.assets.summary([asset, ...madeFrom(entity)]))
      const failed = (await store.assets.failed(asset)).map(({ partition }) => partition)
      const { made, stale } = await states.made(asked, summary)
      const inProgress = (await plannedSlices(store, asset))(asset, domain)
      return { domain, facts: { made, stale, failed: setOf(domain, failed), inProgress: await inProgress } }
    },
    async made(asked, summary) {
      const entity = asked.graph.entities.get(asked.asset)
      if (!entity) return nothing
      const id = `${entity.asset.location ?? ''} ${asked.asset}`
      const before = known.get(id)
      const marks = marksOf(entity, summary)
      const now =
        (before && (await goOn(store, asked, entity, before, marks))) ?? (await begin(store, asked, entity, marks))
      known.set(id, now)
      return now
    },
  }
  return states
}

const summaryOf = (rows: Awaited<ReturnType<AssetStore['assets']['summary']>>): Summary =>
  new Map(rows.map((one) => [one.asset, one]))

function marksOf(entity: Entity, summary: Summary): Marks {
  const all = [entity.id, ...madeFrom(entity)].flatMap((name) => summary.get(name) ?? [])
  return {
    newest: Math.max(0, ...all.map(({ latest }) => latest.id)),
    records: all.reduce((sum, { count }) => sum + count, 0),
  }
}

/** Everything is read. */
async function begin(store: AssetStore, asked: StalenessAsked, entity: Entity, marks: Marks): Promise<Known> {
  const { graph, keysAt } = asked
  const domain = graph.domain(entity, keysAt)
  const common = { ...marks, definition: definitionOf(graph, entity), dynamic: keysAt.dynamic }
  if (marks.records === 0) return { ...common, made: sets.none, stale: sets.none }
  const made = await madeOf(store, entity, domain)
  return { ...common, made, stale: await staleAmong(store, asked, made) }
}

/** What others make is there once somebody looked at it: that it was is all that is ever known of it. */
async function madeOf(store: AssetStore, entity: Entity, domain: Domain): Promise<Spans> {
  const { id: asset, asset: its } = entity
  const observed = its.external === true
  if (domain.axes.length === 0) {
    const whole = [{ asset, partition: null }]
    const isMade = (await store.assets.latest(whole)).length > 0
    const isThere = isMade || (observed && (await store.assets.latest(whole, 'observation')).length > 0)
    return isThere ? true : sets.none
  }
  const parts: Spans[] = []
  for (let after = ''; ;) {
    const keys = await store.assets.partitions(asset, { observed, limit: PAGE, ...(after !== '' && { after }) })
    parts.push(setOf(domain, keys))
    if (keys.length < PAGE) return sets.unionAll(parts)
    after = keys.at(-1)!
  }
}

/** What was recorded since is looked at; `null` where everything has to be read. */
async function goOn(
  store: AssetStore,
  asked: StalenessAsked,
  entity: Entity,
  before: Known,
  marks: Marks,
): Promise<Known | null> {
  const { graph, keysAt, asset } = asked
  if (before.definition !== definitionOf(graph, entity) || !isSameKeys(before.dynamic, keysAt.dynamic)) return null
  if (before.newest === marks.newest && before.records === marks.records) return before
  const changes = await changesSince(store, entity, before.newest)
  if (!changes) return null
  const count = changes.values().reduce((sum, keys) => sum + keys.length, 0)
  // Something was forgotten, or committed out of order.
  if (before.records + count !== marks.records) return null
  const domain = graph.domain(entity, keysAt)
  const own = setOf(domain, changes.get(asset) ?? [])
  // A look is no making: whether there is anything is asked.
  const isMade = domain.axes.length > 0 || !sets.isEmpty(await madeOf(store, entity, domain))
  const made = isMade ? sets.union(before.made, own) : sets.none
  let touched = own
  for (const [name, keys] of changes) {
    const up = graph.entities.get(name)!
    if (name === asset) continue
    if (!entity.deps.includes(up)) return null // through a view
    const above = graph.domain(up, keysAt)
    touched = sets.union(touched, neededBy(graph.mapping(entity, up), domain, above, setOf(above, keys)))
  }
  const again = sets.intersection(touched, made)
  const stale = sets.union(sets.difference(before.stale, again), await staleAmong(store, asked, again))
  return { ...before, ...marks, made, stale }
}

const definitions = new WeakMap<Entity, string>()

/** What the code says that its states depend on, as a hash: most of a new version of the code is as it was. */
function definitionOf(graph: StalenessAsked['graph'], entity: Entity): string {
  const known = definitions.get(entity)
  if (known !== undefined) return known
  const seen = new Set<Entity>([entity])
  for (const one of seen) if (one === entity || one.asset.virtual) for (const up of one.deps) seen.add(up)
  const said = [...seen].map((one) => {
    const { external, virtual } = one.asset
    const above = one === entity || virtual ? one.deps.map((up) => [up.id, graph.mapping(one, up)]) : []
    return [one.id, one.spec, external, virtual, above]
  })
  const definition = hash(JSON.stringify([entity.asset.codeVersion, ...said]))
  definitions.set(entity, definition)
  return definition
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

/** What runs that are not over are to make, and have not made yet; also those that wait. Read once, of one asset or all. */
async function plannedSlices(
  store: AssetStore,
  asset?: string,
): Promise<(asset: string, domain: Domain) => Promise<Spans>> {
  const states = ['waiting', 'starting', 'running', 'canceling'] as const
  const all: Run[] = []
  for (let before: string | undefined; ;) {
    const runs = await store.runs.list({ states, limit: 1000, ...(asset && { asset }), ...(before && { before }) })
    all.push(...runs)
    if (runs.length < 1000) break
    before = runs.at(-1)!.id
  }
  const byAsset = new Map<string, Run[]>()
  for (const run of all)
    for (const name of new Set(run.target.kind === 'assets' ? run.target.assets : [])) {
      const its = byAsset.get(name)
      if (its) its.push(run)
      else byAsset.set(name, [run])
    }
  return async (name, domain) => {
    const planned: Spans[] = []
    for (const { id, state, target } of byAsset.get(name) ?? []) {
      if (target.kind !== 'assets') continue
      const keys = setOf(domain, domain.axes.length === 0 ? [null] : (keysToMake(target, name) ?? []))
      const isBegun = !sets.isEmpty(keys) && (state === 'running' || state === 'canceling')
      planned.push(isBegun ? sets.difference(keys, setOf(domain, await store.assets.keysOfRun(id, name))) : keys)
    }
    return sets.unionAll(planned)
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
 *
 * @param asked.among only of these; default: of all.
 */
export async function assetStatuses(
  store: AssetStore,
  states: AssetStates,
  { assets, location, now, among }: StatusAsked & { readonly among?: ReadonlySet<string> },
): Promise<Readonly<Record<string, readonly PartitionState[]>>> {
  const graph = graphOfAssets(assets, location)
  const keysAt = await keysNow(store, assets, now)
  const summary = summaryOf(await store.assets.summary())
  const failures = Map.groupBy(await store.assets.failed(null), ({ asset }) => asset)
  const planned = await plannedSlices(store)
  const found: Record<string, readonly PartitionState[]> = {}
  let until = performance.now() + SLICE
  for (const { name, runnable } of assets) {
    if (!runnable || (among && !among.has(name))) continue
    if (performance.now() > until) {
      await othersTurn()
      until = performance.now() + SLICE
    }
    const domain = graph.domain(graph.entities.get(name)!, keysAt)
    const { made, stale } = await states.made({ graph, keysAt, asset: name }, summary)
    const sorts: Readonly<Record<PartitionState, Spans>> = {
      'in progress': await planned(name, domain),
      failed: setOf(domain, failures.get(name)?.map(({ partition }) => partition) ?? []),
      stale,
      fresh: sets.difference(made, stale),
      missing: sets.difference(domain.all, made),
    }
    found[name] = partitionStates.filter((one) => !sets.isEmpty(sorts[one]))
  }
  return found
}
