import type { Materialization } from '@sluice/core'

/** One value of a fact at a time. */
export interface Point {
  readonly at: number
  readonly value: number
  readonly partition: string | null
  readonly run: string
}

export interface Series {
  readonly name: string
  /** The oldest first. */
  readonly points: readonly Point[]
}

/** Facts that were numbers at least twice, over time. `records` are newest first, as history has them. */
export function seriesOf(records: readonly Materialization[]): Series[] {
  const found = new Map<string, Point[]>()
  for (const { kind, metadata, at, partition, run } of records.toReversed()) {
    if (kind === 'wiped') continue
    for (const [name, fact] of Object.entries(metadata)) {
      if (fact.type !== 'number' || !Number.isFinite(fact.value)) continue
      const points = found.get(name) ?? []
      points.push({ at, value: fact.value, partition, run })
      found.set(name, points)
    }
  }
  return [...found].filter(([, points]) => points.length > 1).map(([name, points]) => ({ name, points }))
}

/**
 * Where the points lie in a box, in order and as far apart as each other: many are often made within a moment. What is
 * always the same lies in the middle.
 */
export function placesOf(points: readonly Point[], width: number, height: number): [x: number, y: number][] {
  const values = points.map(({ value }) => value)
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return points.map(({ value }, nth) => [
    points.length > 1 ? (nth / (points.length - 1)) * width : width / 2,
    high > low ? height - ((value - low) / (high - low)) * height : height / 2,
  ])
}
