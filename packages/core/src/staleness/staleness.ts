import type { ConditionGraph, Entity } from '../conditions/graph.ts'
import { keysIn, type SliceKey, setOf } from '../partitions/domain.ts'
import { needs } from '../partitions/map-set.ts'
import type { KeysAt } from '../partitions/set.ts'
import { none, type Spans, union } from '../partitions/spans.ts'

/** The newest record of a slice: what it was made from, by which code. */
export interface VersionRecord {
  /** Grows from record to record. */
  readonly id: number
  readonly dataVersion: string
  readonly codeVersion: string | null
  /**
   * `asset` or `asset|partition` to the version that was read; `asset` to `''` where there was nothing of it. `null`: not
   * known, as where something else made it and only said so.
   */
  readonly inputVersions: Readonly<Record<string, string>> | null
}

/** Why a slice is stale. */
export interface StaleCause {
  readonly kind: 'code' | 'data' | 'dependencies'
  /** The asset that it is made from and that changed, came or went; `null`: its own code. */
  readonly dependency: string | null
  readonly partition: SliceKey
}

/** Where it began: the slice that has another version, or the one whose code or dependencies changed. */
export interface RootCause extends StaleCause {
  readonly asset: string
  /** Of `asset`. */
  readonly partition: SliceKey
}

export interface Staleness {
  readonly status: 'missing' | 'stale' | 'fresh'
  readonly causes: readonly StaleCause[]
  /** Each once, sorted by asset and partition. */
  readonly rootCauses: readonly RootCause[]
  /** How many more causes there are than are listed. */
  readonly omitted: number
}

type At = Pick<StalenessInput, 'graph' | 'keysAt'>

export interface StalenessInput {
  readonly graph: ConditionGraph
  readonly keysAt: KeysAt
  /** The newest record; `null` where there is none. */
  latest(asset: string, partition: SliceKey): VersionRecord | null
  /** How many causes to list. All are looked at. Default 100. */
  readonly most?: number
}

/** What slices are made from, as it is now. */
export interface Above extends At {
  /** The slices of a set, in order, each with its newest record; `null` where there is none. */
  recordsIn(entity: Entity, set: Spans): Iterable<readonly [SliceKey, VersionRecord | null]>
}

const fresh: Staleness = { status: 'fresh', causes: [], rootCauses: [], omitted: 0 }

/**
 * Is a slice up to date? By Dagster's rule: it is stale where its code version, the version of something that it was made
 * from, or what it is made from has changed since. Staleness does not spread by itself: what is below a stale slice becomes
 * stale when that is made again and comes out different. A view is looked through; what something else makes is fresh. All
 * upstream slices count, however many.
 */
export function stalenessOf(entity: Entity, partition: SliceKey, input: StalenessInput): Staleness {
  const { graph, keysAt, most } = input
  function* recordsIn(dep: Entity, set: Spans): Generator<readonly [SliceKey, VersionRecord | null]> {
    for (const key of keysIn(graph.domain(dep, keysAt), set)) yield [key, input.latest(dep.id, key)]
  }
  const record = input.latest(entity.asset.name, partition)
  return stalenessBy(entity, partition, record, { graph, keysAt, recordsIn, ...(most !== undefined && { most }) })
}

/**
 * The same, by records that were read before.
 *
 * @param record of the slice; `null` where there is none.
 */
export function stalenessBy(
  entity: Entity,
  partition: SliceKey,
  record: VersionRecord | null,
  { most = 100, ...input }: Above & { readonly most?: number },
): Staleness {
  const { asset } = entity
  if (asset.external || asset.virtual) return fresh
  if (!record) return { ...fresh, status: 'missing' }
  const start = input.graph.domain(entity, input.keysAt)
  const set = start.axes.length === 0 ? true : setOf(start, [partition])
  const causes: StaleCause[] = []
  let omitted = 0
  for (const cause of causesOf(entity, set, record, input)) {
    if (causes.length < most) causes.push(cause)
    else omitted += 1
  }
  if (causes.length + omitted === 0) return fresh
  return { status: 'stale', causes, rootCauses: rootsOf(asset.name, partition, causes), omitted }
}

/**
 * Only whether it is stale, which is asked of very many.
 *
 * @param set of the one slice that has this record.
 */
export function isStale(entity: Entity, set: Spans, record: VersionRecord, input: Above): boolean {
  if (entity.asset.external || entity.asset.virtual) return false
  return causesOf(entity, set, record, input).next().done !== true
}

/**
 * The input versions of a slice that was made from what there is now, in the order in which its code names them, as the
 * JSON that is stored. Whoever has this text and this code is fresh; whoever has another may be, too. To compare it costs a
 * part of reading it: an object with a name of its own for each slice is dear.
 */
