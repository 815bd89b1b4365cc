import { useSyncExternalStore } from 'react'

/**
 * How news come: as they happen; by asking every few seconds, where no stream comes through; not, as the server does
 * not answer.
 */
export type Connection = 'connecting' | 'live' | 'polling' | 'offline'

const heard = new Set<(state: Connection) => void>()
let state: Connection = 'connecting'

export const connection = (): Connection => state

export function setConnection(next: Connection): void {
  if (next === state) return
  state = next
  for (const one of heard) one(next)
}

let waker: (() => void) | null = null

/** Waits before a connection is tried again, or until somebody knows that it will be another one now. */
export const beforeRetry = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
    waker = done
  })

export const retryNow = (): void => waker?.()

/** A stream is being opened: at the start, or as the one before has ended. */
export const streamAsked = (): void => {
  if (state === 'live') setConnection('connecting')
}
export const streamAnswered = (): void => setConnection('live')

/** How long reading waits for the first stream, in milliseconds. */
const patience = 300
const begun = Promise.withResolvers<void>()

/**
 * Resolves when the first stream was answered, here or in another tab, or refused; or after a moment. What is read from
 * then on is behind the beginning of the stream: nothing happens between the two, and it need not be read again.
 */
export const streamBegun = begun.promise
onConnection(() => begun.resolve())
setTimeout(begun.resolve, patience)
export const streamRefused = (): void => begun.resolve()

export function onConnection(changed: (state: Connection) => void): () => void {
  heard.add(changed)
  return () => heard.delete(changed)
}

export const useConnection = (): Connection => useSyncExternalStore(onConnection, connection)
