import { type Duration, milliseconds } from '@sluice/core'

/** A clock that stands still until something waits: then it jumps to the end of the wait. */
export interface FakeClock {
  /** Milliseconds since 1970. */
  now(): number
  /** The same moment as an instant. */
  instant(): Temporal.Instant
  /** Moves it on. Waits that end on the way end now. */
  advance(duration: Duration): void
  /** For the engine: a wait on this clock. */
  after(ms: number, then: () => void): () => void
}

interface Wait {
  readonly at: number
  readonly wake: () => void
}

/**
 * A clock for tests: `sleep('3d')` and the delays of retries take no time, and end in the order of their moments.
 * Timeouts, and whatever the code under test waits for by itself, stay real.
 *
 * @param start a moment such as `2026-01-01T00:00:00Z`; default: now.
 */
export function fakeClock(start?: string | Temporal.Instant): FakeClock {
  let now = start === undefined ? Date.now() : Temporal.Instant.from(start).epochMilliseconds
  let waits: Wait[] = []
  let looking = false

  const end = (wait: Wait): void => {
    waits = waits.filter((one) => one !== wait)
    now = Math.max(now, wait.at)
    wait.wake()
  }
  const first = (): Wait | undefined =>
    waits.reduce<Wait | undefined>((least, one) => (least && least.at <= one.at ? least : one), undefined)
  // Three turns of the event loop: what is ready to run (a commit, another wait) comes before time passes.
  const look = (turns: number): void => {
    setImmediate(() => {
      if (turns > 1) return look(turns - 1)
      looking = false
      const wait = first()
      if (!wait) return
      end(wait)
      stir()
    })
  }
  const stir = (): void => {
    if (looking || waits.length === 0) return
    looking = true
    look(3)
  }
  return {
    now: () => now,
    instant: () => Temporal.Instant.fromEpochMilliseconds(now),
    advance(duration) {
      const until = now + milliseconds(duration)
      for (let wait = first(); wait && wait.at <= until; wait = first()) end(wait)
      now = until
    },
    after(ms, then) {
      const wait = { at: now + Math.max(0, ms), wake: then }
      waits.push(wait)
      stir()
      return () => void (waits = waits.filter((one) => one !== wait))
    },
  }
}
