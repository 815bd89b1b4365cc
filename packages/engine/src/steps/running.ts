import type { Frame } from './frame.ts'

/** The attempts of a run that go on now. */
export interface Running {
  add(frame: Frame): void
  delete(frame: Frame): void
  /** As of now, in the order in which they were opened: a parent before its children. */
  all(): Frame[]
}

/**
 * A list linked by hand. In a `Set` that much goes through, each table that it outgrew still points to what it held and
 * to the table after it: every attempt then lived until the next full collection, which cost more than running it.
 */
export function openRunning(): Running {
  let first: Frame | undefined
  let last: Frame | undefined
  return {
    add(frame) {
      frame.previous = last
      if (last) last.next = frame
      else first = frame
      last = frame
    },
    delete(frame) {
      const { previous, next } = frame
      if (previous) previous.next = next
      else if (first === frame) first = next
      if (next) next.previous = previous
      else if (last === frame) last = previous
      frame.previous = frame.next = undefined
    },
    all() {
      const frames: Frame[] = []
      for (let frame = first; frame; frame = frame.next) frames.push(frame)
      return frames
    },
  }
}
