import { type Axis, type Domain, keyOfTuple } from './domain.ts'
import { type Box, boxesOf, difference, intersection, type Span, type Spans } from './spans.ts'

/** What a slice is, the most urgent first: what fails while it is being made again is `in progress`. */
export const partitionStates = ['in progress', 'failed', 'stale', 'fresh', 'missing'] as const

export type PartitionState = (typeof partitionStates)[number]

/** What is known of an asset's slices, each as a set. A slice may be in several: the state is the first that holds. */
export interface StateFacts {
  readonly inProgress: Spans
  /** What last was to make it failed. */
  readonly failed: Spans
  /** Of those that are made. */
  readonly stale: Spans
  readonly made: Spans
}

/** Slices that follow each other and are in one state. */
export interface StateRange {
  readonly state: PartitionState
  readonly count: number
  /** The first and the last of them, in the order of the keys; of a grid by dimension. `null` without partitions. */
  readonly from: string | null
  readonly to: string | null
  /** Of a grid: every combination of these is in the state. */
  readonly dims?: Readonly<Record<string, DimRange>>
}

/** Keys of one dimension that follow each other. */
export interface DimRange {
  readonly from: string
  readonly to: string
  /** Which of the dimension's keys is the first, from 0, and how many they are. */
  readonly at: number
  readonly count: number
}

export interface PartitionStatus {
  readonly counts: Readonly<Record<PartitionState, number>>
  /** In order of the keys: as long as things go the same way, one range. */
  readonly ranges: readonly StateRange[]
  /** How many ranges there are in all. */
  readonly total: number
}

/**
 * The state of every slice that exists, run-length encoded: a million slices cost as much as the number of times that the
 * state changes.
 *
 * @param page which ranges are written out (default: all); the counts are of all of them.
 */
export function partitionStatus(
  domain: Domain,
  facts: StateFacts,
  page: { readonly skip?: number; readonly limit?: number } = {},
): PartitionStatus {
  const { skip = 0, limit = Number.POSITIVE_INFINITY } = page
  const counts = { 'in progress': 0, failed: 0, stale: 0, fresh: 0, missing: 0 }
  const ranges: StateRange[] = []
  let total = 0
  /** Is it one of those that are written out? */
  const see = (state: PartitionState, count: number): boolean => {
    counts[state] += count
    total += 1
    return total > skip && ranges.length < limit
  }
  const write = (state: PartitionState, count: number, box: Box): void =>
    void ranges.push(rangeOf(domain, state, count, box))
  const [axis] = domain.axes
  if (axis && domain.axes.length === 1)
    alongAxis(axis, facts, (state, from, to) => {
      if (see(state, to - from)) write(state, to - from, [[from, to]])
    })
  else
    for (const { state, box } of boxesInOrder(domain, facts))
      if (see(state, sizeOf(box))) write(state, sizeOf(box), box)
  return { counts, ranges, total }
}

function rangeOf(domain: Domain, state: PartitionState, count: number, box: Box): StateRange {
  const [from, to] = [
    keyOfTuple(
      domain,
      box.map(([first]) => first),
    ),
    keyOfTuple(
      domain,
      box.map(([, end]) => end - 1),
    ),
  ]
  if (domain.axes.length < 2) return { state, count, from, to }
  const dims = domain.axes.map((axis, n): [string, DimRange] => {
    const [first, end] = box[n]!
    const { name, keyOf } = axis
    return [name!, { from: keyOf(first), to: keyOf(end - 1), at: first - axis.from, count: end - first }]
  })
  return { state, count, from, to, dims: Object.fromEntries(dims) }
}

const sizeOf = (box: Box): number => box.reduce((size, [from, to]) => size * (to - from), 1)

/** In one pass over all sets, and without making any: a set of half a million spans would be gone through for each. */
function alongAxis(
  axis: Axis,
  facts: StateFacts,
  see: (state: PartitionState, from: number, to: number) => void,
): void {
  const sets = [facts.inProgress, facts.failed, facts.stale, facts.made].map((set) => (set === true ? [] : set))
  // Where the span of each set that comes next, or is gone through, begins and ends.
  const places = [-1, -1, -1, -1]
  const froms = [-Infinity, -Infinity, -Infinity, -Infinity]
  const tos = [-Infinity, -Infinity, -Infinity, -Infinity]
  let state = -1
  let since = axis.from
  let at = axis.from
  while (at < axis.to) {
    let next = axis.to
    let now = MISSING
    for (let n = MISSING - 1; n >= 0; n -= 1) {
      while (tos[n]! <= at) {
        const span: Span | undefined = sets[n]![(places[n]! += 1)]
        froms[n] = span ? span.from : Infinity
        tos[n] = span ? span.to : Infinity
      }
      const from = froms[n]!
      if (from <= at) {
        now = n
        if (tos[n]! < next) next = tos[n]!
      } else if (from < next) next = from
    }
    if (now !== state) {
      if (state >= 0) see(partitionStates[state]!, since, at)
      ;[state, since] = [now, at]
    }
    at = next
  }
  if (state >= 0) see(partitionStates[state]!, since, at)
}

const MISSING = partitionStates.indexOf('missing')

/** Of several dimensions, or none. */
function boxesInOrder(domain: Domain, facts: StateFacts): readonly { state: PartitionState; box: Box }[] {
  let left = domain.all
  const found: { state: PartitionState; box: Box }[] = []
  const take = (state: PartitionState, set: Spans): void => {
    for (const box of boxesOf(intersection(left, set))) found.push({ state, box })
    left = difference(left, set)
  }
  take('in progress', facts.inProgress)
  take('failed', facts.failed)
  take('stale', facts.stale)
  take('fresh', facts.made)
  take('missing', domain.all)
  return found.toSorted((a, b) => compare(a.box, b.box))
}

function compare(a: Box, b: Box): number {
  for (const [n, [from]] of a.entries()) if (from !== b[n]![0]) return from - b[n]![0]
  return 0
}
