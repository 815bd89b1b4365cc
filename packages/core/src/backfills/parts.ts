import type { AssetSnapshot } from '../definitions/snapshot.ts'
import { edgeMapping } from '../partitions/edge-mapping.ts'
import { isSameSpec, type Mapping } from '../partitions/mapping.ts'
import type { PartitionsSpec } from '../partitions/set.ts'
import { equals, none, type Spans } from '../partitions/spans.ts'
import { termsTogether } from '../runs/terms.ts'
import type { PartEdge } from './backfill.ts'

/** A part of a plan, before it is known how its runs wait. */
export interface DraftPart {
  readonly assets: readonly AssetSnapshot[]
  readonly spec: PartitionsSpec | null
  readonly set: Spans
  readonly after: readonly PartEdge[]
}

interface Edge {
  readonly asset: string
  readonly mapping: Mapping
  readonly soft: boolean
}

/** Assets that are made by the same runs, as far as is known. */
interface Group {
  readonly members: AssetSnapshot[]
  readonly spec: PartitionsSpec | null
  readonly set: Spans
}

/**
 * The parts of a backfill, each after those it needs. Child and parent are one part, and made by the same runs, where they
 * have the same slices to make, each slice needs the same key of the other, and their terms agree; unless a part would
 * then need itself through a third. An asset that needs its own slices stays alone: its parents need not wait for it.
 *
 * @param assets of the location.
 * @param sets the slices to make, by asset; an asset without any is not part of it.
 * @param pool where all runs go, whatever the assets say.
 */
export function backfillParts(
  assets: readonly AssetSnapshot[],
  sets: ReadonlyMap<string, Spans>,
  pool?: string,
): readonly DraftPart[] {
  const known = new Map(assets.map((one) => [one.name, one]))
  const edges = new Map<string, readonly Edge[]>()
  const groups = new Map<string, Group>()
  const add = (name: string): void => {
    const asset = known.get(name)
    if (!asset || groups.has(name)) return
    groups.set(name, { members: [asset], spec: asset.partitions, set: sets.get(name) ?? none })
    edges.set(name, edgesOf(asset, known))
    // What is read through a view comes before, too.
    for (const { asset: up } of asset.edges) if (known.get(up)?.virtual) add(up)
  }
  for (const name of sets.keys()) add(name)
  const graph = { groups, edges }
  const steps = new Map<string, string>()
  for (const name of groups.keys()) {
    const { together } = known.get(name)!
    if (together === undefined) continue
    const first = steps.get(together)
    if (first === undefined) steps.set(together, name)
    else merge(graph, groups.get(first)!, groups.get(name)!)
  }
  const names = inOrder(graph).flatMap(({ members }) => members.map(({ name }) => name))
  for (const name of names) {
    for (const { asset } of edges.get(name)!) {
      const [below, above] = [groups.get(name)!, groups.get(asset)]
      if (above && above !== below && canJoin(graph, below, above, pool)) merge(graph, above, below)
    }
  }
  const ordered = inOrder(graph)
  const places = new Map(ordered.map((group, place) => [group, place]))
  return ordered.map((group) => ({
    assets: group.members.filter(({ virtual }) => !virtual),
    spec: group.spec,
    set: group.set,
    after: edgesBetween(graph, group, places),
  }))
}

interface Graph {
  readonly groups: Map<string, Group>
  readonly edges: ReadonlyMap<string, readonly Edge[]>
}

function edgesOf(asset: AssetSnapshot, known: ReadonlyMap<string, AssetSnapshot>): readonly Edge[] {
  return asset.edges.map(({ asset: up, at, optional }) => {
    const above = known.get(up)?.partitions ?? null
    const whose = `"${up}" in asset "${asset.name}"`
    return { asset: up, mapping: edgeMapping({ up: above, down: asset.partitions, at, whose }).mapping, soft: optional }
  })
}

function merge({ groups }: Graph, into: Group, other: Group): void {
  if (into === other) return
  for (const member of other.members) {
    into.members.push(member)
    groups.set(member.name, into)
  }
}

