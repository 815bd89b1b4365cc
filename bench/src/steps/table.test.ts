import { expect, test } from 'vitest'
import { openFigures } from '../figures.ts'
import { budgetsOf, table } from './table.ts'

function measured(values: Record<string, number>) {
  const figures = openFigures()
  for (const [name, value] of Object.entries(values)) figures.add(name, 'steps/s', value)
  return figures
}

test('on a disk that syncs slowly, the budget of steps one after another is a part of what it can', () => {
  expect(budgetsOf(measured({ 'disk.fdatasync': 1000 }))['sqlite.sequential']).toMatchObject({ atLeast: 600 })
  expect(budgetsOf(measured({ 'disk.fdatasync': 50_000 }))['sqlite.sequential']).toEqual({ atLeast: 10_000 })
})

test('a budget is said to be met or not, and each peer is set against ours', () => {
  const text = table(
    measured({ 'disk.fdatasync': 50_000, 'sqlite.sequential': 12_000, 'sqlite.concurrent': 90_000, 'dagster.ops': 60 }),
  )
  expect(text).toContain('budget ≥ 10,000: met')
  expect(text).toContain('budget ≥ 100,000: not met')
  expect(text).toContain('200 × dagster.ops')
})
