import { inOneGo } from '../in-steps.ts'
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
  /**
   * Told of each answer. `explain` gives the tree that explains it, which takes a second evaluation; where the answer is
   * true, that tree was kept.
   */
  readonly found?: (entity: Entity, evaluated: Evaluated, explain: () => Trace) => boolean
}

export interface TickResult {
  /** What is requested now, in the order of the graph; nothing empty. */
  readonly requested: ReadonlyMap<Entity, Spans>
  readonly state: TickState
  /** How many conditions were evaluated. */
  readonly evaluated: number
  /** Ids of the entities whose state may be another than before. */
  readonly changed: ReadonlySet<string>
}

/** One evaluation of the conditions of a deployment. Pure: what it needs is given, what it decides is returned. */
export const evaluateConditions = (input: TickInput): TickResult => inOneGo(evaluating(input))

/** The same, one condition at a step: who carries it out may do something else in between. */
export function* evaluating(input: TickInput): Generator<void, TickResult> {
  const { graph, keysAt, facts, before, only, held, found } = input
  const requested = new Map<Entity, Spans>()
  const now = keysAt.now.epochMilliseconds
  const tick: TickContext = { graph, keysAt, now, facts, before, requested }
  /** A tick that evaluates few of many leaves the others as they were; an idle one copies nothing. */
  const kept: ReadonlyMap<string, EntityState> = only && before ? before.entities : new Map()
  let states: Map<string, EntityState> | undefined
  const changed = new Set<string>()
  const put = (id: string, state: EntityState): void => {
    states ??= new Map(kept)
    states.set(id, state)
    changed.add(id)
  }
  const unsettled = new Set<string>()
  const { conditioned, placeOf } = orderOf(graph)
  const wanted = wantedOf(conditioned, only, kept)
  let evaluated = 0
  const request = (entity: Entity, set: Spans): void => {
    if (isEmpty(set)) return
    requested.set(entity, union(requested.get(entity) ?? none, set))
    // Below what this tick requests, answers may change.
    for (const other of [...entity.dependents, ...entity.checks]) wanted[placeOf.get(other) ?? conditioned.length] = 1
  }
  // Few of many: a look at a byte each passes over the others.
  for (let place = 0; place < conditioned.length; place += 1) {
    if (wanted[place] === 0) continue
    const entity = conditioned[place]!
    evaluated += 1
    const answer = withheld(evaluateEntity(entity, tick), entity, held)
    const { set, state } = answer
    const isKept = found?.(entity, answer, () => evaluateEntity(entity, tick, true).trace!) ?? false
    put(entity.id, isKept ? { ...state, kept: state.sign } : state)
    if (state.isMoving || !isEmpty(set)) unsettled.add(entity.id)
    request(entity, set)
    if (!isEmpty(set))
      withNeighbours(graph, entity, set, keysAt, (other, own) => {
        request(other, own)
        const known = (states ?? kept).get(other.id)
        if (known) put(other.id, { ...known, requested: union(known.requested, own) })
        unsettled.add(other.id)
      })
    yield
  }
  return {
    requested,
    state: { at: now, entities: states ?? kept, unsettled, domains: movingDomains(graph, keysAt) },
    evaluated,
    changed,
  }
}

interface Order {
  /** What has a condition, in the order of the graph. */
  readonly conditioned: readonly Entity[]
  readonly placeOf: ReadonlyMap<Entity, number>
}

const orders = new WeakMap<ConditionGraph, Order>()

/** Made once for each graph. */
function orderOf(graph: ConditionGraph): Order {
  let order = orders.get(graph)
  if (!order) {
    const conditioned = graph.ordered.filter(({ condition }) => condition)
    order = { conditioned, placeOf: new Map(conditioned.map((entity, place) => [entity, place])) }
    orders.set(graph, order)
  }
  return order
}

/** A byte for each that has a condition: 1 where it is evaluated, as what was never evaluated is. */
function wantedOf(
  conditioned: readonly Entity[],
  only: ReadonlySet<Entity> | undefined,
  before: ReadonlyMap<string, EntityState>,
): Uint8Array {
  const wanted = new Uint8Array(conditioned.length + 1)
  if (!only) return wanted.fill(1)
  for (const [place, entity] of conditioned.entries()) if (only.has(entity) || !before.has(entity.id)) wanted[place] = 1
  return wanted
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
