import {
  type Change,
  type DecidedConditions,
  crashPoint,
  type Requests,
  decidingConditions,
  factsOf,
  heldBack,
  momentOfLook,
  noteRequests,
  refreshFilling,
} from '@sluice/engine'
import type { Context } from '../context.ts'
import { inSlices } from '../passes/in-slices.ts'
import { type Customs, openCustoms } from './ask-customs.ts'
import { type Deployment, type Held, catchUp, consumer, deploymentOf, follow, keysNow, readHeld } from './held.ts'
import { planRuns } from './plan-runs.ts'

/** How often what other servers deployed or paused is looked at. */
const relist = 5_000
/** So many events that change nothing are remembered only here; after more the store is told. */
const unsaved = 10_000

export interface Conditions {
  /** Looks at the conditions of everything that may have changed: how many runs that made. */
  pass(): Promise<number>
  /** Definitions or pauses have changed. */
  changed(): void
  /** Waits for the code that was asked. */
  stop(): Promise<void>
}

/** What it needs of a server. */
type ConditionContext = Pick<Context, 'store' | 'now'> & {
  readonly locations: Pick<Context['locations'], 'active'>
  readonly connections: Pick<Context['connections'], 'ask'>
}

type Say = (level: 'info' | 'warn' | 'error', text: string) => void

/**
 * Keeps to the conditions of assets and checks. A look is one commit that compares and sets the version of what is
 * remembered, moves the cursor in the events, and makes the runs: of several servers one does it, and a server that is
 * killed forgets nothing. Only what something happened to is looked at, from what events told; nothing is read for the rest.
 */
export function openConditions(context: ConditionContext, say: Say): Conditions {
  const { store, now: own } = context
  let stale = true
  let listedAt = -Infinity
  let deployed: { readonly key: string; readonly its: Deployment } | null = null
  let held: Held | null = null
  let customs: Customs | null = null
  let requests: Requests = new Map()
  /** Ids of what is to be looked at though no event tells so: it was held back for a while, or code says something else. */
  let later = new Set<string>()

  const list = async (): Promise<void> => {
    stale = false
    listedAt = own()
    const [codes, pauses] = await Promise.all([context.locations.active(), store.conditions.pauses()])
    const key = JSON.stringify([codes.map(({ location, version }) => [location, version]), pauses])
    if (deployed?.key === key) {
      if (hasNone(deployed.its)) await passOver()
      return
    }
    if (held) await saveCursor(held)
    deployed = { key, its: await deploymentOf(codes, pauses) }
    held = null
    await customs?.stop()
    customs = openCustoms({ context, codes: deployed.its.codes, say }, deployed.its.questions)
    requests = new Map()
    later = new Set()
  }

  /** Where nothing has a condition any more, events are not kept for who does not read them. */
  const passOver = async (): Promise<void> => {
    const [from, last] = [await store.events.cursor(consumer), await store.events.last()]
    if (from === null || last - from <= unsaved) return
    await store.commit([{ change: 'cursor.move', name: consumer, from, to: last }])
    if (held) held.decided = held.followed = last
  }

  /** Events that came to nothing are not looked at again. */
  const saveCursor = async (one: Held): Promise<void> => {
    if (one.made.length + one.touched.length > 0 || one.followed === one.decided) return
    await store.commit([{ change: 'cursor.move', name: consumer, from: one.decided, to: one.followed }])
    one.decided = one.followed
  }

  /** How many runs that made; `null` where another server has decided meanwhile. */
  const commit = async (one: Held, its: Deployment, decided: DecidedConditions, at: number): Promise<number | null> => {
    const { entityOf, changes, errors } = planRuns(one, its, decided, at)
    for (const text of errors) say('error', text)
    const decide: Change = {
      change: 'conditions.decide',
      from: one.version,
      at,
      states: decided.states,
      gone: one.gone,
      evaluations: decided.trees.map(({ entity, requested, tree }) => {
        const made = entityOf.get(entity)
        return { entity: entity.id, at, requested, run: made?.run ?? null, error: made?.error ?? null, tree }
      }),
    }
    const cursor: Change = { change: 'cursor.move', name: consumer, from: one.decided, to: one.followed }
    crashPoint('conditions-planned')
    const moved = one.decided === one.followed ? [] : [cursor]
    const [answer] = await store.commit([[decide, ...moved, ...changes]])
    crashPoint('conditions-committed')
    // Somebody else was first: the next pass goes on from there.
    if (!answer?.ok) return null
    one.version += 1
    one.decided = one.followed
    one.state = decided.state
    one.made = one.touched = one.gone = []
    one.isNew = false
    noteRequests(requests, decided, at)
    return changes.length
  }

  return {
    async pass() {
      if (stale || own() - listedAt > relist) await list()
      const { its } = deployed!
      if (hasNone(its) && held?.gone.length === 0) return 0
      const head = await store.conditions.head()
      // No condition was ever kept to here: what there is to know of assets and runs is not read.
      if (hasNone(its) && head.version === 0) return 0
      held ??= await readHeld(store, its)
      const one = held
      if (head.version < one.version) {
        held = null // it is another store than before: a copy was put back, say
        return 0
      }
      if (head.version > one.version) await catchUp(store, one, its, head)
      if ((await follow(store, one, its, head.lastEvent)) === 'expired') {
        say(
          'warn',
          'Conditions were not looked at for longer than events are kept: what happened meanwhile is not known.',
        )
        held = { ...(await readHeld(store, its)), followed: head.lastEvent }
        return 0
      }
      for (const id of customs!.pass()) later.add(id)
      if (!customs!.isSettled()) return 0
      const at = momentOfLook(Math.max(head.now, one.state?.at ?? 0))
      const keysAt = await keysNow(store, one, its.graph, at)
      const touched = one.isNew ? null : [...one.touched.map(([id]) => id), ...later]
      const next = new Set<string>()
      await refreshFilling(store, one.known.filling)
      const facts = factsOf({ known: one.known, graph: its.graph, keysAt, made: one.made, customs: customs!.said })
      const back = heldBack({
        known: one.known,
        requests,
        at,
        domain: (entity) => its.graph.domain(entity, keysAt),
        again: (id) => void next.add(id),
      })
      const decided = await inSlices(
        decidingConditions({ graph: its.graph, keysAt, facts, before: one.state, touched, held: back }),
      )
      if (decided) {
        const made = await commit(one, its, decided, at)
        if (made !== null) later = next
        return made ?? 0
      }
      later = next
      one.made = one.touched = []
      if (one.followed - (one.decided ?? 0) > unsaved) await saveCursor(one)
      return 0
    },
    changed() {
      stale = true
    },
    async stop() {
      await customs?.stop()
    },
  }
}

const hasNone = ({ questions, paused }: Deployment): boolean => questions.of.size === 0 && paused.size === 0
