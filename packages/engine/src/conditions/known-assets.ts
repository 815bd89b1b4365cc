import { type Filling, readFilling } from '../backfills/filling.ts'
import type { ConditionGraph, FreshnessNow, FreshnessState, Questions, Run } from '@sluice/core'
import type { KnownSlices, NewestRecord, Store } from '../store/ports.ts'
import { SliceKeys } from './slice-keys.ts'

/** A run that is to make assets, or to test them, and is not over. */
export interface ActiveRun {
  readonly run: Run
  /** Those of its assets that conditions ask about. */
  readonly assets: readonly string[]
  readonly keys: SliceKeys
  /** When it began to; milliseconds since 1970. */
  began: number | null
  /** What it has made, by asset. */
  readonly made: Map<string, SliceKeys>
  /** Ids of checks that it has run. */
  readonly checked: Set<string>
}

/** A slice that runs were to make and did not. */
export interface Failure {
  readonly run: string
  readonly at: number
  /** In a row. */
  readonly count: number
  /** Was that the last run that was to make it? */
  readonly isLatest: boolean
}

export interface KnownAsset {
  made: SliceKeys
  /** Only looked at; of what something else makes. */
  seen: SliceKeys
  newest: NewestRecord | null
  newestSeen: NewestRecord | null
  /** As it was when it changed last; `null`: it has no policy, or was never made. */
  freshness: FreshnessState | null
  readonly failures: Map<string, Failure>
  readonly active: Set<ActiveRun>
}

export interface KnownCheck {
  readonly passed: boolean | null
  readonly at: number
  readonly run: string
}

/** Everything that conditions may ask about. */
export interface Known {
  readonly questions: Questions
  /** By name. */
  readonly assets: Map<string, KnownAsset>
  /** By id. */
  readonly checks: Map<string, KnownCheck>
  /** Ids of checks that a run was to run and did not. */
  readonly broken: Set<string>
  /** By the id of the run. */
  readonly active: Map<string, ActiveRun>
  readonly filling: Filling
}

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

export function knowFreshness(known: Known, name: string, state: FreshnessNow['state']): void {
  const asset = known.assets.get(name)
  if (asset) asset.freshness = state === 'unknown' ? null : state
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
  })
  await Promise.all(read)
}

/** Only of what is asked for failures: it takes some runs of each. */
async function readFailures(store: Reads, known: Known): Promise<void> {
  const names = [...known.assets.keys()].filter((name) => asksFailures(known, name))
  const read = names.map(async (name) => {
    const runs = await store.runs.list({ asset: name, limit: remembered })
    for (const run of runs.toReversed()) {
      if (run.target.kind !== 'assets') continue
      for (const key of keysOf(run)) planned(known, name, key)
      if (run.state === 'succeeded') for (const key of keysOf(run)) known.assets.get(name)!.failures.delete(key)
      if (run.state !== 'failed' && run.state !== 'crashed') continue
      const made = new Set((await store.assets.keysOfRun(run.id, name)).map((key) => key ?? ''))
      for (const key of keysOf(run)) {
        if (made.has(key)) known.assets.get(name)!.failures.delete(key)
        else failed(known, name, key, run.id, run.endedAt ?? run.createdAt)
      }
    }
  })
  await Promise.all(read)
}

async function readActive(store: Reads, known: Known): Promise<void> {
  const states = ['waiting', 'starting', 'running', 'canceling'] as const
  let before: string | undefined
  for (;;) {
    const runs = await store.runs.list({ states, limit: atOnce, ...(before !== undefined && { before }) })
    for (const run of runs) {
      const active = begin(known, run)
      if (!active || run.startedAt === null) continue
      for (const { asset, partition } of await store.assets.ofRun(run.id)) madeBy(active, asset, partition ?? '')
      for (const { asset, check } of await store.checks.ofRun(run.id)) active.checked.add(`check:${asset}:${check}`)
    }
    if (runs.length < atOnce) return
    before = runs.at(-1)!.id
  }
}

export const asksFailures = ({ questions }: Known, name: string): boolean => {
  const ops = questions.ops.get(name)
  return ops?.has('executionFailed') === true || ops?.has('retryDue') === true
}

/** The keys that a run is to make, `''` for what is not partitioned: an asset takes those that it has. */
export const keysOf = ({ target }: Run): readonly string[] =>
  target.kind === 'assets' ? ['', ...(target.partitions ?? [])] : []

/** A run that is not over; `null` where it is about nothing that conditions ask for. */
export function begin(known: Known, run: Run): ActiveRun | null {
  const before = known.active.get(run.id)
  if (before) return before
  if (!('assets' in run.target)) return null
  const assets = run.target.assets.filter((name) => known.assets.has(name))
  if (assets.length === 0) return null
  const keys = new SliceKeys(keysOf(run))
  const active: ActiveRun = { run, assets, keys, began: run.startedAt, made: new Map(), checked: new Set() }
  known.active.set(run.id, active)
  for (const name of assets) known.assets.get(name)!.active.add(active)
  return active
}

export function madeBy({ made }: ActiveRun, asset: string, key: string): void {
  const keys = made.get(asset)
  if (keys) keys.add(key)
  else made.set(asset, new SliceKeys([key]))
}

/** A run is to make it: whatever failed before is not the last any more. */
export function planned(known: Known, name: string, key: string): void {
  const { failures } = known.assets.get(name)!
  const failure = failures.get(key)
  if (failure?.isLatest) failures.set(key, { ...failure, isLatest: false })
}

export function failed(known: Known, name: string, key: string, run: string, at: number): void {
  const { failures } = known.assets.get(name)!
  const before = failures.get(key)
  const count = before?.run === run ? before.count : (before?.count ?? 0) + 1
  failures.set(key, { run, at, count, isLatest: true })
}
