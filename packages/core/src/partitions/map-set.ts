import { allOf, type Axis, type Domain, hasKey, isInside, keysIn, type SliceKey, setOf } from './domain.ts'
import { downstreamOnAxis, type Found, upstreamOnAxis } from './map-axis.ts'
import { type DimensionMapping, isSameSpec, type Mapping } from './mapping.ts'
import { type Box, boxesOf, isEmpty, none, product, type Spans, unionAll } from './spans.ts'

/** What a set of downstream slices needs of the upstream. */
export interface Needed {
  readonly set: Spans
  /**
   * What is needed and does not exist: its own answer, never an error. Made when it is read. Of a grid that is mapped by
   * dimension, the keys of the dimension.
   */
  readonly missing: readonly Iterable<string>[]
}

/** @param set of downstream slices. */
export function needs(mapping: Mapping, down: Domain, up: Domain, set: Spans): Needed {
  if (isEmpty(set)) return { set: none, missing: [] }
  if (up.axes.length === 0) return { set: true, missing: [] }
  if (mapping.kind === 'several') return join(mapping.of.map((one) => needs(one, down, up, set)))
  const dims = dimensionsFor(mapping, down, up)
  if (dims) return byDimension(dims, down, up, set)
  const [below, above] = [down.axes[0], up.axes[0]!]
  if (mapping.kind === 'all') return { set: up.all, missing: [] }
  if (mapping.kind === 'last') return { set: lastOf(up), missing: [] }
  if (mapping.kind === 'only') return byKey(up, mapping.keys)
  if (!below || down.axes.length > 1 || up.axes.length > 1)
    return mapping.kind === 'identity' ? identity(down, up, set) : { set: none, missing: [] }
  const parts = [...boxesOf(set)].map(([span]) => upstreamOnAxis(mapping as never, below, above, ...span!))
  return join(parts)
}

/** The downstream slices that need any of these upstream slices. */
export function neededBy(mapping: Mapping, down: Domain, up: Domain, set: Spans): Spans {
  if (isEmpty(set)) return none
  if (mapping.kind === 'several') return unionAll(mapping.of.map((one) => neededBy(one, down, up, set)))
  if (up.axes.length === 0 || down.axes.length === 0) return anyNeeded(mapping, up, set) ? down.all : none
  const dims = dimensionsFor(mapping, down, up)
  if (dims) return dependents(dims, down, up, set)
  if (mapping.kind === 'all' || mapping.kind === 'last' || mapping.kind === 'only')
    return anyNeeded(mapping, up, set) ? down.all : none
  const [below, above] = [down.axes[0]!, up.axes[0]!]
  if (down.axes.length > 1 || up.axes.length > 1) return setOf(down, keysIn(up, set))
  return unionAll([...boxesOf(set)].map(([span]) => downstreamOnAxis(mapping as never, below, above, ...span!)))
}

/** Where every downstream slice needs the same upstream ones: are any of these among them? */
function anyNeeded(mapping: Mapping, up: Domain, set: Spans): boolean {
  if (up.axes.length === 0) return true
  if (mapping.kind === 'only') return mapping.keys.some((key) => hasKey(up, set, key))
  if (mapping.kind !== 'last') return true
  const last = lastOf(up)
  return [...keysIn(up, last)].some((key) => hasKey(up, set, key))
}

function lastOf(domain: Domain): Spans {
  return product(domain.axes.map(({ from, to }) => (to > from ? [{ from: to - 1, to, rest: true }] : none)))
}

function byKey(up: Domain, keys: readonly SliceKey[]): Needed {
  const missing = keys.filter((key) => key !== null && !isInside(up, key)) as string[]
  return { set: setOf(up, keys), missing: missing.length > 0 ? [missing] : [] }
}

/** The same key of another grid, one by one where their dimensions differ. */
function identity(down: Domain, up: Domain, set: Spans): Needed {
  const absent: Iterable<string> = {
    *[Symbol.iterator]() {
      for (const key of keysIn(down, set)) if (key !== null && !isInside(up, key)) yield key
    },
  }
  return { set: setOf(up, keysIn(down, set)), missing: [absent] }
}

