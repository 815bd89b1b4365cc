import { type Store, retryChanges, retryRun } from '@sluice/engine'

const consumer = 'run-retries'
const page = 100

/**
 * Tries runs again that failed or crashed for good, as their terms say. A run is followed once, by the word that is kept
 * for it: two servers that read the same events make one retry, and so does a crashed run that is resumed and fails
 * later. The cursor moves in the same commit: a server that is killed forgets none. How many there were.
 */
export async function retryPass({
  store,
  now,
  random = Math.random,
}: {
  readonly store: Store
  readonly now: () => number
  /** From 0 to 1, for the jitter of delays. */
  readonly random?: () => number
}): Promise<number> {
  const [from, last] = [await store.events.cursor(consumer), await store.events.last()]
  if (from === null) {
    // What ended before the first server was never to be tried again by itself.
    await store.commit([{ change: 'cursor.move', name: consumer, from, to: last }])
    return 0
  }
  if (last <= from) return 0
  const events = await store.events.list({ types: ['run.failed', 'run.crashed'], after: from, limit: page })
  const to = events.length === page ? events.at(-1)!.id : Math.max(last, events.at(-1)?.id ?? 0)
  const ended = [...new Set(events.flatMap(({ run }) => (run === null ? [] : [run])))]
  const runs = await Promise.all(ended.map((id) => store.runs.get(id)))
  const retries = runs.flatMap((run) => {
    const retry = run && retryRun(run, now(), random())
    return retry ? [retryChanges(retry, { scope: 'retry', key: run.id })] : []
  })
  // Each by itself: where another server was first, what is adopted has no run to go to, and nothing is written.
  const committed = await store.commit([...retries, { change: 'cursor.move', name: consumer, from, to }])
  return committed.slice(0, -1).filter(({ ok }) => ok).length
}
