import { expect, test } from 'vitest'
import { hoursOf } from './hours.ts'

const hour = 3_600_000

test('runs are counted in the hour in which they were made, the oldest first', () => {
  const now = 100 * hour + 1
  const run = (ago: number, state: 'succeeded' | 'failed' | 'crashed' | 'running') => ({ createdAt: now - ago, state })
  const hours = hoursOf(
    [run(0, 'succeeded'), run(0, 'running'), run(2, 'failed'), run(22 * hour, 'crashed'), run(40 * hour, 'failed')],
    now,
  )
  expect(hours).toHaveLength(24)
  expect(hours.at(-1)).toEqual({ from: 100 * hour, good: 1, bad: 0, other: 1 })
  expect(hours.at(-2)).toMatchObject({ bad: 1 })
  expect(hours[1]).toMatchObject({ from: 78 * hour, bad: 1 })
  expect(hours.reduce((sum, { good, bad, other }) => sum + good + bad + other, 0)).toBe(4)
})
