import { type Domain, type Entity, type Spans, sets } from '@sluice/core'
import type { DecidedConditions } from './decide-conditions.ts'
import type { Known } from './known-assets.ts'

/** What was requested and not made is not requested again before, in milliseconds: it fails at once, as it seems. */
const pause = 10_000

/** When slices of an entity were requested last, by its id. */
export type Requests = Map<string, { readonly at: number; readonly set: Spans }>

export interface HeldBack {
  readonly known: Known
  readonly requests: Requests
  readonly at: number
  domain(entity: Entity): Domain
  /** Something is held back for a while: it is to be looked at again. */
  again(id: string): void
}

/**
 * What is not requested though a condition says so: what an earlier request of it is under way for, and what was requested a
 * moment ago and not made. A condition that is always true would fill the queue.
 */
export function heldBack({ known, requests, at, domain, again }: HeldBack): (entity: Entity) => Spans {
  return (entity) => {
    const asked = requests.get(entity.id)
    if (!asked) return sets.none
    const its = known.assets.get(entity.asset.name)
    const isMade = (its?.newest?.at ?? 0) >= asked.at
    if (!isMade && at - asked.at < pause) {
      again(entity.id)
      return asked.set
    }
    const active = [...(its?.active ?? [])].filter(({ run }) => run.cause.by === 'condition')
    const going = sets.unionAll(active.map(({ keysOf }) => keysOf(entity.asset.name).in(domain(entity))))
    return sets.intersection(going, asked.set)
  }
}

/** Remembers what a look has requested. */
export function noteRequests(requests: Requests, { state, runs }: DecidedConditions, at: number): void {
  for (const { entities } of runs)
    for (const { id } of entities) {
      const set = state.entities.get(id)?.requested
      if (set) requests.set(id, { at, set })
    }
}
