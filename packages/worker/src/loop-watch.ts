/** How often a working child says that its event loop turns, and how often that is looked at. */
export const ALIVE_EVERY = 250
const BLOCKED_AFTER = 1000

export interface LoopWatch {
  heard(): void
  start(): void
  stop(): void
}

/** Tells once for each stretch of over a second in which a working child was not heard. */
export function watchLoop(onBlocked: (ms: number) => void): LoopWatch {
  let working = 0
  let heardAt = 0
  let lookedAt = 0
  let told = false
  let timer: NodeJS.Timeout | undefined
  const look = (): void => {
    const now = performance.now()
    // Where this process itself was held up, the child's messages are still in the pipe.
    if (now - lookedAt > 2 * ALIVE_EVERY) heardAt = now
    lookedAt = now
    if (told || now - heardAt <= BLOCKED_AFTER) return
    told = true
    onBlocked(Math.round(now - heardAt))
  }
  return {
    heard() {
      heardAt = performance.now()
      told = false
    },
    start() {
      working += 1
      heardAt = lookedAt = performance.now()
      timer ??= setInterval(look, ALIVE_EVERY).unref()
    },
    stop() {
      working = Math.max(0, working - 1)
      if (working > 0) return
      clearInterval(timer)
      timer = undefined
    },
  }
}
