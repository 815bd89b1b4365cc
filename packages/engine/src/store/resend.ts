import type { Request, Response } from './protocol.ts'

/**
 * Remembers what was sent to a store and not answered yet, for a connection that may break: what is pending is sent
 * again over the next one. Every change and every read may be sent twice.
 */
export interface Resender {
  sent(frame: unknown): void
  answered(frame: unknown): void
  /** One frame with everything that waits, in order; `null` for nothing. */
  pending(): unknown
  readonly size: number
}

export function openResender(): Resender {
  const waiting = new Map<number, Request>()
  return {
    sent(frame) {
      for (const request of frame as readonly Request[]) waiting.set(request[1], request)
    },
    answered(frame) {
      const response = frame as Response
      if (response[0] === 'committed') for (const [id] of response[1]) waiting.delete(id)
      else waiting.delete(response[1])
    },
    pending: () => (waiting.size === 0 ? null : [...waiting.values()]),
    get size() {
      return waiting.size
    },
  }
}