function canJoin(graph: Graph, below: Group, above: Group, pool: string | undefined): boolean {
  const both = [...below.members, ...above.members]
  if (both.some(({ virtual }) => virtual) || !equals(below.set, above.set)) return false
  if (below.spec && above.spec ? !isSameSpec(below.spec, above.spec) : below.spec !== above.spec) return false
  if (needsOwn(graph, below) || needsOwn(graph, above)) return false
  const names = new Set(both.map(({ name }) => name))
  const inside = both.flatMap(({ name }) => graph.edges.get(name)!.filter(({ asset }) => names.has(asset)))
  if (!inside.every(({ mapping }) => below.spec === null || isSameKey(mapping, below.spec))) return false
  return agree(both, pool) && !isThrough(graph, below, above) && !isThrough(graph, above, below)
}

/** Do slices of it need other slices of it? */
function needsOwn({ edges }: Graph, { members }: Group): boolean {
  return members.some(({ name, together }) =>
    edges.get(name)!.some(({ asset }) => asset === name || (together !== undefined && isOneOf(members, asset))),
  )
}

const isOneOf = (members: readonly AssetSnapshot[], asset: string): boolean =>
  members.some(({ name }) => name === asset)

/** Does a slice need the slice with its own key, and nothing else? Both are partitioned alike. */
function isSameKey(mapping: Mapping, spec: PartitionsSpec): boolean {
  switch (mapping.kind) {
    case 'identity':
      return true
    case 'window':
      return mapping.from === 0 && mapping.to === 0
    case 'slice':
      return mapping.by === 0
    case 'dims':
      return (
        spec.kind === 'grid' &&
        mapping.fixed === undefined &&
        mapping.dims.length === Object.keys(spec.dims).length &&
        mapping.dims.every(({ up, down, by }) => up === down && up !== null && isSameKey(by, spec.dims[up]!))
      )
    default:
      return false
  }
}

function agree(assets: readonly AssetSnapshot[], pool: string | undefined): boolean {
  const pools = new Set(assets.map(({ terms }) => terms.pool))
  if (pool === undefined && pools.size > 1) return false
  try {
    termsTogether(assets.map(({ terms }) => (pool === undefined ? terms : { ...terms, pool })))
    return true
  } catch {
    return false // another value in the same variable, say: runs of their own
  }
}

/** Does a group need another through a third? */
function isThrough(graph: Graph, below: Group, above: Group): boolean {
  const seen = new Set<Group>([below])
  const waiting = [...upstream(graph, below)].filter((group) => group !== above)
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (next === above) return true
    if (seen.has(next)) continue
    seen.add(next)
    waiting.push(...upstream(graph, next))
  }
  return false
}

function upstream({ groups, edges }: Graph, group: Group): ReadonlySet<Group> {
  const found = new Set<Group>()
  for (const { name } of group.members) {
    for (const { asset } of edges.get(name)!) {
      const up = groups.get(asset)
      if (up && up !== group) found.add(up)
    }
  }
  return found
}

/** Each after those it needs; otherwise as they were chosen. */
function inOrder(graph: Graph): Group[] {
  const all = new Set(graph.groups.values())
  const waits = new Map<Group, number>()
  const below = new Map<Group, Group[]>()
  for (const group of all) {
    const ups = upstream(graph, group)
    waits.set(group, ups.size)
    for (const up of ups) below.set(up, [...(below.get(up) ?? []), group])
  }
  const ordered = [...all].filter((group) => waits.get(group) === 0)
  for (const group of ordered) {
    for (const one of below.get(group) ?? []) {
      const left = waits.get(one)! - 1
      waits.set(one, left)
      if (left === 0) ordered.push(one)
    }
  }
  return ordered
}

function edgesBetween(graph: Graph, group: Group, places: ReadonlyMap<Group, number>): readonly PartEdge[] {
  const found = new Map<string, PartEdge>()
  const isStep = group.members[0]!.together !== undefined
  for (const { name } of group.members) {
    for (const { asset, mapping, soft } of graph.edges.get(name)!) {
      const up = graph.groups.get(asset)
      // Inside a part only an asset's own slices come before others: the rest is the order within a run.
      if (!up || (up === group && asset !== name && !isStep)) continue
      if (up === group && (group.spec === null || isSameKey(mapping, group.spec))) continue
      const part = places.get(up)!
      const id = `${part} ${JSON.stringify(mapping)}`
      found.set(id, { part, mapping, soft: soft && (found.get(id)?.soft ?? true) })
    }
  }
  return [...found.values()]
}
