export interface MapOptions<X> {
  /** How many calls at once. Default 100. */
  readonly concurrency?: number
  /** What makes the call for an item the same call on a replay; default: the task's own `key`, else its arguments. */
  readonly key?: (item: X) => string
  /** The arguments after the first, the same for every item. */
  readonly rest?: readonly unknown[]
}

/** Awaited: every result in the order of the items. Iterated: each as it comes. */
export interface Results<T> extends PromiseLike<T[]>, AsyncIterable<T> {}

type Call = (args: readonly unknown[], key: string | undefined) => Promise<unknown>

/**
 * Starts the calls at once, `concurrency` at a time. After the first failure no new item is started; those that run
 * are waited for, then the failure is thrown. Nothing here depends on time, so a replay repeats it.
 */
export function mapCalls<T>(
  call: Call,
  items: Iterable<unknown> | AsyncIterable<unknown>,
  options: MapOptions<never> = {},
): Results<T> {
  const results: T[] = []
  const came: T[] = []
  let ended = false
  let failure: { error: unknown } | undefined
  let wake: (() => void) | undefined
  const stir = (): void => {
    wake?.()
    wake = undefined
  }
  const work = run()

  async function run(): Promise<T[]> {
    const { concurrency = 100, rest = [] } = options
    const key = options.key as ((item: unknown) => string) | undefined
    const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
    let next = 0
    const lane = async (): Promise<void> => {
      while (!failure) {
        const taken = iterator.next()
        const { done, value } = taken instanceof Promise ? await taken : taken
        if (done) return
        const index = next++
        try {
          const result = (await call([value, ...rest], key?.(value))) as T
          results[index] = result
          came.push(result)
          stir()
        } catch (error) {
          failure ??= { error }
        }
      }
    }
    try {
      const lanes: Promise<void>[] = []
      for (let n = 0; n < Math.max(1, concurrency) && !failure; n++) {
        const before = next
        lanes.push(lane())
        // A synchronous source that is used up starts no further lanes: 3 items need 3, not 100.
        if (!(Symbol.asyncIterator in items) && next === before) break
      }
      await Promise.all(lanes)
    } catch (error) {
      failure ??= { error }
    }
    ended = true
    stir()
    if (failure) throw failure.error
    return results
  }

  return {
    then: (fulfilled, rejected) => work.then(fulfilled, rejected),
    async *[Symbol.asyncIterator]() {
      work.catch(() => {}) // thrown below instead, after what came before it
      for (let n = 0; ;) {
        if (n < came.length) yield came[n++] as T
        else if (!ended) await new Promise<void>((resolve) => (wake = resolve))
        else if (failure) throw failure.error
        else return
      }
    },
  }
}
