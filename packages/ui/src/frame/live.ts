import { type SluiceEvent, SluiceError } from '@sluice/core'
import type { Query, QueryClient } from '@tanstack/react-query'
import { client } from './client.ts'
import { type Connection, beforeRetry, connection, onConnection, setConnection } from './connection.ts'

/** What tabs of one browser say to each other: the one that has the stream tells the others. */
type Word =
  | { readonly event: SluiceEvent }
  | { readonly touched: readonly string[] }
  | { readonly state: Connection }
  | { readonly ask: 'state' }

const watched = new Set<(runs: readonly string[]) => void>()
const tell = (runs: readonly string[]): void => {
  if (!document.hidden) for (const one of watched) one(runs)
}

/** Calls when steps or lines of the run were written. The answer ends it. Where no stream comes through it is never called. */
export function onTouched(run: string, touched: () => void): () => void {
  const one = (runs: readonly string[]): void => {
    if (runs.includes(run)) touched()
  }
  watched.add(one)
  return () => watched.delete(one)
}

/** Events that come together are shown together. In milliseconds. */
const batch = 40
/** How often is asked where no stream comes through. */
const pace = 5_000

/**
 * Keeps what is shown true: one stream of events for all tabs of the browser, held by whichever has the lock; a tab that
 * takes over reads everything again, and so does one that was hidden. Ends with the signal.
 */
export function keepLive(queries: QueryClient, signal: AbortSignal): void {
  const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('sluice-live')
  const stale = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let leads = false
  let began = false
  let isBusy = false
  let flushedAt = 0

  const flush = async (): Promise<void> => {
    timer = undefined
    if (isBusy || document.hidden || stale.size === 0) return
    isBusy = true
    flushedAt = Date.now()
    const began = performance.now()
    const parts = stale.has('*') ? [{}] : [...stale].map((key) => ({ queryKey: key.split('\n') }))
    stale.clear()
    // What is being read for the first time is not begun anew, and its answer may be older than what happened.
    const older = new Set(parts.flatMap((part) => queries.getQueryCache().findAll({ ...part, predicate: isFirstRead })))
    // Until all of it was read: asked again meanwhile, a slow answer would never be shown.
    await Promise.allSettled(parts.map((part) => queries.invalidateQueries(part)))
    if (older.size > 0) await queries.invalidateQueries({ predicate: (query) => older.has(query) })
    isBusy = false
    // A server that takes long is not kept busy by those who look.
    if (stale.size > 0) timer ??= setTimeout(() => void flush(), Math.max(batch, performance.now() - began))
  }
  const mark = (...keys: string[]): void => {
    for (const key of keys) stale.add(key)
    // The first of several is shown at once.
    if (!isBusy) timer ??= setTimeout(() => void flush(), Date.now() - flushedAt > batch ? 5 : batch)
  }
  const take = (event: SluiceEvent): void => mark(...madeOld(event))
  document.addEventListener('visibilitychange', () => void flush(), { signal })

  channel?.addEventListener('message', ({ data }: MessageEvent<Word>) => {
    if ('event' in data) take(data.event)
    else if ('touched' in data) tell(data.touched)
    else if ('state' in data) leads || setConnection(data.state)
    else if (leads) channel.postMessage({ state: connection() })
  })
  onConnection((state) => {
    if (leads) channel?.postMessage({ state })
    if (state !== 'live') return
    // Between two streams something may have happened.
    if (began) mark('*')
    // And before the first one, where it came later than what was read by then.
    else void queries.invalidateQueries({ predicate: ({ state: { dataUpdatedAt } }) => dataUpdatedAt > 0 })
    began = true
  })
  signal.addEventListener('abort', () => channel?.close())

  const touched = (runs: readonly string[]): void => {
    tell(runs)
    channel?.postMessage({ touched: runs })
  }
  const lead = async (): Promise<void> => {
    leads = true
    while (!signal.aborted) {
      try {
        for await (const event of client.events.follow({ signal, touched })) {
          take(event)
          channel?.postMessage({ event })
        }
      } catch (error) {
        const refused = error instanceof SluiceError && error.code === 'UNAUTHORIZED'
        if (!refused) setConnection(await answers())
        mark('*')
        began = true
        await beforeRetry(pace, signal)
      }
    }
  }
  channel?.postMessage({ ask: 'state' })
  // Without locks (a page that is not from this machine and not encrypted) each tab has its own.
  if (channel && 'locks' in navigator) void navigator.locks.request('sluice-live', { signal }, lead).catch(() => {})
  else void lead()
}

const isFirstRead = ({ state }: Query): boolean => state.fetchStatus === 'fetching' && state.data === undefined

/** No stream: does the server answer at all? */
const answers = async (): Promise<Connection> => {
  try {
    await client.server.health()
    return 'polling'
  } catch {
    return 'offline'
  }
}

/** The beginnings of the keys of what an event makes old. */
function madeOld({ type, run, asset }: SluiceEvent): string[] {
  const noun = type.split('.')[0]
  const keys: string[] = ['events']
  if (run !== null) keys.push(`run\n${run}`)
  if (noun === 'run' || noun === 'approval') keys.push('runs', 'queue')
  if (noun === 'asset' || noun === 'check' || noun === 'partitions')
    keys.push('assets', ...(asset === null ? [] : [`asset\n${asset}`]))
  if (noun === 'tick' || type === 'run.created') keys.push('automations')
  if (noun === 'location') keys.push('*')
  if (noun === 'worker') keys.push('workers')
  return keys
}
