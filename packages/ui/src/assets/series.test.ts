import type { Materialization, Metadata } from '@sluice/core'
import { expect, test } from 'vitest'
import { placesOf, seriesOf } from './series.ts'

const record = (at: number, metadata: Metadata, kind: Materialization['kind'] = 'materialization') =>
  ({ id: at, kind, at, metadata, partition: null, run: `r${at}` }) as unknown as Materialization
const number = (value: number) => ({ type: 'number', value }) as const

test('numbers that were told twice are lines, the oldest first', () => {
  const series = seriesOf([
    record(4, { rows: number(9), once: number(1) }),
    record(3, { rows: number(7) }, 'wiped'),
    record(2, { rows: number(Infinity), name: { type: 'text', value: 'x' } }),
    record(1, { rows: number(3) }),
  ])
  expect(series.map(({ name, points }) => [name, points.map(({ at, value }) => `${at}: ${value}`)])).toEqual([
    ['rows', ['1: 3', '4: 9']],
  ])
})

test('points fill their box, and a line that is flat is in the middle', () => {
  const points = [3, 9, 6].map((value, at) => ({ at, value, partition: null, run: '' }))
  expect(placesOf(points, 100, 40)).toEqual([
    [0, 40],
    [50, 0],
    [100, 20],
  ])
  expect(placesOf(points.slice(0, 1), 100, 40)).toEqual([[50, 20]])
})
