import { dimensionsOf, isMarked, joinKey, splitKey } from './grid.ts'
import { isTime, type KeysAt, type PartitionsSpec } from './set.ts'
import { boxesOf, includes, isEmpty, none, product, type Spans, span, spansOf, tuplesOf, unionAll } from './spans.ts'
import { existing, type Timeline, timeline } from './time.ts'

/** One dimension as whole numbers: slices of a timeline, places in a list of names. */
export interface Axis {
  /** Of a grid's dimension; `null` where there is only one. */
  readonly name: string | null
  readonly spec: PartitionsSpec
  /** The numbers that exist: `from` does, `to` does not. */
  readonly from: number
  readonly to: number
  /** Of time, also for slices that do not exist. */
  keyOf(number: number): string
  /** `null` where the text is no key. Of time, also for slices that do not exist. */
  indexOf(key: string): number | null
  readonly line: Timeline | null
  /** The names, where it is no time. */
  readonly names: readonly string[] | null
}

/**
 * What an asset's partitions are at a moment, so that sets of them are numbers (`Spans`). An asset without partitions has
 * no axis, and a set of its slices is everything or nothing.
 */
export interface Domain {
  readonly spec: PartitionsSpec | null
  readonly axes: readonly Axis[]
  readonly all: Spans
}

/** The key of a slice; `null` is the whole of an asset that is not partitioned. */
export type SliceKey = string | null

const unpartitioned: Domain = { spec: null, axes: [], all: true }

const known = new WeakMap<KeysAt, Map<PartitionsSpec, Domain>>()

/** Made once for each moment (`at`) and each spec. */
export function domainOf(spec: PartitionsSpec | null, at: KeysAt): Domain {
  if (!spec) return unpartitioned
  let domains = known.get(at)
  if (!domains) known.set(at, (domains = new Map()))
  let domain = domains.get(spec)
  if (!domain) domains.set(spec, (domain = make(spec, at)))
  return domain
}

function make(spec: PartitionsSpec, at: KeysAt): Domain {
  const axes =
    spec.kind === 'grid' ? dimensionsOf(spec).map(([name, dim]) => axisOf(dim, at, name)) : [axisOf(spec, at, null)]
  return { spec, axes, all: product(axes.map(allOf)) }
}

export const allOf = ({ from, to }: Axis): Spans => span(from, to)

function axisOf(spec: PartitionsSpec, at: KeysAt, name: string | null): Axis {
  if (isTime(spec)) {
    const line = timeline(spec)
    const { from, to } = existing(line, at.now.epochMilliseconds)
    return { name, spec, from, to, keyOf: line.keyOf, indexOf: line.indexOf, line, names: null }
  }
  const given = spec.kind === 'one of' ? spec.keys : spec.kind === 'dynamic' ? (at.dynamic[spec.name] ?? []) : []
  // A name with the sign that stands between a grid's keys would be two keys.
  const names = name !== null && given.some(isMarked) ? given.filter((one) => !isMarked(one)) : given
  const places = placesOf(names)
  const indexOf = (key: string): number | null => places.get(key) ?? null
  return { name, spec, from: 0, to: names.length, keyOf: (n) => names[n]!, indexOf, line: null, names }
}

const listed = new WeakMap<readonly string[], ReadonlyMap<string, number>>()

function placesOf(names: readonly string[]): ReadonlyMap<string, number> {
  let places = listed.get(names)
  if (!places) listed.set(names, (places = new Map(names.map((name, place) => [name, place]))))
  return places
}

/** The numbers of a key, existing or not; `null` where it is none. */
export function tupleOf({ axes }: Domain, key: SliceKey): readonly number[] | null {
  if (axes.length === 0) return key === null ? [] : null
  if (key === null) return null
  const parts = axes[0]!.name === null ? [key] : splitKey(key, axes.length)
  if (!parts) return null
  const tuple: number[] = []
  for (const [n, axis] of axes.entries()) {
    const number = axis.indexOf(parts[n]!)
    if (number === null) return null
    tuple.push(number)
  }
  return tuple
}

export function keyOfTuple({ axes }: Domain, tuple: readonly number[]): SliceKey {
  if (axes.length === 0) return null
  return joinKey(tuple.map((number, n) => axes[n]!.keyOf(number)))
}

/** A set of these keys. Those that do not exist are left out. */
export function setOf(domain: Domain, keys: Iterable<SliceKey>): Spans {
  const tuples: (readonly number[])[] = []
  for (const key of keys) {
    const tuple = tupleOf(domain, key)
    if (tuple && includes(domain.all, tuple)) tuples.push(tuple)
  }
  return setOfTuples(domain, tuples)
}

/** A set of the slices with these numbers, in any order. */
export function setOfTuples({ axes }: Domain, tuples: readonly (readonly number[])[]): Spans {
  if (axes.length === 0) return tuples.length > 0 ? true : none
  if (axes.length === 1) return spansOf(tuples.map(([number]) => number!))
  return unionAll(tuples.map((tuple) => product(tuple.map((number) => span(number, number + 1)))))
}

/** The keys of a set, in order, each made when it is asked for. */
export function* keysIn(domain: Domain, set: Spans): Generator<SliceKey> {
  for (const tuple of tuplesOf(set)) yield keyOfTuple(domain, tuple)
}

export function hasKey(domain: Domain, set: Spans, key: SliceKey): boolean {
  const tuple = tupleOf(domain, key)
  return tuple !== null && includes(set, tuple)
}

/** The slices of a set that exist. */
export const isInside = (domain: Domain, key: SliceKey): boolean => hasKey(domain, domain.all, key)

/**
 * A set as plain data that outlives the moment: ranges of keys for time (both ends included), names for the rest; a grid
 * is a list of products. `true` and `[]` for an asset without partitions.
 */
export type SetRecord = boolean | readonly (readonly AxisRecord[])[]
export type AxisRecord = readonly (string | readonly [first: string, last: string])[]

export function recordOf(domain: Domain, set: Spans): SetRecord {
  if (domain.axes.length === 0) return !isEmpty(set)
  if (domain.axes.length === 1) {
    const [axis] = domain.axes
    return set === true || set.length === 0 ? [] : [[set.flatMap(({ from, to }) => part(axis!, from, to))]]
  }
  return [...boxesOf(set)].map((box) => box.map(([from, to], n) => part(domain.axes[n]!, from, to)))
}

function part(axis: Axis, from: number, to: number): AxisRecord {
  if (axis.names) return axis.names.slice(from, to)
  return [to - from === 1 ? axis.keyOf(from) : [axis.keyOf(from), axis.keyOf(to - 1)]]
}

/** What of a recorded set exists now: names that are gone are left out, and so are slices before the start. */
export function setOfRecord(domain: Domain, record: SetRecord): Spans {
  if (typeof record === 'boolean') return record && domain.axes.length === 0 ? true : none
  if (domain.axes.length === 0) return none
  return unionAll(
    record.map((box) =>
      box.length === domain.axes.length ? product(box.map((keys, n) => numbersOf(domain.axes[n]!, keys))) : none,
    ),
  )
}

function numbersOf(axis: Axis, keys: AxisRecord): Spans {
  const spans: Spans[] = []
  for (const one of keys) {
    const [from, to] = [
      axis.indexOf(typeof one === 'string' ? one : one[0]),
      axis.indexOf(typeof one === 'string' ? one : one[1]),
    ]
    if (from !== null && to !== null) spans.push(span(Math.max(from, axis.from), Math.min(to + 1, axis.to)))
  }
  return unionAll(spans)
}
