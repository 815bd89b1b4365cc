import type { RunId } from '@sluice/core'
import type { Change } from '../store/changes.ts'
import type { CollectableQuery, CollectableValue, Store } from '../store/ports.ts'
import type { ValuePlaces } from './places.ts'

export interface Collected {
  /** Values that were no longer the latest of their slice, and old enough or too many. */
  readonly old: number
  /** What attempts wrote that no journal refers to: they crashed, or timed out. */
  readonly orphans: number
  readonly bytes: number
}

export interface CollectOptions {
  readonly store: Store
  readonly values: ValuePlaces
  /** The managers whose values are collected; what others keep is left alone. */
  readonly managers: readonly string[]
  /** Values older than this go; milliseconds since 1970. */
  readonly before: number
  /** Younger ones go too where their slice has more than this. Default: as many as there are stay. */
  readonly versions?: number | undefined
  /** Only slices that this run recorded, and no orphans. */
  readonly run?: RunId
  /** No batch is begun after this. */
  readonly signal?: AbortSignal
  /** Count only. */
  readonly dryRun?: boolean
}

const batch = 200
/** Nothing is changed by counting: it takes one look. */
const everything = 10_000_000

/**
 * Deletes values that nobody needs: never the latest of a slice, nothing of an active run, nothing a live cache entry
 * holds. The journal is told first, so that a reader finds "collected" and not a file that is gone.
 */
export async function collectValues(options: CollectOptions): Promise<Collected> {
  const { store, values, managers, before, versions, run, signal, dryRun = false } = options
  const query: Omit<CollectableQuery, 'io'> = {
    before,
    limit: dryRun ? everything : batch,
    ...(run !== undefined && { run }),
    ...(versions !== undefined && { versions: { newer: versions, settled: await settledBefore(store, run) } }),
  }
  let old = 0
  let bytes = 0
  for (const io of managers) {
    const manager = await values.manager(io)
    for (;;) {
      if (signal?.aborted) return { old, bytes, orphans: 0 }
      const found = await store.values.collectable({ ...query, io })
      const kept = found.flatMap(({ value }) => ('io' in value ? [value] : []))
      for (const value of kept) bytes += value.bytes ?? 0
      old += found.length
      if (dryRun || found.length === 0) break
      await store.commit([droppedOf(found)])
      await manager.remove(kept.map((value) => value.ref))
      if (found.length < batch) break
    }
  }
  return { old, bytes, orphans: run === undefined ? await collectOrphans(options) : 0 }
}

/** When the oldest of the other runs that go on began: it may hold what was the latest then. */
async function settledBefore(store: Store, self: RunId | undefined): Promise<number> {
  const others = (await store.runs.active()).filter((run) => run.id !== self)
  return Math.min(Date.now() + 1, ...others.map((run) => run.startedAt ?? run.createdAt))
}

function droppedOf(found: readonly CollectableValue[]): Change {
  return {
    change: 'values.dropped',
    materializations: found.flatMap((one) => ('materialization' in one ? [one.materialization] : [])),
    steps: found.flatMap((one) => ('step' in one ? [{ run: one.run, step: one.step }] : [])),
  }
}

async function collectOrphans({ store, values, managers, signal, dryRun = false }: CollectOptions): Promise<number> {
  let count = 0
  for (const name of managers) {
    const io = await values.manager(name)
    if (!io.list) continue
    let found: {
      slot: Parameters<Store['values']['live']>[0][number]
      ref: Parameters<typeof io.remove>[0][number]
    }[] = []
    const sweep = async (): Promise<void> => {
      const live = await store.values.live(found.map(({ slot }) => slot))
      const lost = found.filter((_, index) => !live[index])
      count += lost.length
      if (!dryRun && lost.length > 0) await io.remove(lost.map(({ ref }) => ref))
      found = []
    }
    for await (const one of io.list()) {
      if (signal?.aborted) return count
      if (found.push(one) >= batch) await sweep()
    }
    if (found.length > 0) await sweep()
  }
  return count
}
