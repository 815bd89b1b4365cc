import { expect, test } from 'vitest'
import { countsText, stretchesOf } from './columns.tsx'

test('what ran is told by what became of it, and that there is more', () => {
  const states = { succeeded: 1200, failed: 2, crashed: 1, running: 3, canceled: 4 }
  const [one, none] = stretchesOf(
    [
      { from: 10, states, isMore: true },
      { from: 15, states: {}, isMore: false },
    ],
    5,
  )
  expect(one).toEqual({ from: 10, to: 15, good: 1200, bad: 3, other: 7, isMore: true })
  expect(none).toMatchObject({ from: 15, to: 20, good: 0, bad: 0, other: 0 })
  expect([countsText(one!), countsText(none!)]).toEqual([
    'more than 1,200 succeeded, 3 failed, 7 other',
    '0 succeeded, 0 failed, 0 other',
  ])
})
