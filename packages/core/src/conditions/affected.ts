import type { Domain } from '../partitions/domain.ts'
import type { KeysAt, PartitionsSpec } from '../partitions/set.ts'
import { equals, isEmpty } from '../partitions/spans.ts'
import { compile, type Node } from './compile.ts'
import { downstreamConditions } from './downstream.ts'
import type { ConditionGraph, Entity } from './graph.ts'
import type { TickState } from './state.ts'

/**
 * The entities whose answer may differ from that of the tick before: those to which something happened, those that ask
 * about them, those of which something was true for one tick only, and those whose partitions or crons time has moved.
 * An idle tick has none.
 *
 * @param touched ids of assets and checks to which something happened since: made, observed, failed, a run of them begun
 *   or ended, their code or freshness changed.
 * @returns `undefined` for all: there was no tick before in this process.
 */
export function affected(
  graph: ConditionGraph,
  before: TickState | null,
  keysAt: KeysAt,
  touched: Iterable<string>,
): ReadonlySet<Entity> | undefined {
  if (!before?.domains) return undefined
  const found = new Set<Entity>()
  const watchers = watchersOf(graph)
  const wake = (id: string): void => {
    for (const one of watchers.of.get(id) ?? []) found.add(one)
  }
  for (const id of touched) wake(id)
  const now = keysAt.now.epochMilliseconds
  for (const [lastTick, entities] of watchers.crons) {
    const tick = lastTick(now)
    if (tick !== null && tick >= before.at) for (const one of entities) found.add(one)
  }
  for (const id of before.unsettled) {
    const entity = graph.entities.get(id)
    if (entity?.condition) found.add(entity)
    if (!isEmpty(before.entities.get(id)?.requested ?? [])) wake(id)
  }
  for (const [spec, entities] of watchers.moving) {
    const [old, domain] = [before.domains.get(spec), graph.domain(entities[0]!, keysAt)]
    if (!old || !isSame(old, domain)) for (const one of entities) wake(one.id)
  }
  return found
}

function isSame(a: Domain, b: Domain): boolean {
  if (a === b) return true
  return equals(a.all, b.all) && a.axes.every(({ names }, n) => isSameList(names, b.axes[n]!.names))
}

function isSameList(a: readonly string[] | null, b: readonly string[] | null): boolean {
  return a === b || (a !== null && b !== null && a.length === b.length && a.every((one, n) => one === b[n]))
}

/** The partitions that time or names move, as they are now: what the next tick compares with. */
export function movingDomains(graph: ConditionGraph, keysAt: KeysAt): ReadonlyMap<PartitionsSpec, Domain> {
  return new Map([...watchersOf(graph).moving].map(([spec, [first]]) => [spec, graph.domain(first!, keysAt)]))
}

interface Watchers {
  /** By id: the entities whose conditions ask about it. */
  readonly of: ReadonlyMap<string, ReadonlySet<Entity>>
  readonly crons: ReadonlyMap<(ms: number) => number | null, ReadonlySet<Entity>>
  readonly moving: ReadonlyMap<PartitionsSpec, readonly Entity[]>
}

const known = new WeakMap<ConditionGraph, Watchers>()

function watchersOf(graph: ConditionGraph): Watchers {
  let made = known.get(graph)
  if (!made) known.set(graph, (made = makeWatchers(graph)))
  return made
}

function makeWatchers(graph: ConditionGraph): Watchers {
  const of = new Map<string, Set<Entity>>()
  const crons = new Map<(ms: number) => number | null, Set<Entity>>()
  for (const root of graph.ordered) {
    if (!root.condition) continue
    const visit = (node: Node, entity: Entity, path: readonly Node[]): void => {
      add(of, entity.id, root)
      if (node.lastTick) add(crons, node.lastTick, root)
      for (const other of askedOf(graph, node, entity)) {
        add(of, other.id, root)
        for (const part of node.of) visit(part, other, [...path, node])
      }
      if (node.spec.op !== 'anyDownstreamConditions') return
      for (const below of downstreamConditions(entity, [...path, node])) visit(compile(below), entity, [...path, node])
    }
    visit(compile(root.condition), root, [])
  }
  const moving = new Map<PartitionsSpec, Entity[]>()
  for (const entity of graph.entities.values()) {
    const { spec } = entity
    if (spec && spec.kind !== 'one of' && of.has(entity.id)) moving.set(spec, [...(moving.get(spec) ?? []), entity])
  }
  return { of, crons, moving }
}

function add<K>(map: Map<K, Set<Entity>>, key: K, entity: Entity): void {
  let set = map.get(key)
  if (!set) map.set(key, (set = new Set()))
  set.add(entity)
}

/** The entities of which a node asks its parts. */
function askedOf(graph: ConditionGraph, { spec }: Node, entity: Entity): readonly Entity[] {
  switch (spec.op) {
    case 'anyDepsMatch':
    case 'allDepsMatch':
      return entity.deps
    case 'anyChecksMatch':
    case 'allChecksMatch':
      return entity.checks
    case 'assetMatches':
      return [graph.entities.get(spec.asset)].filter((one) => one !== undefined)
    default:
      return [entity]
  }
}
