import { type ConditionGraph, type Entity, type KeysAt, type Spans, keysIn } from '@sluice/core'

/** What one run is to do of what conditions have requested. */
export interface RequestedRun {
  readonly location: string
  /** Assets to make, or the checks of one asset to run. */
  readonly entities: readonly Entity[]
  /** `null` where they are not partitioned. */
  readonly keys: readonly string[] | null
}

/**
 * The runs of one look: what has equal partitions, location and pool, and hangs together, is one. Checks run with their
 * asset where that is requested too; the others of an asset are a run of their own.
 */
export function groupRequests(
  requested: ReadonlyMap<Entity, Spans>,
  graph: ConditionGraph,
  keysAt: KeysAt,
): readonly RequestedRun[] {
  const alike = new Map<string, { readonly keys: readonly string[] | null; readonly entities: Set<Entity> }>()
  const specs: unknown[] = []
  for (const [entity, set] of requested) {
    const { asset, spec, check } = entity
    if (check && requested.has(graph.entities.get(asset.name)!)) continue
    if (spec && !specs.includes(spec)) specs.push(spec)
    const kind = check ? asset.name : specs.indexOf(spec)
    const like = JSON.stringify([asset.location, asset.pool ?? null, kind, set])
    let group = alike.get(like)
    if (!group) {
      const keys = spec ? ([...keysIn(graph.domain(entity, keysAt), set)] as string[]) : null
      alike.set(like, (group = { keys, entities: new Set() }))
    }
    group.entities.add(entity)
  }
  return [...alike.values()].flatMap(({ keys, entities }) =>
    connected(entities, graph).map((part) => ({ location: part[0]!.asset.location ?? '', entities: part, keys })),
  )
}

/** The parts of a set that hang together by what is made from what, or is made by one step. Checks of an asset do. */
function connected(entities: ReadonlySet<Entity>, graph: ConditionGraph): readonly (readonly Entity[])[] {
  const left = new Set(entities)
  const place = new Map([...entities].map((entity, nth) => [entity, nth]))
  const parts: Entity[][] = []
  for (const start of entities) {
    if (!left.delete(start)) continue
    const part = [start]
    for (let at = 0; at < part.length; at += 1) {
      for (const near of nearTo(part[at]!, graph)) if (left.delete(near)) part.push(near)
    }
    // In their order, each after what it is made from.
    parts.push(part.toSorted((a, b) => place.get(a)! - place.get(b)!))
  }
  return parts
}

function nearTo(entity: Entity, graph: ConditionGraph): readonly Entity[] {
  const { check, deps, dependents, asset } = entity
  if (check) return graph.entities.get(asset.name)!.checks
  const together = asset.together === undefined ? [] : (graph.together.get(asset.together) ?? [])
  return [...deps, ...dependents, ...together]
}
