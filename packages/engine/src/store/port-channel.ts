import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { Channel } from './channel.ts'

/** What a `MessagePort` of Node has; its type is our own words, as published types need none of Node's. */
export interface PortEnd {
  postMessage(message: unknown): void
  on(event: 'message', listener: (message: unknown) => void): unknown
  once(event: 'close', listener: () => void): unknown
  close(): void
  ref(): void
  unref(): void
}

/** A channel to another thread. */
export function portChannel(port: PortEnd): Channel {
  return {
    send: (message) => port.postMessage(message),
    listen: (listener) => {
      port.on('message', listener)
    },
    onClose: (listener) => {
      port.once('close', () => listener(new Error('The thread at the other end has closed.')))
    },
    close: () => port.close(),
    take: () => receiveMessageOnPort(port as MessagePort)?.message,
    ref: () => port.ref(),
    unref: () => port.unref(),
  }
}
