import { type PartitionState, type StateRange, partitionStates } from '@sluice/core'

/** Neighbours along one dimension: `at` is the place of the first among all keys, from 0. */
export interface Stretch {
  readonly at: number
  readonly count: number
}

/** What is drawn: cells in rows, each of which stands for `per` partitions that follow each other, along either side. */
export interface Picture {
  readonly columns: number
  readonly rows: number
  /** Of a cell, in pixels. */
  readonly wide: number
  readonly high: number
  readonly perColumn: number
  readonly perRow: number
  /** Of each cell, row by row, the most urgent state as its place in `partitionStates`; `nothing` where there is none. */
  readonly cells: Uint8Array
}

export const nothing = 255
const sizes = [18, 14, 11, 9, 7, 5, 4]
const smallest = 4

/** Neighbouring partitions of one dimension in the rows of a text: as large as fits, else several in a cell. */
export function lineOf(ranges: readonly StateRange[], shown: Stretch, space: Space & { unit: number }): Picture {
  const { width, height, unit } = space
  const columnsOf = (size: number): number => {
    const fit = Math.max(1, Math.floor(width / size))
    return fit > unit ? fit - (fit % unit) : fit
  }
  const size = sizes.find((one) => Math.ceil(shown.count / columnsOf(one)) * one <= height) ?? smallest
  const most = columnsOf(size)
  const per = Math.max(1, Math.ceil(shown.count / (most * Math.max(1, Math.floor(height / size)))))
  const count = Math.ceil(shown.count / per)
  const columns = Math.min(most, Math.max(1, count))
  const cells = new Uint8Array(columns * Math.ceil(count / columns)).fill(nothing)
  let at = 0
  for (const range of ranges) {
    const [from, to] = [
      Math.max(at, shown.at) - shown.at,
      Math.min(at + range.count, shown.at + shown.count) - shown.at,
    ]
    at += range.count
    if (from < to) mark(cells, range.state, Math.floor(from / per), Math.ceil(to / per))
  }
  return { columns, rows: cells.length / columns, wide: size, high: size, perColumn: per, perRow: per * columns, cells }
}

export interface Space {
  readonly width: number
  readonly height: number
}

/**
 * Two dimensions of a grid as a matrix. Of further ones a cell has all keys.
 *
 * @param across the name and what is shown of the dimension from left to right; `down`: from top to bottom.
 */
export function matrixOf(
  ranges: readonly StateRange[],
  across: Stretch & { name: string },
  down: Stretch & { name: string },
  { width, height }: Space,
): Picture {
  const [wide, high] = [sizeOf(across, width), sizeOf(down, height)]
  const perColumn = Math.max(1, Math.ceil(across.count / Math.max(1, Math.floor(width / wide))))
  const perRow = Math.max(1, Math.ceil(down.count / Math.max(1, Math.floor(height / high))))
  const [columns, rows] = [Math.ceil(across.count / perColumn), Math.ceil(down.count / perRow)]
  const cells = new Uint8Array(columns * rows).fill(nothing)
  for (const { state, dims } of ranges) {
    const [left, right] = cellsOf(dims?.[across.name], across, perColumn)
    const [top, bottom] = cellsOf(dims?.[down.name], down, perRow)
    if (left < right)
      for (let row = top; row < bottom; row++) mark(cells, state, row * columns + left, row * columns + right)
  }
  return { columns, rows, wide, high, perColumn, perRow, cells }
}

const sizeOf = ({ count }: Stretch, space: number): number => sizes.find((one) => count * one <= space) ?? smallest

/** The cells, from and before, that have some of a stretch. */
export function cellsOf(of: Stretch | undefined, shown: Stretch, per: number): readonly [number, number] {
  if (!of) return [0, 0]
  const from = Math.max(of.at, shown.at) - shown.at
  const to = Math.min(of.at + of.count, shown.at + shown.count) - shown.at
  return from < to ? [Math.floor(from / per), Math.ceil(to / per)] : [0, 0]
}

/** What cells from one to another, both included, stand for. */
export function stretchOf(one: number, other: number, shown: Stretch, per: number): Stretch {
  const from = Math.min(one, other) * per
  const to = Math.min(shown.count, (Math.max(one, other) + 1) * per)
  return { at: shown.at + from, count: Math.max(1, to - from) }
}

function mark(cells: Uint8Array, state: PartitionState, from: number, to: number): void {
  const urgency = partitionStates.indexOf(state)
  for (let cell = from; cell < to; cell++) if (urgency < cells[cell]!) cells[cell] = urgency
}
