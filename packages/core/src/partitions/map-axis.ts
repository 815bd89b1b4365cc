import type { Axis } from './domain.ts'
import { hasSameWindows, type Mapping } from './mapping.ts'
import { none, type Spans, span, spansOf, unionAll } from './spans.ts'
import { ceil, firstEndingAfter, lastBefore, type Timeline } from './time.ts'

export type AxisMapping = Exclude<Mapping, { kind: 'dims' | 'several' }>

/** The numbers of the other axis, and the keys that are asked for and do not exist, made when they are read. */
export interface Found {
  readonly set: Spans
  readonly missing: readonly Iterable<string>[]
}

const nothing: Found = { set: none, missing: [] }
const found = (set: Spans, missing: readonly Iterable<string>[] = []): Found => ({ set, missing })

/** What the downstream slices from `from` to below `to` need of the upstream's axis. */
export function upstreamOnAxis(mapping: AxisMapping, down: Axis, up: Axis, from: number, to: number): Found {
  // Asked of every slice of an asset, and mostly so.
  if (down === up && isItself(mapping) && from >= up.from && to <= up.to) return found(span(from, to))
  switch (mapping.kind) {
    case 'all':
      return found(span(up.from, up.to))
    case 'last':
      return found(span(Math.max(up.from, up.to - 1), up.to))
    case 'only':
      return only(mapping.keys, up)
    case 'pairs': {
      const wanted = new Set(names(down, from, to))
      const keys = Object.keys(mapping.pairs).filter((key) => mapping.pairs[key]!.some((one) => wanted.has(one)))
      return only(keys, up)
    }
    case 'identity':
      return identity(down, up, from, to)
    case 'window':
      return inTime(down, up, from, to, (below, above, a, b) => windows(mapping, below, up, above, a, b))
    case 'slice':
      return inTime(down, up, from, to, (below, above, a, b) => slices(mapping.by, below, up, above, a, b))
  }
}

const isItself = (mapping: AxisMapping): boolean =>
  mapping.kind === 'identity' || (mapping.kind === 'window' && mapping.from === 0 && mapping.to === 0)

/** The downstream numbers that need any of the upstream slices from `from` to below `to`. */
export function downstreamOnAxis(mapping: AxisMapping, down: Axis, up: Axis, from: number, to: number): Spans {
  const all = span(down.from, down.to)
  const has = (key: string): boolean => {
    const number = up.indexOf(key)
    return number !== null && number >= from && number < to
  }
  switch (mapping.kind) {
    case 'all':
      return to > from ? all : none
    case 'last':
      return up.to > up.from && from < up.to && to >= up.to ? all : none
    case 'only':
      return mapping.keys.some(has) ? all : none
    case 'pairs':
      return only(
        Object.entries(mapping.pairs).flatMap(([key, below]) => (has(key) ? below : [])),
        down,
      ).set
    case 'identity':
      return identity(up, down, from, to).set
    case 'slice': {
      if (!down.line || !up.line) return none
      const first = ceil(down.line, up.line.startOf(from - mapping.by))
      const past = ceil(down.line, up.line.startOf(to - mapping.by))
      return span(Math.max(first, down.from), Math.min(past, down.to))
    }
    case 'window':
      return inTime(up, down, from, to, (above, below, a, b) => {
        const first = firstEndingAfter(below, above.startOf(a)) - mapping.to
        const last = lastBefore(below, above.endOf(b - 1)) - mapping.from
        return found(span(Math.max(first, down.from), Math.min(last + 1, down.to)))
      }).set
  }
}

function only(keys: readonly string[], axis: Axis): Found {
  const numbers: number[] = []
  const missing: string[] = []
  for (const key of keys) {
    const number = axis.indexOf(key)
    if (number !== null && number >= axis.from && number < axis.to) numbers.push(number)
    else missing.push(key)
  }
  return found(spansOf(numbers), missing.length > 0 ? [missing] : [])
}

function names(axis: Axis, from: number, to: number): readonly string[] {
  return axis.names?.slice(from, to) ?? Array.from({ length: to - from }, (_, n) => axis.keyOf(from + n))
}

