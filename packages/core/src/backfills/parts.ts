import type { AssetSnapshot } from '../definitions/snapshot.ts'
import { isSameSpec, type Mapping } from '../partitions/mapping.ts'
import type { PartitionsSpec } from '../partitions/set.ts'
import { equals, type Spans } from '../partitions/spans.ts'
import { type TermsSnapshot, termsTogether } from '../runs/terms.ts'
import type { PartEdge } from './backfill.ts'
import { type Edge, type Graph, type Group, graphOf, inOrder, isThrough, merge } from './groups.ts'

/** A part of a plan, before it is known how its runs wait. */
export interface DraftPart {
  readonly assets: readonly AssetSnapshot[]
  readonly spec: PartitionsSpec | null
  readonly set: Spans
  readonly after: readonly PartEdge[]
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
  const graph = graphOf(assets, sets, pool)
  const { groups, above } = graph
  const steps = new Map<string, string>()
  const names = [...groups.keys()]
  for (const name of names) {
    const { together } = groups.get(name)!.members[0]!
    const first = together === undefined ? undefined : steps.get(together)
    if (first !== undefined) merge(graph, groups.get(first)!, groups.get(name)!)
    else if (together !== undefined) steps.set(together, name)
  }
  for (const name of names) {
    for (const { to } of above.get(name)!) {
      const [child, parent] = [groups.get(name)!, groups.get(to)!]
      if (child === parent) continue
      const terms = canJoin(graph, child, parent)
      if (terms) merge(graph, child, parent).terms = terms
    }
  }
  const places = new Map(names.map((name, place) => [name, place]))
  const ordered = inOrder(new Set(groups.values()), (group) => [...group.ups].map((name) => groups.get(name)!))
  const parts = new Map(ordered.map((group, place) => [group, place]))
  return ordered.map((group) => ({
    assets: group.members
      .filter(({ virtual }) => !virtual)
      .toSorted((a, b) => places.get(a.name)! - places.get(b.name)!),
    spec: group.spec,
    set: group.set,
    after: edgesOfPart(graph, group, parts),
  }))
}

/** The terms of both together; `null` where they are made by runs of their own. */
function canJoin(graph: Graph, child: Group, parent: Group): TermsSnapshot | null {
  if (child.needsOwn || parent.needsOwn || child.members[0]!.virtual || parent.members[0]!.virtual) return null
  const { spec } = child
  if (spec && parent.spec ? !isSameSpec(spec, parent.spec) : spec !== parent.spec) return null
  if (!equals(child.set, parent.set) || child.terms.pool !== parent.terms.pool) return null
  const small = child.members.length < parent.members.length ? child : parent
  const ofBoth = ({ from, to }: Edge): boolean => {
    const ends = [graph.groups.get(from), graph.groups.get(to)]
    return ends.includes(child) && ends.includes(parent)
  }
  const between = small.members
    .flatMap(({ name }) => [...graph.above.get(name)!, ...(graph.below.get(name) ?? [])])
    .filter(ofBoth)
  if (!between.every(({ mapping }) => spec === null || isSameKey(mapping, spec))) return null
  if (isThrough(graph, child, parent) || isThrough(graph, parent, child)) return null
  try {
    return termsTogether([child.terms, parent.terms])
  } catch {
    return null // another value in the same variable, say
  }
}

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

/** What comes before a part. Within it only an asset's other slices do: the rest is the order within a run. */
function edgesOfPart({ groups, above }: Graph, group: Group, parts: ReadonlyMap<Group, number>): readonly PartEdge[] {
  const found = new Map<string, PartEdge>()
  for (const { name } of group.members) {
    for (const { to, mapping, soft } of above.get(name)!) {
      const up = groups.get(to)!
      if (up === group && (group.spec === null || isSameKey(mapping, group.spec))) continue
      const part = parts.get(up)!
      const id = `${part} ${JSON.stringify(mapping)}`
      found.set(id, { part, mapping, soft: soft && (found.get(id)?.soft ?? true) })
    }
  }
  return [...found.values()]
}
