import { needs } from '../partitions/map-set.ts'
import type { KeysAt } from '../partitions/set.ts'
import { difference, isEmpty, none, type Spans, union } from '../partitions/spans.ts'
import { movingDomains } from './affected.ts'
import { type Evaluated, evaluateEntity, type TickContext } from './evaluate.ts'
import type { Facts } from './facts.ts'
import type { ConditionGraph, Entity } from './graph.ts'
import type { EntityState, TickState } from './state.ts'
import type { Trace } from './trace.ts'

export interface TickInput {
  readonly graph: ConditionGraph
  /** The moment, and what the dynamic sets hold. */
  readonly keysAt: KeysAt
  readonly facts: Facts
  /** Of the tick before; `null`: there was none. */
  readonly before: TickState | null
  /**
   * The entities to evaluate: those whose answer may have changed (`touched`). Of all others the state stays and nothing
   * is requested. Default: all.
   */
  readonly only?: ReadonlySet<Entity> | undefined
  /** What is not requested though its condition says so. Default: nothing. */
  readonly held?: (entity: Entity) => Spans
  /** Is an explanation of what came out wanted? It takes a second evaluation. */
  readonly traced?: (entity: Entity, evaluated: Evaluated) => boolean
}

export interface TickResult {
  /** What is requested now, in the order of the graph; nothing empty. */
  readonly requested: ReadonlyMap<Entity, Spans>
  readonly state: TickState
  readonly traces: ReadonlyMap<Entity, Trace>
  /** How many conditions were evaluated. */
  readonly evaluated: number
}

/** One evaluation of the conditions of a deployment. Pure: what it needs is given, what it decides is returned. */
export function evaluateConditions(input: TickInput): TickResult {
  const { graph, keysAt, facts, before, only, held, traced } = input
  const requested = new Map<Entity, Spans>()
  const now = keysAt.now.epochMilliseconds
  const tick: TickContext = { graph, keysAt, now, facts, before, requested }
  /** A tick that evaluates few of many leaves the others as they were; an idle one copies nothing. */
  const kept: ReadonlyMap<string, EntityState> = only && before ? before.entities : new Map()
  let states: Map<string, EntityState> | undefined
  const changed = (): Map<string, EntityState> => (states ??= new Map(kept))
  const unsettled = new Set<string>()
  const traces = new Map<Entity, Trace>()
  /** Below what this tick requests, answers may change. */
  const woken = new Set<Entity>()
  let evaluated = 0
  const request = (entity: Entity, set: Spans): void => {
    if (isEmpty(set)) return
    requested.set(entity, union(requested.get(entity) ?? none, set))
    for (const below of entity.dependents) woken.add(below)
    for (const check of entity.checks) woken.add(check)
  }
  for (const entity of graph.ordered) {
    if (!entity.condition) continue
    const previous = before?.entities.get(entity.id)
    if (only && previous && !only.has(entity) && !woken.has(entity)) {
      continue
    }
    evaluated += 1
    const found = withheld(evaluateEntity(entity, tick), entity, held)
    const { set, state } = found
    changed().set(entity.id, state)
    if (state.isMoving || !isEmpty(set)) unsettled.add(entity.id)
    if (traced?.(entity, found)) traces.set(entity, evaluateEntity(entity, tick, true).trace!)
    request(entity, set)
    if (!isEmpty(set))
      withNeighbours(graph, entity, set, keysAt, (other, own) => {
        request(other, own)
        const known = changed().get(other.id)
        if (known) changed().set(other.id, { ...known, requested: union(known.requested, own) })
        unsettled.add(other.id)
      })
  }
  return {
    requested,
    state: { at: now, entities: states ?? kept, unsettled, domains: movingDomains(graph, keysAt) },
    traces,
    evaluated,
  }
}

function withheld(found: Evaluated, entity: Entity, held: TickInput['held']): Evaluated {
  if (!held || isEmpty(found.set)) return found
  const set = difference(found.set, held(entity))
  return { ...found, set, state: { ...found.state, requested: set } }
}

/** What one step makes together is requested together. */
function withNeighbours(
  graph: ConditionGraph,
  entity: Entity,
  set: Spans,
  keysAt: KeysAt,
  add: (other: Entity, set: Spans) => void,
): void {
  const group = entity.check ? undefined : entity.asset.together
  if (group === undefined) return
  const own = graph.domain(entity, keysAt)
  for (const other of graph.together.get(group) ?? []) {
    if (other === entity) continue
    const domain = graph.domain(other, keysAt)
    add(other, domain.axes.length === 0 ? true : needs(graph.mapping(entity, other), own, domain, set).set)
  }
}
