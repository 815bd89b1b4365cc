/** Work that is done again and again: how much there was to do this time. */
export type Pass = () => Promise<number>

export interface PacedPass {
  readonly name: string
  readonly pass: Pass
  /** Milliseconds between two passes where nobody wakes it, or a function that says how many. */
  readonly every: number | (() => number)
}

export interface Passes {
  /** Do it now, or as soon as the pass that goes on is over. */
  wake(name?: string): void
  /** Waits for what goes on, and stops. */
  stop(): Promise<void>
}

/** After failures, in milliseconds. */
const least = 100
const most = 30_000

/**
 * Keeps passes going: each by itself, again at once where there was more than nothing to do, and after a failure later
 * and later (to 30 s), so that one that fails harms no other.
 */
export function keepPassing(
  passes: readonly PacedPass[],
  failed: (name: string, error: unknown) => void,
  /** One that failed works again. */
  recovered: (name: string) => void = () => {},
): Passes {
  let stopped = false
  const loops = new Map<string, { wake(): void; done: Promise<void> }>()
  for (const { name, pass, every } of passes) {
    let woken = false
    let sleeper: (() => void) | null = null
    const wake = (): void => {
      woken = true
      sleeper?.()
    }
    const sleep = (ms: number): Promise<void> =>
      new Promise((resolve) => {
        if (woken || stopped) return resolve()
        const timer = setTimeout(() => sleeper?.(), ms)
        sleeper = () => {
          clearTimeout(timer)
          sleeper = null
          resolve()
        }
      })
    const loop = async (): Promise<void> => {
      let failures = 0
      while (!stopped) {
        woken = false
        let did = 0
        try {
          did = await pass()
          if (failures > 0) recovered(name)
          failures = 0
        } catch (error) {
          failures += 1
          failed(name, error)
        }
        if (failures > 0) woken = false
        if (did > 0 && failures === 0) continue
        const pause = typeof every === 'number' ? every : every()
        await sleep(failures === 0 ? pause : Math.min(most, Math.max(pause, least) * 2 ** failures))
      }
    }
    loops.set(name, { wake, done: loop() })
  }
  return {
    wake(name) {
      if (name !== undefined) loops.get(name)?.wake()
      else for (const loop of loops.values()) loop.wake()
    },
    async stop() {
      stopped = true
      for (const loop of loops.values()) loop.wake()
      await Promise.all([...loops.values()].map(({ done }) => done))
    },
  }
}
