import { expect, test } from 'vitest'
import { eventText } from './event-text.ts'

test.each([
  [null, ''],
  [{ error: { code: 'STEP_FAILED', message: 'no such column\nsecond line' } }, 'no such column'],
  [{ until: 5, message: 'try again' }, 'try again'],
  [{ location: 'main', from: null, to: 'failed', madeAt: 7, epoch: 2 }, 'location main, to failed, madeAt 7'],
  [{ runs: ['a'], message: '' }, 'runs ["a"], message '],
  ['plain', 'plain'],
])('%j says %j', (data, text) => {
  expect(eventText({ data })).toBe(text)
})
