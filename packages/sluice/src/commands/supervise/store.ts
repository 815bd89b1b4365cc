import { existsSync } from 'node:fs'
import type { Change, Store } from '@sluice/engine/store'
import type { Backups } from '@sluice/storage'
import type { SharedStore } from '@sluice/storage/postgres'
import { type Project, makeHome } from '../../project/project.ts'
import { placeOfStore, type StorePlace } from '../../project/store-place.ts'

/**
 * A store, with a word when another process has written to it, where there may be one that we do not hear of otherwise, and
 * with what makes copies of it, where it is a file.
 */
export type OpenedStore = Store & Partial<Pick<SharedStore, 'listen'>> & { readonly backups?: Backups }

export interface OpenOptions {
  /** `--store`. */
  readonly given?: string | undefined
  readonly environment?: string
  /** Milliseconds that a database which does not answer is waited for. Default 5,000. */
  readonly connectPatience?: number
}

/** Opens the project's store, with runs whose process has died recorded as such. */
export async function openStore(project: Project, options: OpenOptions = {}): Promise<OpenedStore> {
  return openStoreAt(project, await placeOfStore(project, options), options)
}

export async function openStoreAt(
  { home }: Project,
  place: StorePlace,
  { connectPatience }: Pick<OpenOptions, 'connectPatience'> = {},
): Promise<OpenedStore> {
  const [{ openBackups, openSqliteStore, ownerDied, ownerIsAlive }, { deadPass }] = await Promise.all([
    import('@sluice/storage'),
    import('@sluice/engine'),
  ])
  makeHome(home) // also of values, and of what tells that a process is alive
  if (place.kind === 'postgres') {
    const { openPostgres } = await import('@sluice/storage/postgres')
    const store = await openPostgres(place.url, connectPatience === undefined ? {} : { connectPatience })
    await deadPass({ store, isAlive: (owner) => !ownerDied(home, owner), now: Date.now() })
    return store
  }
  const store = { ...(await openSqliteStore({ path: place.path })), backups: openBackups(place.path) }
  await deadPass({ store, isAlive: (owner) => ownerIsAlive(home, owner), now: Date.now() })
  return store
}

/** Has anything been stored here yet? A database is asked when it is opened. */
export async function hasStore(project: Project): Promise<boolean> {
  const place = await placeOfStore(project)
  return place.kind === 'postgres' || existsSync(place.path)
}

const nouns = [
  'runs',
  'steps',
  'assets',
  'checks',
  'partitions',
  'cache',
  'events',
  'logs',
  'failures',
  'values',
  'blobs',
  'queue',
  'slots',
  'workers',
  'schedules',
  'sensors',
  'ticks',
  'freshness',
  'conditions',
  'locations',
  'alerts',
  'backfills',
  'history',
] as const

/** The store as the child gets it: whatever is committed is seen here too, after it is on disk. May still be opening. */
export function watched(opening: Promise<Store>, onCommitted: (changes: readonly Change[]) => void): Store {
  const reads = nouns.map((noun) => [
    noun,
    new Proxy(
      {},
      {
        get:
          (_, method) =>
          async (...args: unknown[]) =>
            ((await opening)[noun] as never as Record<string | symbol, (...args: unknown[]) => unknown>)[method]!(
              ...args,
            ),
      },
    ),
  ])
  return {
    ...(Object.fromEntries(reads) as Pick<Store, (typeof nouns)[number]>),
    async commit(items) {
      const committed = await (await opening).commit(items)
      const seen: Change[] = []
      for (const [index, item] of items.entries())
        if (committed[index]?.ok) seen.push(...(Array.isArray(item) ? (item as Change[]) : [item as Change]))
      if (seen.length > 0) onCommitted(seen)
      return committed
    },
    close: async () => (await opening).close(),
  }
}
