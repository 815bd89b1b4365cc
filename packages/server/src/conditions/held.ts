import {
  type ConditionGraph,
  type EntityState,
  type EntityStateRecord,
  type KeysAt,
  type Questions,
  type TickState,
  dynamicSets,
  questioning,
  sets,
  stateOfRecord,
} from '@sluice/core'
import { type Known, type Made, type Store, followEvents, graphingDeployed, readKnown } from '@sluice/engine'
import type { ConditionHead } from '@sluice/engine/store'
import type { ActiveCode } from '../locations/locations.ts'
import { inSlices } from '../passes/in-slices.ts'

/** How far conditions have read the events. */
export const consumer = 'conditions'

/** Events in one go. */
const page = 1_000

/** The code whose conditions count, without those that are paused. */
export interface Deployment {
  readonly codes: ReadonlyMap<string, ActiveCode>
  readonly graph: ConditionGraph
  readonly questions: Questions
  /** Ids of those whose condition is paused: what is remembered of them stays. */
  readonly paused: ReadonlySet<string>
}

export async function deploymentOf(
  codes: readonly ActiveCode[],
  pauses: readonly { readonly entity: string; readonly paused: boolean }[],
): Promise<Deployment> {
  const said = new Map(pauses.map(({ entity, paused }) => [entity, paused]))
  const isPaused = (entity: string): boolean => said.get(entity) ?? said.get('') ?? false
  const paused = new Set<string>()
  const graph = await inSlices(
    graphingDeployed(codes, (entity) => {
      if (!isPaused(entity)) return false
      paused.add(entity)
      return true
    }),
  )
  const byLocation = new Map(codes.map((code) => [code.location, code]))
  return { codes: byLocation, graph, questions: await inSlices(questioning(graph)), paused }
}

/** What a server keeps in mind between two looks at the conditions. */
export interface Held {
  readonly known: Known
  /** Of the store, that it was read at. */
  version: number
  state: TickState | null
  /** Up to where events were decided; `null`: none ever. */
  decided: number | null
  /** Up to where they were followed. */
  followed: number
  /** What they told that is not decided yet. */
  made: readonly Made[]
  touched: readonly (readonly [entity: string, event: number])[]
  /** The keys of dynamic sets. */
  readonly keys: Map<string, readonly string[]>
  /** Was something deployed or read anew, so that everything has to be looked at? */
  isNew: boolean
  /** Remembered, and defined no more. */
  gone: readonly string[]
}

/** Reads everything: when a server begins, and after a deploy. */
export async function readHeld(store: Store, { graph, questions, paused }: Deployment): Promise<Held> {
  const head = await store.conditions.head()
  const decided = await store.events.cursor(consumer)
  const states = head.version > 0 ? await store.conditions.states(0) : []
  const known = await readKnown(store, graph, questions)
  const held: Held = {
    known,
    version: head.version,
    state: null,
    decided,
    // What happens while it is read is told again without harm. Where nothing is remembered, what was is nothing new.
    followed: states.length === 0 ? head.lastEvent : (decided ?? head.lastEvent),
    made: [],
    touched: [],
    keys: new Map(),
    isNew: true,
    gone: [],
  }
  if (head.version > 0) {
    held.gone = states.map(({ entity }) => entity).filter((id) => !graph.entities.get(id)?.condition && !paused.has(id))
    held.state = await stateOf(store, held, graph, head, states)
  }
  return held
}

/** Another server has decided meanwhile: goes on from there. */
export async function catchUp(store: Store, held: Held, { graph }: Deployment, head: ConditionHead): Promise<void> {
  const states = await store.conditions.states(held.version)
  const changed = await stateOf(store, held, graph, head, states)
  const entities = new Map([...(held.state?.entities ?? []), ...changed.entities])
  const unsettled = [...entities].flatMap(([id, one]) => (one.isMoving || !sets.isEmpty(one.requested) ? [id] : []))
  held.state = { at: changed.at, entities, unsettled: new Set(unsettled), domains: held.state?.domains ?? null }
  held.version = head.version
  held.decided = await store.events.cursor(consumer)
  forgetDecided(held)
}

async function stateOf(
  store: Store,
  held: Held,
  graph: ConditionGraph,
  head: ConditionHead,
  states: Awaited<ReturnType<Store['conditions']['states']>>,
): Promise<TickState> {
  const keysAt = await keysNow(store, held, graph, head.now)
  const at = head.at ?? head.now
  const found = new Map<string, EntityState>()
  await inSlices(
    (function* () {
      for (const { entity, state } of states) {
        const record = { at, entities: { [entity]: JSON.parse(state) as EntityStateRecord } }
        const its = stateOfRecord(
          record,
          (id) => graph.entities.get(id),
          (one) => graph.domain(one, keysAt),
        )
        for (const [id, one] of its.entities) found.set(id, one)
        yield
      }
    })(),
  )
  return { at, entities: found, unsettled: new Set(found.keys()), domains: null }
}

/** @param now milliseconds since 1970. */
export async function keysNow(store: Store, held: Held, graph: ConditionGraph, now: number): Promise<KeysAt> {
  const dynamic: Record<string, readonly string[]> = {}
  for (const name of dynamicSets([...graph.entities.values()].map(({ spec }) => spec))) {
    let keys = held.keys.get(name)
    if (!keys) held.keys.set(name, (keys = await store.partitions.keys(name)))
    dynamic[name] = keys
  }
  return { now: Temporal.Instant.fromEpochMilliseconds(now), dynamic }
}

/** Reads the events up to `last`; gives whether some that had not been followed are not kept any more. */
export async function follow(
  store: Store,
  held: Held,
  { graph }: Deployment,
  last: number,
): Promise<'followed' | 'expired'> {
  while (held.followed < last) {
    const events = await store.events.list({ after: held.followed, limit: page })
    if ((await store.events.first()) > held.followed + 1) return 'expired'
    const { made, touched, sets: names } = await followEvents({ store, known: held.known, graph }, events)
    held.made = [...held.made, ...made]
    held.touched = [...held.touched, ...touched]
    for (const name of names) held.keys.delete(name)
    held.followed = events.at(-1)?.id ?? last
    if (events.length < page) break
  }
  held.followed = Math.max(held.followed, last)
  forgetDecided(held)
  return 'followed'
}

/** What another server has decided is nothing new. */
function forgetDecided(held: Held): void {
  const decided = held.decided ?? 0
  held.made = held.made.filter(({ event }) => event > decided)
  held.touched = held.touched.filter(([, event]) => event > decided)
}
