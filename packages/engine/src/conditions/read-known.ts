import { readFilling } from '../backfills/filling.ts'
import type { ConditionGraph, Questions } from '@sluice/core'
import type { KnownSlices, Store } from '../store/ports.ts'
import {
  type Known,
  type KnownAsset,
  asksFailures,
  begin,
  failed,
  isBroken,
  keysOf,
  knowFreshness,
  madeBy,
  planned,
} from './known-assets.ts'
import { SliceKeys } from './slice-keys.ts'

type Reads = Pick<Store, 'conditions' | 'runs' | 'assets' | 'checks' | 'freshness' | 'backfills'>

const atOnce = 1_000
/** Runs of an asset in which failures in a row are looked for when a server begins. */
const remembered = 50

/** Reads what is known of everything that the conditions of a graph ask about. */
export async function readKnown(store: Reads, graph: ConditionGraph, questions: Questions): Promise<Known> {
  const known: Known = {
    questions,
    assets: new Map(),
    checks: new Map(),
    broken: new Set(),
    active: new Map(),
    filling: new Map(),
  }
  const names = new Set<string>()
  for (const id of questions.of.keys()) names.add(graph.entities.get(id)!.asset.name)
  for (const name of names) known.assets.set(name, knownAsset(undefined))
  const all = [...names]
  for (let from = 0; from < all.length; from += atOnce)
    for (const one of await store.conditions.known(all.slice(from, from + atOnce)))
      known.assets.set(one.asset, knownAsset(one))
  await readChecks(store, known, graph)
  for (const { asset, state } of await store.freshness.list()) knowFreshness(known, asset, state)
  await readFailures(store, known)
  await readActive(store, known)
  for (const { id } of await store.backfills.active()) await readFilling(store, known.filling, id)
  return known
}

/** Reads one asset again, about which something happened that is not told in full. */
export async function readAgain(store: Reads, known: Known, name: string): Promise<void> {
  const before = known.assets.get(name)
  if (!before) return
  const { made, seen, newest, newestSeen } = knownAsset((await store.conditions.known([name]))[0])
  Object.assign(before, { made, seen, newest, newestSeen })
  before.failures.clear()
}

function knownAsset(one: KnownSlices | undefined): KnownAsset {
  return {
    made: new SliceKeys(one?.made),
    seen: new SliceKeys(one?.seen),
    newest: one?.newest ?? null,
    newestSeen: one?.newestSeen ?? null,
    freshness: null,
    failures: new Map(),
    active: new Set(),
  }
}

async function readChecks(store: Reads, known: Known, graph: ConditionGraph): Promise<void> {
  const names = new Set<string>()
  for (const id of known.questions.of.keys()) {
    const { check, asset } = graph.entities.get(id)!
    if (check) names.add(asset.name)
  }
  const read = [...names].map(async (name) => {
    for (const { check, passed, at, run } of await store.checks.latest(name))
      known.checks.set(`check:${name}:${check}`, { passed, at, run })
    const [newest] = await store.runs.list({ asset: name, limit: 1 })
    if (newest?.state !== 'failed' && newest?.state !== 'crashed') return
    const isMade = (await store.assets.keysOfRun(newest.id, name)).length > 0
    for (const { id, check } of graph.entities.get(name)?.checks ?? [])
      if (isBroken(newest, name, check!.name, known.checks.get(id)?.run === newest.id, isMade)) known.broken.add(id)
  })
  await Promise.all(read)
}

/** Only of what is asked for failures: it takes some runs of each. */
async function readFailures(store: Reads, known: Known): Promise<void> {
  const names = [...known.assets.keys()].filter((name) => asksFailures(known, name))
  const read = names.map(async (name) => {
    const runs = await store.runs.list({ asset: name, limit: remembered })
    const { failures } = known.assets.get(name)!
    for (const run of runs.toReversed()) {
      if (run.target.kind !== 'assets') continue
      for (const key of keysOf(run, name)) planned(known, name, key)
      const isFailed = run.state === 'failed' || run.state === 'crashed'
      if (failures.size === 0 && !isFailed) continue
      const made = new Set((await store.assets.keysOfRun(run.id, name)).map((key) => key ?? ''))
      for (const key of made) failures.delete(key)
      if (isFailed)
        for (const key of keysOf(run, name))
          if (!made.has(key)) failed(known, name, key, run.id, run.endedAt ?? run.createdAt)
    }
  })
  await Promise.all(read)
}

/** However long the queue is: only runs of assets are read. */
async function readActive(store: Reads, known: Known): Promise<void> {
  for (let before: string | undefined; ;) {
    const runs = await store.conditions.active(before)
    for (const run of runs) {
      const active = begin(known, run)
      if (!active || run.startedAt === null) continue
      for (let after = 0; ;) {
        const made = await store.assets.ofRun(run.id, { after, limit: atOnce })
        for (const { asset, partition } of made) madeBy(active, asset, partition ?? '')
        if (made.length < atOnce) break
        after = made.at(-1)!.id
      }
      for (const { asset, check } of await store.checks.ofRun(run.id)) active.checked.add(`check:${asset}:${check}`)
    }
    const last = runs.at(-1)
    if (!last) return
    before = last.id
  }
}
