import {
  type ConditionGraph,
  type Entity,
  type EntityState,
  type Facts,
  type KeysAt,
  type SetRecord,
  type Spans,
  type TickState,
  type TraceRecord,
  affected,
  entityRecord,
  evaluateConditions,
  recordOf,
  recordOfTrace,
  sets,
} from '@sluice/core'
import type { Change } from '../store/changes.ts'
import { type RequestedRun, groupRequests } from './group-requests.ts'

export interface DecideConditions {
  readonly graph: ConditionGraph
  readonly keysAt: KeysAt
  readonly facts: Facts
  /** Of the look before; `null`: there was none. */
  readonly before: TickState | null
  /** Ids of what something happened to since; `null`: everything is looked at, as after a deploy. */
  readonly touched: Iterable<string> | null
  /** What is not requested though its condition says so. */
  readonly held: (entity: Entity) => Spans
  /** Every tree is wanted, whether it says something new or not. */
  readonly isExplained?: boolean
}

type Decide = Extract<Change, { change: 'conditions.decide' }>

export interface DecidedConditions {
  readonly state: TickState
  readonly runs: readonly RequestedRun[]
  /** What is to be remembered that was not before. */
  readonly states: Decide['states']
  /** What explains itself anew. */
  readonly trees: readonly {
    readonly entity: Entity
    readonly requested: SetRecord
    readonly tree: TraceRecord
  }[]
}

/**
 * What one look at the conditions comes to; `null` where nothing can be other than before. Pure. A tree is kept where
 * something is requested, and where the answers are others than when the last one was kept; not in passing, while
 * something is true for one look only.
 */
export function decideConditions(input: DecideConditions): DecidedConditions | null {
  const { graph, keysAt, facts, before, touched, held, isExplained = false } = input
  const only = touched === null ? undefined : affected(graph, before, keysAt, touched, facts.failures)
  if (only?.size === 0) return null
  const result = evaluateConditions({
    graph,
    keysAt,
    facts,
    before,
    only,
    held,
    traced: (_, { set, state }) => isExplained || !sets.isEmpty(set) || (!state.isMoving && state.sign !== state.kept),
  })
  const entities = new Map(result.state.entities)
  const states: { entity: string; state: ReturnType<typeof entityRecord> }[] = []
  for (const [id, own] of entities) {
    const previous = before?.entities.get(id)
    if (own === previous) continue
    const isKept = result.traces.has(graph.entities.get(id)!)
    const next: EntityState = isKept ? { ...own, kept: own.sign } : own
    entities.set(id, next)
    const state = entityRecord(next)
    if (!previous || JSON.stringify(state) !== JSON.stringify(entityRecord(previous)))
      states.push({ entity: id, state })
  }
  const trees = [...result.traces].map(([entity, trace]) => ({
    entity,
    requested: requestOf(graph, keysAt, entity, result.requested.get(entity)),
    tree: recordOfTrace(trace),
  }))
  return {
    state: { ...result.state, entities },
    runs: groupRequests(result.requested, graph, keysAt),
    states,
    trees,
  }
}

const requestOf = (graph: ConditionGraph, keysAt: KeysAt, entity: Entity, set: Spans = sets.none): SetRecord =>
  recordOf(graph.domain(entity, keysAt), set)

/** A cron that ticks in the very moment of a look would count at the next one too (Dagster's rule): a look never meets one. */
export const momentOfLook = (now: number): number => (now % 60_000 === 0 ? now + 1 : now)
