import type { ConditionGraph, FreshnessNow, SluiceEvent } from '@sluice/core'
import { readFilling } from '../backfills/filling.ts'
import type { NewestRecord, Store } from '../store/ports.ts'
import {
  type ActiveRun,
  type Known,
  asksFailures,
  begin,
  failed,
  isBroken,
  keysOf,
  knowFreshness,
  madeBy,
  planned,
} from './known-assets.ts'
import { readAgain } from './read-known.ts'

/** An asset was made or looked at, or a check was run. */
export interface Made {
  /** Of the event. */
  readonly event: number
  /** The id of the asset or the check. */
  readonly entity: string
  readonly kind: 'materialization' | 'observation' | 'check'
  readonly partition: string | null
  readonly at: number
  readonly began: number
  readonly tags: Readonly<Record<string, string>>
  readonly isChanged: boolean
}

/** What events told, besides what is known by now. */
export interface Followed {
  /** Of what something happened to; with the number of the event. */
  readonly touched: readonly (readonly [entity: string, event: number])[]
  readonly made: readonly Made[]
  /** Dynamic sets whose keys came or went. */
  readonly sets: ReadonlySet<string>
}

type Reads = Pick<Store, 'conditions' | 'runs' | 'assets' | 'checks' | 'freshness' | 'backfills'>

/** Brings what is known up to date with what happened since; what was known before is told again without harm. */
export async function followEvents(
  { store, known, graph }: { readonly store: Reads; readonly known: Known; readonly graph: ConditionGraph },
  events: readonly SluiceEvent[],
): Promise<Followed> {
  const touched: [string, number][] = []
  const made: Made[] = []
  const sets = new Set<string>()
  const touch = (name: string, { id }: SluiceEvent): void => {
    if (!known.assets.has(name)) return
    touched.push([name, id])
    for (const check of graph.entities.get(name)?.checks ?? []) touched.push([check.id, id])
  }
  const begun = async (event: SluiceEvent): Promise<void> => {
    const run = await store.runs.get(event.run!)
    const active = run && begin(known, run)
    if (!active) return
    for (const name of active.assets) {
      touch(name, event)
      if (asksFailures(known, name)) for (const key of keysOf(active.run, name)) planned(known, name, key)
      for (const { id } of graph.entities.get(name)?.checks ?? []) known.broken.delete(id)
    }
  }
  for (const event of events) {
    const active = event.run === null ? undefined : known.active.get(event.run)
    switch (event.type) {
      case 'run.created':
        if ((event.data as { kind?: string }).kind !== 'flow') await begun(event)
        break
      case 'run.resumed':
        if (!active) await begun(event)
        break
      case 'run.started':
        if (active) active.began ??= event.at
        break
      case 'run.succeeded':
      case 'run.failed':
      case 'run.crashed':
      case 'run.canceled':
        if (!active) break
        over(known, graph, active, event)
        for (const name of active.assets) touch(name, event)
        break
      case 'asset.materialized':
      case 'asset.observed': {
        const one = await recorded(store, known, event)
        if (one) made.push(one)
        touch(event.asset!, event)
        break
      }
      case 'check.evaluated': {
        const { check, passed } = event.data as { check: string; passed: boolean | null }
        const id = `check:${event.asset}:${check}`
        if (!known.questions.of.has(id)) break
        known.checks.set(id, { passed, at: event.at, run: event.run! })
        known.broken.delete(id)
        active?.checked.add(id)
        touched.push([id, event.id])
        const { at, id: number } = event
        const tags = active?.run.tags ?? {}
        made.push({ event: number, entity: id, kind: 'check', partition: null, at, began: at, tags, isChanged: false })
        break
      }
      case 'freshness.changed':
        knowFreshness(known, event.asset!, (event.data as { to: FreshnessNow['state'] }).to)
        touch(event.asset!, event)
        break
      case 'asset.wiped':
      case 'asset.renamed':
        for (const name of [event.asset!, (event.data as { from?: string }).from]) {
          if (name === undefined) continue
          await readAgain(store, known, name)
          touch(name, event)
        }
        break
      case 'backfill.changed': {
        const { backfill } = event.data as { backfill: string }
        for (const name of await readFilling(store, known.filling, backfill)) touch(name, event)
        break
      }
      case 'partitions.changed':
        sets.add((event.data as { name: string }).name)
        break
      default: // is about nothing that conditions ask for
    }
  }
  return { touched, made, sets }
}

/** A run has ended: what it was to make and did not has failed, unless it was canceled. */
function over(known: Known, graph: ConditionGraph, active: ActiveRun, { type, at }: SluiceEvent): void {
  const { run, assets, made, checked } = active
  known.active.delete(run.id)
  const isFailed = type === 'run.failed' || type === 'run.crashed'
  for (const name of assets) {
    known.assets.get(name)!.active.delete(active)
    if (!isFailed) continue
    if (asksFailures(known, name))
      for (const key of keysOf(run, name)) if (made.get(name)?.has(key) !== true) failed(known, name, key, run.id, at)
    for (const { id, check } of graph.entities.get(name)?.checks ?? [])
      if (isBroken(run, name, check!.name, checked.has(id), made.has(name))) known.broken.add(id)
  }
}

async function recorded(store: Reads, known: Known, event: SluiceEvent): Promise<Made | null> {
  const { id: number, at, partition, run } = event
  const name = event.asset!
  const asset = known.assets.get(name)
  if (!asset || run === null) return null
  const kind = event.type === 'asset.materialized' ? 'materialization' : 'observation'
  const { id, dataVersion } = event.data as { id: number; dataVersion: string }
  const active = known.active.get(run)
  const by = active?.run ?? (await store.runs.get(run))
  const { startedAt = null, tags = {} } = by ?? {}
  const began = active?.began ?? startedAt ?? at
  const key = partition ?? ''
  const newest: NewestRecord = { id, kind, partition, run, at, of: by && { target: by.target, tags, startedAt } }
  if (kind === 'materialization') {
    asset.made.add(key)
    if ((asset.newest?.id ?? 0) <= id) asset.newest = newest
  } else {
    asset.seen.add(key)
    if ((asset.newestSeen?.id ?? 0) <= id) asset.newestSeen = newest
  }
  asset.failures.delete(key)
  if (active) madeBy(active, name, key)
  const isAsked = known.questions.ops.get(name)?.has('dataVersionChanged') === true
  const [before] = isAsked ? await store.assets.history(name, { partition, kind, before: id, limit: 1 }) : []
  const isChanged = isAsked && before?.dataVersion !== dataVersion
  return { event: number, entity: name, kind, partition, at, began, tags, isChanged }
}
