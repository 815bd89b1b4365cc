import { inOneGo } from '../in-steps.ts'
import type { Domain } from '../partitions/domain.ts'
import type { KeysAt, PartitionsSpec } from '../partitions/set.ts'
import { equals, isEmpty } from '../partitions/spans.ts'
import { compile, type Node } from './compile.ts'
import type { ConditionSpec, RetryDue } from './condition.ts'
import { downstreamConditions } from './downstream.ts'
import type { Facts } from './facts.ts'
import { isDue } from './leaves.ts'
import type { ConditionGraph, Entity } from './graph.ts'
import type { TickState } from './state.ts'

/**
 * The entities whose answer may differ from that of the tick before: those to which something happened, those that ask
 * about them, those of which something was true for one tick only, and those whose partitions, crons or retries time has
 * moved. An idle tick has none.
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
  failures: Facts['failures'] = () => [],
): ReadonlySet<Entity> | undefined {
  if (!before?.domains) return undefined
  const found = new Set<Entity>()
  const watchers = questionsOf(graph)
  const wake = (id: string): void => {
    for (const one of watchers.of.get(id) ?? []) found.add(one)
  }
  for (const id of touched) wake(id)
  const now = keysAt.now.epochMilliseconds
  for (const [lastTick, entities] of watchers.crons) {
    const tick = lastTick(now)
    if (tick !== null && tick >= before.at) for (const one of entities) found.add(one)
  }
  for (const [{ delay, max }, pairs] of watchers.retries)
    for (const [entity, root] of pairs)
      if (failures(entity).some((one) => isDue(one, { delay, max, after: before.at, now }))) found.add(root)
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
  return new Map([...questionsOf(graph).moving].map(([spec, [first]]) => [spec, graph.domain(first!, keysAt)]))
}

/** What the conditions of a graph ask, and of what. */
export interface Questions {
  /** By id: the entities whose conditions ask about it. */
  readonly of: ReadonlyMap<string, ReadonlySet<Entity>>
  /** By id: what is asked of it. */
  readonly ops: ReadonlyMap<string, ReadonlySet<ConditionSpec['op']>>
  /** By name: what code is asked, how often (ms), and of what. */
  readonly customs: ReadonlyMap<string, { readonly every: number; readonly entities: ReadonlySet<Entity> }>
  readonly crons: ReadonlyMap<(ms: number) => number | null, ReadonlySet<Entity>>
  /** Of what retries are asked, and by whom. */
  readonly retries: ReadonlyMap<RetryDue, readonly (readonly [asked: Entity, root: Entity])[]>
  readonly moving: ReadonlyMap<PartitionsSpec, readonly Entity[]>
}

const known = new WeakMap<ConditionGraph, Questions>()

/** Made once for each graph. */
export const questionsOf = (graph: ConditionGraph): Questions => known.get(graph) ?? inOneGo(questioning(graph))

/** The same, an entity at a step: who carries it out may do something else in between. */
export function* questioning(graph: ConditionGraph): Generator<void, Questions> {
  const of = new Map<string, Set<Entity>>()
  const ops = new Map<string, Set<ConditionSpec['op']>>()
  const customs = new Map<string, { every: number; entities: Set<Entity> }>()
  const crons = new Map<(ms: number) => number | null, Set<Entity>>()
  const retries = new Map<RetryDue, (readonly [Entity, Entity])[]>()
  for (const root of graph.ordered) {
    if (!root.condition) continue
    const visit = (node: Node, entity: Entity, path: readonly Node[]): void => {
      const { spec } = node
      add(of, entity.id, root)
      add(ops, entity.id, spec.op)
      if (node.lastTick) add(crons, node.lastTick, root)
      if (spec.op === 'retryDue') (retries.get(spec) ?? put(retries, spec)).push([entity, root])
      if (spec.op === 'custom') {
        const known = customs.get(spec.name) ?? { every: spec.every, entities: new Set() }
        customs.set(spec.name, { ...known, every: Math.min(known.every, spec.every) })
        known.entities.add(entity)
      }
      for (const other of askedOf(graph, node, entity)) {
        add(of, other.id, root)
        for (const part of node.of) visit(part, other, [...path, node])
      }
      if (spec.op !== 'anyDownstreamConditions') return
      for (const below of downstreamConditions(entity, [...path, node])) visit(compile(below), entity, [...path, node])
    }
    visit(compile(root.condition), root, [])
    yield
  }
  const moving = new Map<PartitionsSpec, Entity[]>()
  for (const entity of graph.entities.values()) {
    const { spec } = entity
    if (spec && spec.kind !== 'one of' && of.has(entity.id)) (moving.get(spec) ?? put(moving, spec)).push(entity)
  }
  const made = { of, ops, customs, crons, retries, moving }
  known.set(graph, made)
  return made
}

function add<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  let set = map.get(key)
  if (!set) map.set(key, (set = new Set()))
  set.add(value)
}

function put<K, V>(map: Map<K, V[]>, key: K): V[] {
  const list: V[] = []
  map.set(key, list)
  return list
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
