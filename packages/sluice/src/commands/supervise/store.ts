import { existsSync } from 'node:fs'
import type { Change, Store } from '@sluice/engine/store'
import { type Project, makeHome, storePath } from '../../project/project.ts'

/** Opens the project's store, with runs whose process has died recorded as such. */
export async function openStore({ home }: Project): Promise<Store> {
  makeHome(home)
  const [{ openSqliteStore, ownerIsAlive }, { deadPass }] = await Promise.all([
    import('@sluice/storage'),
    import('@sluice/engine'),
  ])
  const store = await openSqliteStore({ path: storePath(home) })
  await deadPass({ store, isAlive: (owner) => ownerIsAlive(home, owner), now: Date.now() })
  return store
}

/** Has anything been stored here yet? */
export const hasStore = ({ home }: Project): boolean => existsSync(storePath(home))

const nouns = ['runs', 'steps', 'assets', 'checks', 'partitions', 'cache', 'events', 'logs', 'values'] as const

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
