import type { Store } from '@sluice/engine'

/**
 * Looks for runs that are to be canceled and were not asked to here: another server may have been. Each is told once.
 * Gives 0, as nothing is left to do at once.
 */
export function openCancelPass(store: Store, cancel: (run: string) => void): () => Promise<number> {
  let told = new Set<string>()
  return async () => {
    const runs = await store.runs.list({ states: ['canceling'], limit: 1000 })
    for (const { id } of runs) if (!told.has(id)) cancel(id)
    told = new Set(runs.map(({ id }) => id))
    return 0
  }
}
