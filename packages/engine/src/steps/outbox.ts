import type { Change, Committed, Together } from '../store/changes.ts'
import type { Store } from '../store/ports.ts'
import { crashPoint } from '../crash-point.ts'

type Item = Change | Together

/** What a run has to write, in its order, many changes to a commit. */
export interface Outbox {
  /** Resolves after the commit is on disk. */
  add(item: Item): Promise<Committed>
  /** Calls back after the commit is on disk, in the order of adding: no promise in between, so no reordering. */
  after(item: Item, then: (committed: Committed) => void): void
  /** Writes it some time; nobody waits. */
  post(item: Item): void
  /** Resolves when everything added so far is on disk. */
  flush(): Promise<void>
}

/**
 * So many are sent at once, not at the end of the turn: the store writes them while the code that follows the outcomes
 * before goes on. With 500 steps at once both threads are busy then, instead of each waiting for the other.
 */
const fullBatch = 100

/**
 * Changes that are added in one turn of the event loop go to the store as one commit, many as several. `onError` is
 * called once, when the store fails: what was not committed then never is, and nobody who waits for it is told it was.
 */
export function openOutbox(store: Store, onError: (error: Error) => void): Outbox {
  let items: Item[] = []
  let callbacks: (((committed: Committed) => void) | undefined)[] = []
  let scheduled = false
  let failed = false
  let last: Promise<void> = Promise.resolve()

  const send = (): void => {
    scheduled = false
    if (items.length === 0) return // a full batch took them
    const [sent, told] = [items, callbacks]
    items = []
    callbacks = []
    last = store.commit(sent).then(
      (results) => {
        for (let n = 0; n < told.length; n++) told[n]?.(results[n] as Committed)
      },
      (error: Error) => {
        if (!failed) onError(error)
        failed = true
      },
    )
    crashPoint('batch-sent')
  }
  const push = (item: Item, callback: ((committed: Committed) => void) | undefined): void => {
    if (failed) return
    items.push(item)
    callbacks.push(callback)
    if (items.length === fullBatch) return send()
    if (scheduled) return
    scheduled = true
    setImmediate(send)
  }
  return {
    add: (item) => new Promise((resolve) => push(item, resolve)),
    after: push,
    post: (item) => push(item, undefined),
    async flush() {
      while (scheduled && !failed) await new Promise((resolve) => setImmediate(resolve))
      await last
    },
  }
}
