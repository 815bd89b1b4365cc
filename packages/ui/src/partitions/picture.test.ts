import { type StateRange, partitionStates } from '@sluice/core'
import { expect, test } from 'vitest'
import { cellsOf, lineOf, matrixOf, nothing, stretchOf } from './picture.ts'

const range = (state: StateRange['state'], count: number): StateRange => ({ state, count, from: null, to: null })
const said = (cells: Uint8Array): string =>
  [...cells].map((one) => (one === nothing ? '.' : partitionStates[one]![0])).join('')

test('partitions are as large as fits, a row is a whole number of units', () => {
  const few = lineOf([range('fresh', 3), range('missing', 2)], { at: 0, count: 5 }, { width: 90, height: 60, unit: 7 })
  expect([few.wide, few.columns, few.rows, said(few.cells)]).toEqual([18, 5, 1, 'fffmm'])
  const days = lineOf([range('fresh', 30)], { at: 0, count: 30 }, { width: 160, height: 100, unit: 7 })
  expect([days.columns, days.rows, said(days.cells)]).toEqual([7, 5, `${'f'.repeat(30)}.....`])
})

test('a hundred thousand are in as many cells as there is room, and none that failed is lost', () => {
  const ranges = [range('fresh', 60_000), range('failed', 1), range('stale', 39_999)]
  const { columns, rows, wide, high, perColumn, cells } = lineOf(
    ranges,
    { at: 0, count: 100_000 },
    { width: 800, height: 240, unit: 24 },
  )
  expect(columns * wide).toBeLessThanOrEqual(800)
  expect(rows * high).toBeLessThanOrEqual(240)
  expect(cells[Math.floor(60_000 / perColumn)]).toBe(partitionStates.indexOf('failed'))
  expect(cells.filter((one) => one === partitionStates.indexOf('failed'))).toHaveLength(1)
})

test('a part of it is shown alone, and cells are read back as what they stand for', () => {
  const shown = { at: 2, count: 6 }
  const picture = lineOf([range('fresh', 4), range('missing', 6)], shown, { width: 12, height: 4, unit: 10 })
  expect([picture.perColumn, said(picture.cells)]).toEqual([2, 'fmm'])
  expect([stretchOf(1, 0, shown, 2), stretchOf(2, 2, { at: 2, count: 5 }, 2)]).toEqual([
    { at: 2, count: 4 },
    { at: 6, count: 1 },
  ])
  expect([cellsOf({ at: 0, count: 3 }, shown, 2), cellsOf({ at: 9, count: 1 }, shown, 2)]).toEqual([
    [0, 1],
    [0, 0],
  ])
})

test('two dimensions are a matrix; a third is looked through for what is most urgent', () => {
  const of = (state: StateRange['state'], day: [number, number], who: [number, number]): StateRange => ({
    ...range(state, day[1] * who[1]),
    dims: {
      day: { from: '', to: '', at: day[0], count: day[1] },
      who: { from: '', to: '', at: who[0], count: who[1] },
    },
  })
  const ranges = [of('fresh', [0, 3], [0, 2]), of('missing', [0, 3], [0, 2]), of('failed', [1, 2], [1, 1])]
  const across = { name: 'day', at: 0, count: 3 }
  const picture = matrixOf(ranges, across, { name: 'who', at: 0, count: 2 }, { width: 100, height: 100 })
  expect([picture.columns, picture.rows, said(picture.cells)]).toEqual([3, 2, 'ffffff'])
  expect([...picture.cells].map((one) => partitionStates[one])).toEqual([
    'fresh',
    'fresh',
    'fresh',
    'fresh',
    'failed',
    'failed',
  ])
})
