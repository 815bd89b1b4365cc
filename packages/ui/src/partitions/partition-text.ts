import type { StateRange } from '@sluice/core'
import type { Stretch } from './picture.ts'

/** Stands for partitions by what is known of them, not by their keys. */
const words = /^(?:latest|missing|stale|failed|all)$/

/** A key, a range or several: what has a place among all partitions. */
export const isPlaced = (partition: string): boolean => partition !== '' && !words.test(partition)

/** One key. */
export const isKey = (partition: string): boolean => isPlaced(partition) && !/\.\.|,|\*/.test(partition)

const ends = (from: string, to: string): string => (from === to ? from : `${from}..${to}`)

/** A range as a launch takes it: `A..B`, of a grid `A..B|x`. */
export const partitionOf = ({ from, to, dims }: StateRange): string =>
  dims
    ? Object.values(dims)
        .map((its) => ends(its.from, its.to))
        .join('|')
    : ends(from ?? '', to ?? '')

/** For people. */
export function rangeText({ from, to, dims }: StateRange): string {
  const said = (first: string | null, last: string | null): string =>
    first === last ? `${first}` : `${first} … ${last}`
  if (!dims) return said(from, to)
  return Object.entries(dims)
    .map(([name, its]) => `${name} ${said(its.from, its.to)}`)
    .join(', ')
}

/** From one range to another with all between them; of a grid the smallest product that has both. */
export function partitionTo(one: StateRange, other: StateRange, isBefore: boolean): string {
  const [first, last] = isBefore ? [one, other] : [other, one]
  if (!first.dims || !last.dims) return ends(first.from ?? '', last.to ?? '')
  const both = Object.entries(first.dims).map(([name, a]) => {
    const b = last.dims![name]!
    return ends(a.at < b.at ? a.from : b.from, a.at + a.count > b.at + b.count ? a.to : b.to)
  })
  return both.join('|')
}

/** What was chosen in each dimension, its ends as keys; `null`: all of it. */
export const partitionOfStretches = (stretches: readonly (readonly [from: string, to: string] | null)[]): string =>
  stretches.map((one) => (one === null ? '*' : ends(...one))).join('|')

export const isWhole = ({ at, count }: Stretch, of: number): boolean => at === 0 && count >= of
