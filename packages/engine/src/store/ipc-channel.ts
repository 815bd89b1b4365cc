import type { Channel } from './channel.ts'

/** What `process` has in a forked child, and a `ChildProcess` in its parent (forked with `serialization: 'advanced'`). */
export interface IpcEnd {
  readonly connected: boolean
  send?(message: never, callback: (error: Error | null) => void): boolean
  on(event: 'message', listener: (message: unknown) => void): unknown
  once(event: 'disconnect', listener: () => void): unknown
  disconnect?(): void
}

/**
 * A channel between a process and its forked child. Messages of others may pass on the same pipe: these carry `topic`.
 */
export function ipcChannel(end: IpcEnd, topic = 'store'): Channel {
  const early: unknown[] = []
  let listener: ((message: unknown) => void) | null = null
  end.on('message', (message) => {
    if (!Array.isArray(message) || message[0] !== topic) return
    if (listener) listener(message[1])
    else early.push(message[1])
  })
  return {
    // With a callback a dead peer is an error given to it, and a `disconnect`; without one it would be thrown.
    send: (message) => {
      if (end.connected) end.send?.([topic, message] as never, () => {})
    },
    listen: (to) => {
      listener = to
      for (const message of early.splice(0)) to(message)
    },
    onClose: (to) => {
      const gone = () => to(new Error('The process at the other end has gone.'))
      if (end.connected) end.once('disconnect', gone)
      else queueMicrotask(gone)
    },
    close: () => {
      if (end.connected) end.disconnect?.()
    },
  }
}
