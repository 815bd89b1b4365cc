import { SluiceError } from '@sluice/core'
import type { Committed } from './changes.ts'
import type { Channel } from './channel.ts'
import type { Store } from './ports.ts'
import { type Nouns, reads, type Request, type Response } from './protocol.ts'
import { unpackSteps } from './packed-steps.ts'
import { packChanges, unpackAnswer, unpackError } from './wire.ts'

interface Waiting {
  readonly count: number
  resolve(value: unknown): void
  reject(reason: Error): void
}

/** The store at the other end of a channel that `serveStore` listens on. Closing it closes the channel. */
export function connectStore(channel: Channel): Store {
  const waiting = new Map<number, Waiting>()
  let lastId = 0
  let closed: Error | null = null

  const settle = (id: number): Waiting | undefined => {
    const one = waiting.get(id)
    if (!one) return undefined
    waiting.delete(id)
    if (waiting.size === 0) channel.unref?.()
    const copy = { ...one }
    // Tables that the map outgrew still point to what it held, until a full collection: of an answered request it
    // must not be all that waited for it.
    one.resolve = one.reject = () => {}
    return copy
  }

  channel.listen((message) => {
    const response = message as Response
    if (response[0] === 'committed') {
      for (const [id, refused] of response[1]) {
        const one = settle(id)
        one?.resolve(unpackAnswer(one.count, refused))
      }
      return
    }
    const [kind, id, value] = response
    const one = settle(id)
    if (kind === 'steps') one?.resolve(unpackSteps(value))
    else if (kind === 'rows') one?.resolve(value)
    else one?.reject(unpackError(value))
  })
  channel.onClose((reason) => {
    closed = new SluiceError('STORE_FAILED', 'The connection to the store was lost.', {
      cause: reason,
      hint: 'What was not acknowledged may or may not be in the store; sending it again is safe.',
    })
    for (const id of waiting.keys()) settle(id)!.reject(closed)
  })

  let unsent: Request[] = []
  const send = (): void => {
    const requests = unsent
    unsent = []
    try {
      channel.send(requests)
    } catch {
      for (const request of requests) sendAlone(request) // only what cannot be cloned fails
    }
  }
  const sendAlone = (request: Request): void => {
    try {
      channel.send([request])
    } catch (error) {
      settle(request[1])?.reject(error instanceof Error ? error : new Error(String(error)))
    }
  }

  const ask = (count: number, request: (id: number) => Request): Promise<unknown> => {
    if (closed) return Promise.reject(closed)
    const id = ++lastId
    return new Promise((resolve, reject) => {
      if (waiting.size === 0) channel.ref?.()
      waiting.set(id, { count, resolve, reject })
      // What is asked for in one go is one message: five hundred steps that go on together.
      if (unsent.push(request(id)) === 1) queueMicrotask(send)
    })
  }

  const nouns = Object.fromEntries(
    Object.entries(reads).map(([noun, methods]) => [
      noun,
      Object.fromEntries(
        Object.keys(methods).map((method) => [
          method,
          (...args: unknown[]) => ask(0, (id) => ['read', id, noun, method, args]),
        ]),
      ),
    ]),
  ) as unknown as Nouns

  return {
    ...nouns,
    commit: (changes) =>
      ask(changes.length, (id) => ['commit', id, packChanges(changes)]) as Promise<readonly Committed[]>,
    async close() {
      closed ??= new SluiceError('STORE_FAILED', 'The store was closed.')
      await Promise.allSettled([...waiting.values()].map((one) => new Promise((resolve) => settled(one, resolve))))
      channel.close()
    },
  }
}

/** Tells when a request is answered, besides whoever asked. */
function settled(one: Waiting, then: (value: unknown) => void): void {
  const { resolve, reject } = one
  one.resolve = (value) => {
    resolve(value)
    then(value)
  }
  one.reject = (reason) => {
    reject(reason)
    then(reason)
  }
}
