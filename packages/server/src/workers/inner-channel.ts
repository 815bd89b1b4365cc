import type { Channel } from '@sluice/engine'

/** A channel inside another: what it sends goes out by `send`, and what comes in is given to `receive`. */
export function inner(send: (frame: unknown) => void): { readonly channel: Channel; receive(frame: unknown): void } {
  const early: unknown[] = []
  let listener: ((frame: unknown) => void) | null = null
  return {
    channel: {
      send,
      listen(to) {
        listener = to
        for (const frame of early.splice(0)) to(frame)
      },
      // Its life is that of the outer one, which tells by itself.
      onClose: () => {},
      close: () => {},
    },
    receive(frame) {
      if (listener) listener(frame)
      else early.push(frame)
    },
  }
}
