import { expect, test } from 'vitest'
import { moreRows, shownText } from './preview-rows.ts'

test.each([
  [0, 0, null, '0 rows'],
  [1, 1, null, '1 row'],
  [20, 20, null, '20 rows'],
  [20, 45, 100, 'The first 20 of 45 rows'],
  [20, null, 100, 'The first 20 rows'],
  [100, 5000, 1000, 'The first 100 of 5,000 rows'],
  [1000, 5000, null, 'The first 1,000 of 5,000 rows; more are read by code alone'],
  [1000, null, null, 'The first 1,000 rows; more are read by code alone'],
])('%i of %s rows: next %s, %s', (shown, total, next, text) => {
  expect([moreRows(shown, total), shownText(shown, total)]).toEqual([next, text])
})
