import type { RunId } from '@sluice/core'
import type { Change, Store } from '@sluice/engine'

/** Tells who waits that something was committed: by this process at once, by others when a poll finds it. */
export interface Live {
  /** Resolves when an event may be there, when a run comes into `touched` where that is given, or after `ms`. */
  next(ms: number, signal: AbortSignal, touched?: ReadonlySet<RunId> | null): Promise<void>
  /** Something was committed that events tell of. */
  wake(): void
  /** Steps or lines of the logs of these runs were written, of which no event tells. */
  written(runs: Iterable<RunId>): void
  /** From now on until the signal: collects those runs for one client. It is a hint, and past a thousand one gets lost. */
  touched(signal: AbortSignal): Set<RunId>
}

const mostTouched = 1000

export function openLive(): Live {
  const waiting = new Map<() => void, ReadonlySet<RunId> | null>()
  const collecting = new Set<Set<RunId>>()
  return {
    next: (ms, signal, touched = null) =>
      new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer)
          signal.removeEventListener('abort', done)
          waiting.delete(done)
          resolve()
        }
        const timer = setTimeout(done, ms)
        signal.addEventListener('abort', done, { once: true })
        waiting.set(done, touched)
        if (signal.aborted) done()
      }),
    wake() {
      for (const one of waiting.keys()) one()
    },
    written(runs) {
      if (collecting.size === 0) return
      for (const run of runs) for (const touched of collecting) if (touched.size < mostTouched) touched.add(run)
      for (const [one, touched] of waiting) if (touched !== null && touched.size > 0) one()
    },
    touched(signal) {
      const touched = new Set<RunId>()
      collecting.add(touched)
      signal.addEventListener('abort', () => collecting.delete(touched), { once: true })
      return touched
    },
  }
}

/** Changes that no event tells of, a thousand times as many as the others. */
const untold = new Set<Change['change']>(['step.record', 'log.add'])

/** Is there one that an event may tell of? */
export const isTold = (changes: readonly Change[]): boolean => changes.some(({ change }) => !untold.has(change))

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
