/** The keys of the slices that exist, in their order. A list, or a range that makes them when asked. */
export interface Keys extends Iterable<string> {
  readonly count: number
  readonly first: string | null
  readonly last: string | null
  has(key: string): boolean
  /** From 0; `undefined` outside. */
  at(index: number): string | undefined
  /** -1 where it is not there. */
  indexOf(key: string): number
  /** Like `Array.prototype.slice`, for indexes from 0. */
  slice(from: number, to?: number): string[]
}

/** Keys of which each index is known by a function. */
export function computedKeys(count: number, at: (index: number) => string, indexOf: (key: string) => number): Keys {
  return {
    count,
    first: count > 0 ? at(0) : null,
    last: count > 0 ? at(count - 1) : null,
    has: (key) => indexOf(key) !== -1,
    at: (index) => (index >= 0 && index < count ? at(index) : undefined),
    indexOf,
    slice(from, to = count) {
      const length = Math.max(0, Math.min(to, count) - from)
      return Array.from({ length }, (_, n) => at(from + n))
    },
    *[Symbol.iterator]() {
      for (let index = 0; index < count; index += 1) yield at(index)
    },
  }
}

export function listKeys(keys: readonly string[]): Keys {
  const positions = new Map(keys.map((key, index) => [key, index]))
  return computedKeys(
    keys.length,
    (index) => keys[index]!,
    (key) => positions.get(key) ?? -1,
  )
}