export function inputsNow(entity: Entity, set: Spans, above: Above): string {
  const deps = [...dependenciesOf(entity, set, above)]
  const { upstream } = entity.asset
  if (deps.length > 1) deps.sort(([a], [b]) => upstream.indexOf(a.id) - upstream.indexOf(b.id))
  let text = ''
  for (const [dep, needed] of deps) {
    const before = text
    for (const [key, now] of above.recordsIn(dep, needed))
      if (now) text += `,${JSON.stringify(sliceId(dep.id, key))}:${JSON.stringify(now.dataVersion)}`
    if (text === before) text += `,${JSON.stringify(dep.id)}:""`
  }
  return `{${text.slice(1)}}`
}

function* causesOf(entity: Entity, set: Spans, record: VersionRecord, input: Above): Generator<StaleCause> {
  const { codeVersion } = entity.asset
  if (codeVersion != null && record.inputVersions && codeVersion !== record.codeVersion)
    yield { kind: 'code', dependency: null, partition: null }
  const deps = dependenciesOf(entity, set, input)
  const read = readOf(entity, record.inputVersions, deps)
  for (const gone of read.gone) yield { kind: 'dependencies', dependency: gone, partition: null }
  for (const [dep, needed] of deps.size > 1 ? [...deps].toSorted(([a], [b]) => (a.id < b.id ? -1 : 1)) : deps) {
    if (record.inputVersions && !read.known.has(dep))
      yield { kind: 'dependencies', dependency: dep.id, partition: null }
    else {
      for (const [key, now] of input.recordsIn(dep, needed))
        if (isChanged(dep.id, key, now, record)) yield { kind: 'data', dependency: dep.id, partition: key }
    }
  }
}

function isChanged(
  dep: string,
  key: SliceKey,
  now: VersionRecord | null,
  { id, inputVersions }: VersionRecord,
): boolean {
  if (!inputVersions) return now !== null && now.id > id
  const before = inputVersions[sliceId(dep, key)] || null
  return before !== (now?.dataVersion ?? null)
}

/** The assets that slices are made from, with their slices: through views, without itself. */
export function dependenciesOf(entity: Entity, slices: Spans, { graph, keysAt }: At): ReadonlyMap<Entity, Spans> {
  const found = new Map<Entity, Spans>()
  const queue: (readonly [Entity, Spans])[] = [[entity, slices]]
  for (let next = queue.shift(); next; next = queue.shift()) {
    const [down, set] = next
    for (const up of down.deps) {
      if (up === entity || up === down) continue
      const [below, above] = [graph.domain(down, keysAt), graph.domain(up, keysAt)]
      const needed = above.axes.length === 0 ? true : needs(graph.mapping(down, up), below, above, set).set
      if (up.asset.virtual) queue.push([up, needed])
      else found.set(up, union(found.get(up) ?? none, needed))
    }
  }
  return found
}

/** By their names, what an asset is made from: the same for all of its slices. */
const named = new WeakMap<Entity, ReadonlyMap<string, Entity>>()

/** Which of the dependencies were read, and what was read that is none any more. */
function readOf(
  entity: Entity,
  versions: VersionRecord['inputVersions'],
  deps: ReadonlyMap<Entity, Spans>,
): { readonly known: ReadonlySet<Entity>; readonly gone: ReadonlySet<string> } {
  let byName = named.get(entity)
  if (!byName) named.set(entity, (byName = new Map([...deps.keys()].map((dep) => [dep.id, dep]))))
  const known = new Set<Entity>()
  const gone = new Set<string>()
  for (const id of Object.keys(versions ?? {})) {
    const dep = byName.get(id) ?? byName.get(nameIn(id))
    if (dep) known.add(dep)
    // Its own earlier slices are not what it depends on.
    else if (nameIn(id) !== entity.id) gone.add(nameIn(id))
  }
  return { known, gone }
}

const sliceId = (asset: string, key: SliceKey): string => (key === null ? asset : `${asset}|${key}`)

const nameIn = (id: string): string => {
  const end = id.indexOf('|')
  return end === -1 ? id : id.slice(0, end)
}

function rootsOf(asset: string, partition: SliceKey, causes: readonly StaleCause[]): readonly RootCause[] {
  const roots = new Map<string, RootCause>()
  for (const { kind, dependency, partition: key } of causes) {
    const root: RootCause =
      kind === 'data'
        ? { kind, asset: dependency!, partition: key, dependency: null }
        : { kind, asset, partition, dependency }
    roots.set(JSON.stringify([root.asset, root.partition, kind, root.dependency]), root)
  }
  return [...roots].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, root]) => root)
}
