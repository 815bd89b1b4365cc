import type { Change, Store } from '@sluice/engine'

/** Tells who waits that something was committed: by this process at once, by others when a poll finds it. */
export interface Live {
  /** Resolves when something new may be there, or after `ms`. */
  next(ms: number, signal: AbortSignal): Promise<void>
  wake(): void
}

export function openLive(): Live {
  const waiting = new Set<() => void>()
  return {
    next: (ms, signal) =>
      new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer)
          signal.removeEventListener('abort', done)
          waiting.delete(done)
          resolve()
        }
        const timer = setTimeout(done, ms)
        signal.addEventListener('abort', done, { once: true })
        waiting.add(done)
        if (signal.aborted) done()
      }),
    wake() {
      for (const one of waiting) one()
    },
  }
}

/** The store, with a word for whoever watches after every commit. */
export function watchedStore(store: Store, committed: (changes: readonly Change[]) => void): Store {
  return {
    ...store,
    async commit(items) {
      const answers = await store.commit(items)
      const done = items.flatMap((item, nth) =>
        answers[nth]?.ok ? (Array.isArray(item) ? (item as readonly Change[]) : [item as Change]) : [],
      )
      if (done.length > 0) committed(done)
      return answers
    },
    close: () => store.close(),
  }
}
