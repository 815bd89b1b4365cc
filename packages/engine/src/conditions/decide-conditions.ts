import {
  type ConditionGraph,
  type Entity,
  type Facts,
  type KeysAt,
  type SetRecord,
  type Spans,
  type TickState,
  affected,
  entityRecord,
  evaluating,
  isSameState,
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
    /** A `TraceRecord` as JSON. */
    readonly tree: string
  }[]
}

/**
 * What one look at the conditions comes to; `null` where nothing can be other than before. Pure. A tree is kept where
 * something is requested, and where the answers are others than when the last one was kept; not in passing, while
 * something is true for one look only. It is done in steps, between which who carries them out may do something else.
 */
export function* decidingConditions(input: DecideConditions): Generator<void, DecidedConditions | null> {
  const { graph, keysAt, facts, before, touched, held, isExplained = false } = input
  const only = touched === null ? undefined : affected(graph, before, keysAt, touched, facts.failures)
  if (only?.size === 0) return null
  // Written down at once: the trees of ten thousand assets are a million objects.
  const texts = new Map<Entity, string>()
  const result = yield* evaluating({
    graph,
    keysAt,
    facts,
    before,
    only,
    held,
    found(entity, { set, state }, explain) {
      const isNews = !sets.isEmpty(set) || (!state.isMoving && state.sign !== state.kept)
      if (!isExplained && !isNews) return false
      texts.set(entity, JSON.stringify(recordOfTrace(explain())))
      return true
    },
  })
  const states: { entity: string; state: string }[] = []
  for (const id of result.changed) {
    const [own, previous] = [result.state.entities.get(id)!, before?.entities.get(id)]
    if (previous && isSameState(own, previous)) continue
    const state = JSON.stringify(entityRecord(own))
    if (!previous || state !== JSON.stringify(entityRecord(previous))) states.push({ entity: id, state })
    yield
  }
  const trees = [...texts].map(([entity, tree]) => ({
    entity,
    requested: requestOf(graph, keysAt, entity, result.requested.get(entity)),
    tree,
  }))
  return { state: result.state, runs: groupRequests(result.requested, graph, keysAt), states, trees }
}

const requestOf = (graph: ConditionGraph, keysAt: KeysAt, entity: Entity, set: Spans = sets.none): SetRecord =>
  recordOf(graph.domain(entity, keysAt), set)

/** A cron that ticks in the very moment of a look would count at the next one too (Dagster's rule): a look never meets one. */
export const momentOfLook = (now: number): number => (now % 60_000 === 0 ? now + 1 : now)
