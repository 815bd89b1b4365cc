import type { Run } from '@sluice/core'
import type { Store } from '../store/ports.ts'
import { afterCrash } from './after-crash.ts'

/** Finds runs that nobody holds any more and records it. Returns them, as they were. */
export async function deadPass({
  store,
  isAlive,
  now,
}: {
  store: Store
  isAlive: (owner: string) => boolean
  now: number
}): Promise<readonly Run[]> {
  // Runs of workers are the server's: a session has a lease.
  const own = (await store.runs.active()).filter(({ terms }) => terms === null)
  const dead = own.filter(({ owner }) => owner === null || !isAlive(owner))
  if (dead.length > 0) await store.commit(dead.map((run) => afterCrash(run, now)))
  return dead
}