function identity(own: Axis, other: Axis, from: number, to: number): Found {
  if (own.names && isSameList(own.names, other.names)) return found(span(from, to))
  if (own.line && other.line && hasSameWindows(own.spec, other.spec))
    return inTime(own, other, from, to, (a, b, low, high) => windows({ from: 0, to: 0 }, a, other, b, low, high))
  return only(names(own, from, to), other)
}

function isSameList(a: readonly string[], b: readonly string[] | null): boolean {
  return a === b || (b !== null && a.length === b.length && a.every((one, n) => one === b[n]))
}

/** A row of slices is one stretch of time, except where windows are left out: there each is one. */
function inTime(
  own: Axis,
  other: Axis,
  from: number,
  to: number,
  map: (own: Timeline, other: Timeline, from: number, to: number) => Found,
): Found {
  const [line, target] = [own.line, other.line]
  if (!line || !target || to <= from) return nothing
  if (!line.hasGaps) return map(line, target, from, to)
  const each = Array.from({ length: to - from }, (_, n) => map(line, target, from + n, from + n + 1))
  return found(
    unionAll(each.map((one) => one.set)),
    each.flatMap((one) => one.missing),
  )
}

/**
 * The slices whose windows overlap the window from the start of slice `from` to the end of slice `to - 1`, both moved by
 * the offsets. What an offset moves past the first or the last upstream slice is cut there (Dagster clamps it); without
 * an offset, slices that do not exist are missing.
 */
function windows(
  offsets: { readonly from: number; readonly to: number },
  down: Timeline,
  axis: Axis,
  up: Timeline,
  from: number,
  to: number,
): Found {
  const bounds = axis.to > axis.from ? { start: up.startOf(axis.from), end: up.endOf(axis.to - 1) } : null
  const start = clamp(down.startOf(from + offsets.from), offsets.from, bounds)
  const end = clamp(down.endOf(to - 1 + offsets.to), offsets.to, bounds)
  if (start >= end) return nothing
  const [first, past] = [firstEndingAfter(up, start), lastBefore(up, end) + 1]
  const missing: Iterable<string>[] = []
  if (first < axis.from) missing.push(keysBetween(up, first, Math.min(past, axis.from)))
  if (past > axis.to) missing.push(keysBetween(up, Math.max(first, axis.to, axis.from), past))
  return found(span(Math.max(first, axis.from), Math.min(past, axis.to)), missing)
}

/** Before the first slice there is nothing to need; after the last one it is missing. */
function slices(by: number, down: Timeline, axis: Axis, up: Timeline, from: number, to: number): Found {
  // Where the upstream's slices are shorter, some of them hold no start.
  if (to - from > 1 && up.at(down.startOf(to - 1)) - up.at(down.startOf(from)) >= to - from) {
    const each = Array.from({ length: to - from }, (_, n) => slices(by, down, axis, up, from + n, from + n + 1))
    return found(
      unionAll(each.map((one) => one.set)),
      each.flatMap((one) => one.missing),
    )
  }
  const first = Math.max(up.at(down.startOf(from)) + by, by < 0 ? axis.from : Number.NEGATIVE_INFINITY)
  const past = up.at(down.startOf(to - 1)) + by + 1
  const missing: Iterable<string>[] = []
  if (first < axis.from) missing.push(keysBetween(up, first, Math.min(past, axis.from)))
  if (past > axis.to) missing.push(keysBetween(up, Math.max(first, axis.to), past))
  return found(span(Math.max(first, axis.from), Math.min(past, axis.to)), missing)
}

function clamp(ms: number, offset: number, bounds: { readonly start: number; readonly end: number } | null): number {
  if (!bounds || offset === 0) return ms
  return offset < 0 ? Math.max(ms, bounds.start) : Math.min(ms, bounds.end)
}

function keysBetween(line: Timeline, from: number, to: number): Iterable<string> {
  return {
    *[Symbol.iterator]() {
      for (let slice = from; slice < to; slice += 1) yield line.keyOf(slice)
    },
  }
}
