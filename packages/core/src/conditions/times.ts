import { difference, intersection, isEmpty, none, type Spans, unionAll } from '../partitions/spans.ts'
import type { Timed } from './facts.ts'

/** Each slice once, with the latest of its times. */
export function latestOf(times: readonly Timed[]): readonly Timed[] {
  if (times.length < 2) return times
  const kept: Timed[] = []
  let seen: Spans = none
  for (const { at, set } of times.toSorted((a, b) => b.at - a.at)) {
    const left = difference(set, seen)
    if (isEmpty(left)) continue
    kept.push({ at, set: left })
    seen = unionAll([seen, left])
  }
  return kept
}

/** Without the slices of a reset that came no earlier. */
export function settled(pending: readonly Timed[], resets: readonly Timed[]): readonly Timed[] {
  let left = pending
  for (const reset of resets) {
    left = left.flatMap((one) => {
      if (one.at > reset.at) return [one]
      const set = difference(one.set, reset.set)
      return isEmpty(set) ? [] : [{ at: one.at, set }]
    })
  }
  return left
}

/** A set whose slices have these times, and the others this one. */
export function timesOf(set: Spans, times: readonly Timed[], otherwise: number): readonly Timed[] {
  if (isEmpty(set)) return []
  if (times.length === 0) return [{ at: otherwise, set }]
  const known = times.map((one) => ({ at: one.at, set: intersection(one.set, set) })).filter((one) => !isEmpty(one.set))
  const left = difference(set, unionAll(known.map((one) => one.set)))
  return isEmpty(left) ? known : [...known, { at: otherwise, set: left }]
}

/** The slices of `trigger` that are in a time later than each of theirs in `reset`. */
export function laterThan(trigger: readonly Timed[], reset: readonly Timed[]): Spans {
  return unionAll(
    trigger.map(({ at, set }) => {
      let left = set
      for (const other of reset) if (other.at >= at) left = difference(left, other.set)
      return left
    }),
  )
}

export const setOfTimes = (times: readonly Timed[]): Spans => unionAll(times.map((one) => one.set))
