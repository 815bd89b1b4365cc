/**
 * Sets of whole numbers, and of tuples of them, as ranges: a million in a row are one span, and the product of many
 * axes is one span an axis. This is what a set of partitions is made of; nothing here enumerates.
 *
 * A set of tuples of length 0 (an asset without partitions) is `[]`, nothing, or `true`, the one empty tuple. A set of
 * longer tuples is a list of spans of its first number, in order, none overlapping, each with the set of what follows.
 */
export type Spans = true | readonly Span[]

export interface Span {
  readonly from: number
  /** Exclusive. */
  readonly to: number
  /** What may follow: never empty. */
  readonly rest: Spans
}

export const none: Spans = []

export const isEmpty = (set: Spans): boolean => set !== true && set.length === 0

/** The numbers from `from`, below `to`. */
export function span(from: number, to: number, rest: Spans = true): Spans {
  return to > from && !isEmpty(rest) ? [{ from, to, rest }] : none
}

export function union(a: Spans, b: Spans): Spans {
  return combine(a, b, 'or', null)
}
export function intersection(a: Spans, b: Spans): Spans {
  return combine(a, b, 'and', null)
}
/** What is in `a` and not in `b`. */
export function difference(a: Spans, b: Spans): Spans {
  return combine(a, b, 'not', null)
}

/** Many at once, by halves: so that a hundred thousand single ones cost no more than their number. */
export function unionAll(sets: readonly Spans[]): Spans {
  if (sets.length <= 2) return sets.length === 2 ? union(sets[0]!, sets[1]!) : (sets[0] ?? none)
  const half = sets.length >> 1
  return union(unionAll(sets.slice(0, half)), unionAll(sets.slice(half)))
}

/** A set of numbers from their list, in any order. */
export function spansOf(numbers: Iterable<number>): Spans {
  const spans: { from: number; to: number; rest: true }[] = []
  const list = [...numbers]
  if (list.some((number, n) => n > 0 && number < list[n - 1]!)) list.sort((a, b) => a - b)
  for (const number of list) {
    const last = spans.at(-1)
    if (last && last.to >= number) last.to = Math.max(last.to, number + 1)
    else spans.push({ from: number, to: number + 1, rest: true })
  }
  return spans
}

type Operation = 'or' | 'and' | 'not'
type Memo = Map<Spans, Map<Spans, Spans>>

/** @param known what was combined before, below one pair; `null` at the top: most pairs need none. */
function combine(a: Spans, b: Spans, operation: Operation, known: Memo | null): Spans {
  if (a === b) return operation === 'not' ? none : a
  if (a === true || b === true) return unit(a === true, b === true, operation)
  if (a.length === 0) return operation === 'or' ? b : none
  if (b.length === 0) return operation === 'and' ? none : a
  const memo: Memo = known ?? new Map()
  const before = memo.get(a)?.get(b)
  if (before) return before
  const result = sweep(a, b, operation, memo)
  let row = memo.get(a)
  if (!row) memo.set(a, (row = new Map()))
  row.set(b, result)
  return result
}

function unit(a: boolean, b: boolean, operation: Operation): Spans {
  const isIn = operation === 'or' ? a || b : operation === 'and' ? a && b : a && !b
  return isIn ? true : none
}

function sweep(a: readonly Span[], b: readonly Span[], operation: Operation, memo: Memo): Spans {
  const spans: Span[] = []
  let [i, j] = [0, 0]
  let at = Math.min(a[0]!.from, b[0]!.from)
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]]
    const isLeft = left !== undefined && left.from <= at
    const isRight = right !== undefined && right.from <= at
    const next = Math.min(edge(left, isLeft), edge(right, isRight))
    if (isLeft || isRight) {
      const rest = combine(isLeft ? left.rest : none, isRight ? right.rest : none, operation, memo)
      push(spans, at, next, rest)
    }
    at = next
    if (left && left.to <= at) i += 1
    if (right && right.to <= at) j += 1
  }
  return spans
}

const edge = (one: Span | undefined, isInside: boolean): number =>
  one === undefined ? Number.POSITIVE_INFINITY : isInside ? one.to : one.from

function push(spans: Span[], from: number, to: number, rest: Spans): void {
  if (isEmpty(rest)) return
  const last = spans.at(-1)
  if (last && last.to === from && equals(last.rest, rest)) spans[spans.length - 1] = { ...last, to }
  else spans.push({ from, to, rest })
}

export function equals(a: Spans, b: Spans): boolean {
  if (a === b) return true
  if (a === true || b === true || a.length !== b.length) return false
  return a.every((one, index) => {
    const other = b[index]!
    return one.from === other.from && one.to === other.to && equals(one.rest, other.rest)
  })
}

/** How many tuples; 10⁹ are counted as fast as one. */
export function countOf(set: Spans): number {
  return counted(set, new Map())
}

function counted(set: Spans, memo: Map<Spans, number>): number {
  if (set === true) return 1
  const known = memo.get(set)
  if (known !== undefined) return known
  let count = 0
  for (const { from, to, rest } of set) count += (to - from) * counted(rest, memo)
  memo.set(set, count)
  return count
}

export function includes(set: Spans, tuple: readonly number[], depth = 0): boolean {
  if (set === true) return true
  const number = tuple[depth]
  if (number === undefined) return false
  let [low, high] = [0, set.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (set[middle]!.to <= number) low = middle + 1
    else high = middle
  }
  const found = set[low]
  return found !== undefined && found.from <= number && includes(found.rest, tuple, depth + 1)
}

/** The tuples in order. One tuple is one array, so take what you need and stop. */
export function* tuplesOf(set: Spans, before: readonly number[] = []): Generator<readonly number[]> {
  if (set === true) yield before
  else {
    for (const { from, to, rest } of set) {
      for (let number = from; number < to; number += 1) {
        const tuple = [...before, number]
        if (rest === true) yield tuple
        else yield* tuplesOf(rest, tuple)
      }
    }
  }
}

/** A product of one span for each axis; a set is a union of them, none overlapping. */
export type Box = readonly (readonly [from: number, to: number])[]

export function* boxesOf(set: Spans, before: Box = []): Generator<Box> {
  if (set === true) yield before
  else for (const { from, to, rest } of set) yield* boxesOf(rest, [...before, [from, to]])
}

/** The product of a set for each axis. */
export function product(axes: readonly Spans[]): Spans {
  return axes.reduceRight<Spans>((rest, axis) => {
    if (axis === true) throw new TypeError('An axis is a set of numbers.')
    return isEmpty(rest) ? none : axis.map(({ from, to }) => ({ from, to, rest }))
  }, true)
}
