import { setImmediate as othersTurn } from 'node:timers/promises'

/** Milliseconds that work may take before others have their turn. */
const slice = 10

/** Carries out work that is divided into steps, and lets everything else that waits go on between some of them. */
export async function inSlices<T>(steps: Generator<void, T>): Promise<T> {
  let until = performance.now() + slice
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
    if (performance.now() < until) continue
    await othersTurn()
    until = performance.now() + slice
  }
}