function join(parts: readonly Found[]): Needed {
  return { set: unionAll(parts.map((one) => one.set)), missing: parts.flatMap((one) => one.missing) }
}

/** Two grids with the same dimensions are the same key dimension by dimension. */
function dimensionsFor(mapping: Mapping, down: Domain, up: Domain): Dims | undefined {
  if (mapping.kind === 'dims') return mapping
  if (mapping.kind !== 'identity' || up.axes.length < 2 || !up.spec || !down.spec) return undefined
  if (!isSameSpec(up.spec, down.spec)) return undefined
  return { kind: 'dims', dims: up.axes.map(({ name }) => ({ up: name, down: name, by: { kind: 'identity' } })) }
}

type Dims = Extract<Mapping, { kind: 'dims' }>

interface Pair {
  readonly place: number
  readonly axis: Axis
  readonly own: Axis
  readonly by: DimensionMapping['by']
}

/** For each axis of one side, the axis of the other that decides it; `undefined`: all of it. */
function pairs(
  dims: readonly DimensionMapping[],
  from: Domain,
  to: Domain,
  [fromSide, toSide]: readonly ['up' | 'down', 'up' | 'down'],
): readonly (Pair | Axis)[] {
  return to.axes.map((own) => {
    const one = dims.find((dim) => dim[toSide] === own.name)
    const place = one ? from.axes.findIndex(({ name }) => name === one[fromSide]) : -1
    return place === -1 ? own : { place, axis: from.axes[place]!, own, by: one!.by }
  })
}

function byDimension({ dims, fixed = [] }: Dims, down: Domain, up: Domain, set: Spans): Needed {
  const plan = pairs(dims, down, up, ['down', 'up'])
  const ask = remembered((pair, from, to) => upstreamOnAxis(pair.by, pair.axis, pair.own, from, to))
  const missing = new Set<Iterable<string>>()
  const sets = [...boxesOf(set)].map((box) =>
    product(
      plan.map((one) => {
        if (!('by' in one)) {
          const always = fixed.find((dim) => dim.up === one.name)
          return always ? upstreamOnAxis(always.by, one, one, 0, 0).set : allOf(one)
        }
        const answer = ask(one, box)
        for (const absent of answer.missing) missing.add(absent)
        return answer.set
      }),
    ),
  )
  return { set: unionAll(sets), missing: [...missing] }
}

function dependents({ dims, fixed = [] }: Dims, down: Domain, up: Domain, set: Spans): Spans {
  const plan = pairs(dims, up, down, ['up', 'down'])
  const ask = remembered((pair, from, to) => downstreamOnAxis(pair.by, pair.own, pair.axis, from, to))
  const isNeeded = (box: Box): boolean =>
    fixed.every((dim) => {
      const place = up.axes.findIndex(({ name }) => name === dim.up)
      return place === -1 || !isEmpty(downstreamOnAxis(dim.by, up.axes[place]!, up.axes[place]!, ...box[place]!))
    })
  const boxes = [...boxesOf(set)].filter(isNeeded)
  const sets = boxes.map((box) => product(plan.map((one) => ('by' in one ? ask(one, box) : allOf(one)))))
  return unionAll(sets)
}

/** One answer for each stretch of an axis, however many boxes share it. */
function remembered<A>(ask: (pair: Pair, from: number, to: number) => A): (pair: Pair, box: Box) => A {
  const answers = new Map<string, A>()
  return (pair, box) => {
    const [from, to] = box[pair.place]!
    const id = `${pair.own.name} ${from} ${to}`
    let answer = answers.get(id)
    if (answer === undefined) answers.set(id, (answer = ask(pair, from, to)))
    return answer
  }
}

/** The keys that are needed and not there, each once. */
export function missingKeys({ missing }: Needed): string[] {
  return [...new Set(missing.flatMap((keys) => [...keys]))]
}
