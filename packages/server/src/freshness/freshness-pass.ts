import type { FreshnessSpec } from '@sluice/core'
import { type Change, type Store, type Watched, decideFreshness, lastMadeAt, madeOfDue } from '@sluice/engine'
import type { ActiveCode, Locations } from '../locations/locations.ts'
import { openDueHeap } from './due-heap.ts'

const page = 1000

/**
 * Watches assets that have a policy: each is looked at when it was made, and when its time may have come, and never else.
 * A change is compared and set together with its event, so that of several servers one tells of it.
 */
export function openFreshnessPass({
  store,
  locations,
  now,
}: {
  readonly store: Store
  readonly locations: Pick<Locations, 'active'>
  readonly now: () => number
}): () => Promise<number> {
  let watched = new Map<string, Watched>()
  let due = openDueHeap()
  let version: string | null = null
  let readUpTo = 0

  /** What the active code says; what is known of each stays known. */
  const begin = async (codes: readonly ActiveCode[]): Promise<void> => {
    const before = version === null ? new Map<string, Watched>() : watched
    if (version === null) readUpTo = await store.events.last()
    const known = new Map((await store.freshness.list()).map(({ asset, state }) => [asset, state]))
    const next = new Map<string, Watched>()
    for (const { asset, location, spec } of policiesOf(codes)) {
      const madeAt = before.get(asset)?.madeAt ?? (await lastMadeAt(store, asset))
      next.set(asset, { asset, location, spec, madeAt, known: known.get(asset) ?? null })
    }
    const gone = [...known].filter(([asset]) => !next.has(asset))
    await store.commit(
      gone.map(([asset, from]): Change => ({
        change: 'freshness.move',
        asset,
        location: '',
        from,
        to: null,
        madeAt: null,
        at: now(),
        tell: false,
      })),
    )
    watched = next
    due = openDueHeap()
  }

  /** What was made since, or wiped. */
  const readEvents = async (): Promise<ReadonlySet<string>> => {
    const touched = new Set<string>()
    let upTo = readUpTo
    for (;;) {
      const types = ['asset.materialized', 'asset.wiped'] as const
      const events = await store.events.list({ types, after: upTo, limit: page })
      for (const { asset } of events) if (asset !== null && watched.has(asset)) touched.add(asset)
      upTo = events.at(-1)?.id ?? upTo
      if (events.length < page) break
    }
    for (const asset of touched) watched.set(asset, { ...watched.get(asset)!, madeAt: await lastMadeAt(store, asset) })
    readUpTo = upTo
    return touched
  }

  return async () => {
    const codes = await locations.active()
    const active = codes.map((one) => `${one.location} ${one.version}`).join('\n')
    const isNew = active !== version
    if (isNew) await begin(codes)
    version = active
    const touched = watched.size === 0 ? [] : await readEvents()
    const at = now()
    const looked = isNew ? [...watched.keys()] : [...new Set([...touched, ...due.take(at)])]
    const changes: Change[] = []
    for (const asset of looked) {
      const one = watched.get(asset)!
      const { state, nextAt, change } = decideFreshness(one, at, await madeOfDue(store, asset, one.spec, at))
      due.set(asset, nextAt)
      if (!change) continue
      changes.push(change)
      watched.set(asset, { ...one, known: state })
    }
    if (changes.length === 0) return 0
    // Unless all of it is stored (it fails, or another server was first), the next pass begins with what is.
    version = ''
    if ((await store.commit(changes)).every(({ ok }) => ok)) version = active
    return changes.length
  }
}

function policiesOf(codes: readonly ActiveCode[]): { asset: string; location: string; spec: FreshnessSpec }[] {
  return codes.flatMap(({ location, snapshot }) =>
    snapshot.assets.flatMap(({ name, freshness }) => (freshness ? [{ asset: name, location, spec: freshness }] : [])),
  )
}
