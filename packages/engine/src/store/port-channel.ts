import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { Channel } from './channel.ts'

/** A channel to another thread. */
export function portChannel(port: MessagePort): Channel {
  return {
    send: (message) => port.postMessage(message),
    listen: (listener) => {
      port.on('message', listener)
    },
    onClose: (listener) => {
      port.once('close', () => listener(new Error('The thread at the other end has closed.')))
    },
    close: () => port.close(),
    take: () => receiveMessageOnPort(port)?.message,
    ref: () => port.ref(),
    unref: () => port.unref(),
  }
}
