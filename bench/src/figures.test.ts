import { expect, test } from 'vitest'
import { jsonLine, median, openFigures, shown } from './figures.ts'

test('the median is the middle sample, or the mean of the two in the middle', () => {
  expect(median({ samples: [9, 1, 5] })).toBe(5)
  expect(median({ samples: [10, 9, 1, 2] })).toBe(5.5)
})

test('numbers show the digits that count', () => {
  expect([123_456.7, 12.345, 1.234].map(shown)).toEqual(['123,457', '12.3', '1.23'])
})

test('the last line has the median of each name, in the order in which they were measured', () => {
  const figures = openFigures()
  for (const value of [3, 1, 2]) figures.add('b', 'ms', value)
  figures.add('a', 'steps/s', 1_234_567)
  expect(JSON.parse(jsonLine('steps', figures))).toEqual({
    bench: 'steps',
    results: [
      { name: 'b', value: 2, unit: 'ms' },
      { name: 'a', value: 1_234_600, unit: 'steps/s' },
    ],
  })
})
