import { allOf, type Domain } from '../partitions/domain.ts'
import { boxesOf, countOf, includes, intersection, product, type Spans, span, unionAll } from '../partitions/spans.ts'
import type { BackfillPolicy } from './backfill.ts'

/**
 * The slices that the run of one slice makes: those of the policy, counted from the beginning of each stretch of slices
 * that follow each other, so that they are the same whenever one asks. A run never spans a gap (Dagster's rule): a
 * function that is called once for a window is not given more than was asked for.
 *
 * @param set all slices of the part; `tuple` is one of them.
 */
export function chunkOf(policy: BackfillPolicy, domain: Domain, set: Spans, tuple: readonly number[]): Spans {
  const { axes } = domain
  if ('by' in policy) {
    const place = axes.findIndex(({ name }) => name === policy.by)
    if (place === -1) return single(tuple)
    return intersection(set, product(axes.map((axis, n) => (n === place ? one(tuple[n]!) : allOf(axis)))))
  }
  if (axes.length === 0 || policy.keys === 1) return single(tuple)
  if (policy.keys === 'all' && axes.length > 1) return set
  const along = axisAlong(domain)
  const at = tuple[along]!
  const [low, high] = stretchOf(domain, set, tuple, along)
  const size = policy.keys === 'all' ? high - low : policy.keys
  const from = low + Math.floor((at - low) / size) * size
  return product(tuple.map((number, n) => (n === along ? span(from, Math.min(from + size, high)) : one(number))))
}

/** How many runs make a set. Of a grid of which the rows differ, at most a few more than there will be. */
export function countChunks(policy: BackfillPolicy, domain: Domain, set: Spans): number {
  const { axes } = domain
  if ('by' in policy) {
    const place = axes.findIndex(({ name }) => name === policy.by)
    if (place === -1) return countOf(set)
    return countOf(unionAll([...boxesOf(set)].map((box) => span(...box[place]!))))
  }
  if (axes.length === 0 || policy.keys === 1) return countOf(set)
  if (policy.keys === 'all' && axes.length > 1) return Math.min(1, countOf(set))
  const along = axisAlong(domain)
  let count = 0
  for (const box of boxesOf(set)) {
    const length = box[along]![1] - box[along]![0]
    const rows = box.reduce((product, [from, to], n) => (n === along ? product : product * (to - from)), 1)
    count += rows * (policy.keys === 'all' ? 1 : Math.ceil(length / policy.keys))
  }
  return count
}

/** The dimension in which slices follow each other: the one by the clock, where there is one; else the last. */
export function axisAlong({ axes }: Domain): number {
  const times = axes.flatMap(({ line }, place) => (line ? [place] : []))
  return times.length === 1 ? times[0]! : axes.length - 1
}

const one = (number: number): Spans => span(number, number + 1)
const single = (tuple: readonly number[]): Spans => product(tuple.map(one))

/** The stretch around a slice, all other dimensions being as they are. */
function stretchOf(
  { axes }: Domain,
  set: Spans,
  tuple: readonly number[],
  along: number,
): readonly [from: number, to: number] {
  const row = intersection(set, product(tuple.map((number, n) => (n === along ? allOf(axes[n]!) : one(number)))))
  for (const box of boxesOf(row)) {
    const [from, to] = box[along]!
    if (from <= tuple[along]! && tuple[along]! < to) return [from, to]
  }
  return includes(set, tuple) ? [tuple[along]!, tuple[along]! + 1] : [0, 0]
}
