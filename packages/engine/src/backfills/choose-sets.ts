import {
  type AssetSnapshot,
  type ConditionGraph,
  type Domain,
  type Entity,
  type KeysAt,
  SluiceError,
  type Spans,
  conditionAssets,
  conditionGraph,
  neededBy,
  needs,
  sets,
} from '@sluice/core'
import { chooseSlices } from '../launches/partitions.ts'
import type { Store } from '../store/ports.ts'

/** The slices that a backfill makes, by asset. */
export interface ChosenSets {
  readonly at: KeysAt
  readonly sets: ReadonlyMap<string, Spans>
  /** Slices that were not named one by one and cannot be made: something that they need does not exist (yet). */
  readonly leftOut: number
}

/**
 * What to make of each chosen asset: the slices that have the keys; of an asset that has no such keys, those that come from
 * them or lead to them; an asset without partitions as a whole.
 *
 * @param chosen which are made here.
 * @param only slices of each asset, and nothing of one that it does not have; `null` for all of them.
 * @throws SluiceError PARTITION_REQUIRED, PARTITION_UNKNOWN: also for a slice that was named and needs one that does not
 *   exist (Dagster refuses that too).
 */
export async function chooseSets(
  store: Store,
  assets: readonly AssetSnapshot[],
  chosen: readonly AssetSnapshot[],
  partition: string | undefined,
  now: number,
  only: ReadonlyMap<string, Spans> | null = null,
): Promise<ChosenSets> {
  const partitioned = chosen.filter(({ partitions }) => partitions)
  if (partitioned.length === 0)
    throw new SluiceError('PARTITION_UNKNOWN', 'None of the selected assets is partitioned.', {
      hint: 'sluice materialize makes them.',
    })
  const { at, slices, others } = await chooseSlices(store, partitioned, partition, now)
  const graph = conditionGraph(conditionAssets(assets, ''))
  const names = new Set(chosen.map(({ name }) => name))
  const ordered = graph.ordered.filter(({ check, id }) => !check && names.has(id))
  const found = new Map(slices)
  for (const one of ordered) if (!one.spec) found.set(one.id, true)
  derive(graph, at, ordered, others, found)
  if (only) restrict(found, only)
  const isNamed = partition !== 'all' && partition !== 'missing' && partition !== 'latest'
  const leftOut = leaveOut({ graph, at, ordered, found, isNamed, mayMiss: optionalEdges(chosen) })
  if (ordered.some(({ id, spec }) => spec && found.has(id))) {
    const inOrder = chosen.flatMap(({ name }) => (found.has(name) ? [[name, found.get(name)!] as const] : []))
    return { at, sets: new Map(inOrder), leftOut }
  }
  throw new SluiceError('PARTITION_UNKNOWN', 'Every slice needs others that do not exist.', {
    hint: 'sluice assets show NAME says which slices an asset has.',
  })
}

type Found = Map<string, Spans>

function restrict(found: Found, only: ReadonlyMap<string, Spans>): void {
  for (const [name, set] of found) {
    const rest = sets.intersection(set, only.get(name) ?? sets.none)
    if (sets.isEmpty(rest)) found.delete(name)
    else found.set(name, rest)
  }
}

/** Of assets that have no such keys: what comes from the slices above them, else what leads to those below. */
function derive(
  graph: ConditionGraph,
  at: KeysAt,
  ordered: readonly Entity[],
  others: ReadonlySet<string>,
  found: Found,
): void {
  const domain = (one: Entity): Domain => graph.domain(one, at)
  const set = (one: Entity, from: readonly (Spans | undefined)[]): void => {
    const all = sets.unionAll(from.filter((its) => its !== undefined))
    if (!sets.isEmpty(all)) found.set(one.id, all)
  }
  for (const down of ordered) {
    if (!others.has(down.id)) continue
    const above = down.deps.filter((up) => up !== down && up.spec && found.has(up.id))
    set(
      down,
      above.map((up) => neededBy(graph.mapping(down, up), domain(down), domain(up), found.get(up.id)!)),
    )
  }
  for (const up of ordered.toReversed()) {
    if (!others.has(up.id) || found.has(up.id)) continue
    const below = up.dependents.filter((down) => down !== up && down.spec && found.has(down.id))
    set(
      up,
      below.map((down) => needs(graph.mapping(down, up), domain(down), domain(up), found.get(down.id)!).set),
    )
  }
}

interface Leaving {
  readonly graph: ConditionGraph
  readonly at: KeysAt
  readonly ordered: readonly Entity[]
  readonly found: Found
  /** The slices were named one by one. */
  readonly isNamed: boolean
  readonly mayMiss: (down: string, up: string) => boolean
}

/** Are all edges from one asset to another optional? */
function optionalEdges(assets: readonly AssetSnapshot[]): (down: string, up: string) => boolean {
  const edges = new Map(assets.map(({ name, edges: its }) => [name, its]))
  return (down, up) => edges.get(down)!.every(({ asset, optional }) => asset !== up || optional)
}

/** Takes out what needs a slice that does not exist, or one that was taken out. How many slices those are. */
function leaveOut({ graph, at, ordered, found, isNamed, mayMiss }: Leaving): number {
  const out = new Map<Entity, Spans>()
  let count = 0
  for (const down of ordered) {
    const set = found.get(down.id)
    if (set === undefined) continue
    const own = graph.domain(down, at)
    const gone: Spans[] = []
    for (const up of down.deps) {
      if (up === down || mayMiss(down.id, up.id)) continue
      const [mapping, above] = [graph.mapping(down, up), graph.domain(up, at)]
      const lost = out.get(up)
      // What reads all there is does so without them.
      if (lost && mapping.kind !== 'all') gone.push(sets.intersection(set, neededBy(mapping, own, above, lost)))
      const absent = (part: Spans): string | undefined => {
        for (const keys of needs(mapping, own, above, part).missing) for (const key of keys) return key
        return undefined
      }
      const missing = absent(set)
      if (missing === undefined) continue
      if (isNamed) throw needsMissing(down, up, missing)
      gone.push(...without(set, (part) => absent(part) !== undefined))
    }
    const all = sets.unionAll(gone)
    if (sets.isEmpty(all)) continue
    out.set(down, all)
    count += sets.countOf(all)
    const rest = sets.difference(set, all)
    if (sets.isEmpty(rest)) found.delete(down.id)
    else found.set(down.id, rest)
  }
  return count
}

function needsMissing(down: Entity, up: Entity, key: string): SluiceError {
  return new SluiceError('PARTITION_UNKNOWN', `"${down.id}" needs ${key} of "${up.id}", which does not exist.`, {
    hint: 'Leave out what needs it; all, missing and stale do so by themselves. An edge that is optional(…) needs nothing.',
  })
}

/** The parts of a set that are asked to go, found by halves: slices in a row go or stay together. */
function without(set: Spans, goes: (part: Spans) => boolean): Spans[] {
  const gone: Spans[] = []
  const waiting = [...sets.boxesOf(set)]
  for (let box = waiting.pop(); box; box = waiting.pop()) {
    const part = sets.product(box.map(([from, to]) => sets.span(from, to)))
    if (!goes(part)) continue
    const place = box.reduce((widest, [from, to], n) => (to - from > box[widest]![1] - box[widest]![0] ? n : widest), 0)
    const [from, to] = box[place] ?? [0, 1]
    if (to - from <= 1) gone.push(part)
    else {
      const middle = (from + to) >> 1
      waiting.push(
        box.map((one, n) => (n === place ? [from, middle] : one)),
        box.map((one, n) => (n === place ? [middle, to] : one)),
      )
    }
  }
  return gone
}
