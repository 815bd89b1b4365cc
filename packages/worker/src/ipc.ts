import type { ChildProcess } from 'node:child_process'
import type { Channel } from '@sluice/engine'

type Peer = Pick<ChildProcess, 'connected' | 'on' | 'off'> & { send?: ChildProcess['send'] }

/**
 * One of the conversations that share the pipe between a process and its child: `name` is the same at both ends. A
 * message to a peer that is gone is dropped, as `onClose` says so; nothing here throws for a dead peer.
 */
export function ipcChannel(peer: Peer | NodeJS.Process, name: 'host' | 'store'): Channel {
  const other = peer as Peer
  let listener: ((message: unknown) => void) | undefined
  let early: unknown[] = []
  const hear = (message: unknown): void => {
    if (!Array.isArray(message) || message[0] !== name) return
    if (listener) listener(message[1])
    else early.push(message[1])
  }
  other.on('message', hear)
  return {
    send(message) {
      // The callback matters: without one a peer that died a moment ago is an unhandled EPIPE.
      if (other.connected) other.send?.([name, message], undefined, undefined, () => {})
    },
    listen(given) {
      listener = given
      const kept = early
      early = []
      for (const message of kept) given(message)
    },
    onClose(closed) {
      const once = (): void => {
        other.off('disconnect', once)
        closed(new Error('The process at the other end is gone.'))
      }
      if (other.connected) other.on('disconnect', once)
      else queueMicrotask(once)
    },
    close: () => void other.off('message', hear),
  }
}
