import type { AssetSnapshot } from '../definitions/snapshot.ts'
import { edgeMapping } from '../partitions/edge-mapping.ts'
import type { Mapping } from '../partitions/mapping.ts'
import type { PartitionsSpec } from '../partitions/set.ts'
import { none, type Spans } from '../partitions/spans.ts'
import type { TermsSnapshot } from '../runs/terms.ts'

/** An edge between two assets of a backfill. */
export interface Edge {
  readonly from: string
  readonly to: string
  readonly mapping: Mapping
  readonly soft: boolean
}

/** Assets that are made by the same runs, as far as is known. */
export interface Group {
  readonly members: AssetSnapshot[]
  readonly spec: PartitionsSpec | null
  readonly set: Spans
  /** Assets outside that members need. */
  readonly ups: Set<string>
  /** Slices of it need other slices of it. */
  needsOwn: boolean
  terms: TermsSnapshot
  /** Places of its first and last member in an order in which each asset comes after those it needs. */
  first: number
  last: number
}

/** All assets of a backfill, and the views that they read through. */
export interface Graph {
  /** By the names of their members. */
  readonly groups: Map<string, Group>
  readonly above: ReadonlyMap<string, readonly Edge[]>
  readonly below: ReadonlyMap<string, readonly Edge[]>
}

/**
 * @param sets the slices to make, by asset.
 * @param pool where all runs go, whatever the assets say.
 */
export function graphOf(
  assets: readonly AssetSnapshot[],
  sets: ReadonlyMap<string, Spans>,
  pool: string | undefined,
): Graph {
  const known = new Map(assets.map((one) => [one.name, one]))
  const chosen = new Set<string>()
  const waiting = [...sets.keys()].filter((name) => known.has(name))
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (chosen.has(name)) continue
    chosen.add(name)
    // What is read through a view comes before, too.
    for (const { asset } of known.get(name)!.edges) if (known.get(asset)?.virtual) waiting.push(asset)
  }
  const inside = assets.filter(({ name }) => chosen.has(name))
  const above = new Map(inside.map((one) => [one.name, edgesOf(one, known).filter(({ to }) => chosen.has(to))]))
  const below = Map.groupBy([...above.values()].flat(), ({ to }) => to)
  const ordered = inOrder(new Set(inside), ({ name }) =>
    above.get(name)!.flatMap(({ to }) => (to === name ? [] : [known.get(to)!])),
  )
  const groups = new Map(
    ordered.map((asset, place): [string, Group] => {
      const edges = above.get(asset.name)!
      const group = {
        members: [asset],
        spec: asset.partitions,
        set: sets.get(asset.name) ?? none,
        ups: new Set(edges.flatMap(({ to }) => (to === asset.name ? [] : [to]))),
        needsOwn: edges.some(({ to }) => to === asset.name || isOneStep(asset, known.get(to)!)),
        terms: pool === undefined ? asset.terms : { ...asset.terms, pool },
        first: place,
        last: place,
      }
      return [asset.name, group]
    }),
  )
  return { groups, above, below }
}

/** Are they made by one step? */
const isOneStep = ({ together }: AssetSnapshot, other: AssetSnapshot): boolean =>
  together !== undefined && together === other.together

function edgesOf(asset: AssetSnapshot, known: ReadonlyMap<string, AssetSnapshot>): readonly Edge[] {
  return asset.edges.map(({ asset: to, at, optional }) => {
    const up = known.get(to)?.partitions ?? null
    const whose = `"${to}" in asset "${asset.name}"`
    const { mapping } = edgeMapping({ up, down: asset.partitions, at, whose })
    return { from: asset.name, to, mapping, soft: optional }
  })
}

/** The smaller goes into the larger: that a thousand assets of one run cost not a million steps. */
export function merge({ groups }: Graph, a: Group, b: Group): Group {
  if (a === b) return a
  const [into, other] = a.members.length < b.members.length ? [b, a] : [a, b]
  for (const member of other.members) {
    into.members.push(member)
    into.ups.delete(member.name)
    groups.set(member.name, into)
  }
  for (const name of other.ups) if (groups.get(name) !== into) into.ups.add(name)
  into.needsOwn ||= other.needsOwn
  into.first = Math.min(into.first, other.first)
  into.last = Math.max(into.last, other.last)
  return into
}

/** Does a group need another through a third? */
export function isThrough({ groups }: Graph, from: Group, to: Group): boolean {
  const seen = new Set<Group>([from])
  const waiting = [...from.ups].map((name) => groups.get(name)!).filter((group) => group !== to)
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (next === to) return true
    // What comes before all of a group needs none of it.
    if (seen.has(next) || next.last < to.first) continue
    seen.add(next)
    for (const name of next.ups) waiting.push(groups.get(name)!)
  }
  return false
}

/** Each after those it needs; otherwise as they are given. */
export function inOrder<T>(all: ReadonlySet<T>, upsOf: (one: T) => readonly T[]): readonly T[] {
  const waits = new Map<T, number>()
  const below = new Map<T, T[]>()
  for (const one of all) {
    const ups = new Set(upsOf(one))
    waits.set(one, ups.size)
    for (const up of ups) {
      const list = below.get(up)
      if (list) list.push(one)
      else below.set(up, [one])
    }
  }
  const ordered = [...all].filter((one) => waits.get(one) === 0)
  for (const one of ordered) {
    for (const next of below.get(one) ?? []) {
      const left = waits.get(next)! - 1
      waits.set(next, left)
      if (left === 0) ordered.push(next)
    }
  }
  return ordered
}
