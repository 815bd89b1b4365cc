import type { RunId } from '@sluice/core'
import type { Change, Store } from '@sluice/engine'

/** Tells who waits that something was committed: by this process at once, by others when a poll finds it. */
export interface Live {
  /** Resolves when something new may be there, or after `ms`. */
  next(ms: number, signal: AbortSignal): Promise<void>
  /** Something was committed; of `runs` steps or lines of their logs, of which no event tells. */
  wake(runs?: Iterable<RunId>): void
  /** From now on until the signal: collects those runs for one client. It is a hint, and past a thousand one gets lost. */
  touched(signal: AbortSignal): Set<RunId>
}

const mostTouched = 1000

export function openLive(): Live {
  const waiting = new Set<() => void>()
  const collecting = new Set<Set<RunId>>()
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
    wake(runs = []) {
      for (const run of runs) for (const touched of collecting) if (touched.size < mostTouched) touched.add(run)
      for (const one of waiting) one()
    },
    touched(signal) {
      const touched = new Set<RunId>()
      collecting.add(touched)
      signal.addEventListener('abort', () => collecting.delete(touched), { once: true })
      return touched
    },
  }
}

/** The runs of which steps or lines were written. */
export function* runsWritten(changes: readonly Change[]): Generator<RunId> {
  for (const change of changes)
    if (change.change === 'step.record') yield change.step.run
    else if (change.change === 'log.add') yield change.run
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
