import type { Change } from '../store/changes.ts'
import type { CollectableValue, Store } from '../store/ports.ts'
import type { ValuePlaces } from './places.ts'

export interface Collected {
  /** Values that were no longer the latest of their slice and old enough to go. */
  readonly old: number
  /** What attempts wrote that no journal refers to: they crashed, or timed out. */
  readonly orphans: number
  readonly bytes: number
}

export interface CollectOptions {
  readonly store: Store
  readonly values: ValuePlaces
  /** The managers to look for orphans in. */
  readonly managers: readonly string[]
  /** Values older than this go; milliseconds since 1970. */
  readonly before: number
  /** Count only. */
  readonly dryRun?: boolean
}

const batch = 200

/**
 * Deletes values that nobody needs: never the latest of a slice, nothing of an active run, nothing a live cache entry
 * holds. The journal is told first, so that a reader finds "collected" and not a file that is gone.
 */
export async function collectValues(options: CollectOptions): Promise<Collected> {
  const { store, values, before, dryRun = false } = options
  let old = 0
  let bytes = 0
  for (;;) {
    const found = await store.values.collectable({ before, limit: batch })
    for (const one of found) bytes += 'io' in one.value ? (one.value.bytes ?? 0) : 0
    old += found.length
    if (dryRun || found.length === 0) break
    await store.commit([droppedOf(found)])
    for (const { value } of found) if ('io' in value) await (await values.manager(value.io)).remove(value.ref)
    if (found.length < batch) break
  }
  return { old, bytes, orphans: await collectOrphans(options) }
}

function droppedOf(found: readonly CollectableValue[]): Change {
  return {
    change: 'values.dropped',
    materializations: found.flatMap((one) => ('materialization' in one ? [one.materialization] : [])),
    steps: found.flatMap((one) => ('step' in one ? [{ run: one.run, step: one.step }] : [])),
  }
}

async function collectOrphans({ store, values, managers, dryRun = false }: CollectOptions): Promise<number> {
  let count = 0
  for (const name of managers) {
    const io = await values.manager(name)
    if (!io.list) continue
    let found: { slot: Parameters<Store['values']['live']>[0][number]; ref: Parameters<typeof io.remove>[0] }[] = []
    const sweep = async (): Promise<void> => {
      const live = await store.values.live(found.map(({ slot }) => slot))
      for (const [index, { ref }] of found.entries()) {
        if (live[index]) continue
        count++
        if (!dryRun) await io.remove(ref)
      }
      found = []
    }
    for await (const one of io.list()) if (found.push(one) >= batch) await sweep()
    if (found.length > 0) await sweep()
  }
  return count
}
