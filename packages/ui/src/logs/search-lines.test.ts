import { expect, test } from 'vitest'
import { linesText, nextMatch } from './search-lines.ts'

const line = (message: string, data: string | null = null) => ({ at: 0, level: 'info' as const, message, data })
const lines = [line('done'), line('x', '{"page":2}')]

test('goes round', () => {
  expect([nextMatch([0, 2, 3], -1, 1), nextMatch([0, 2, 3], 2, 1), nextMatch([0, 2, 3], 3, 1)]).toEqual([0, 3, 0])
  expect([nextMatch([0, 2, 3], 2, -1), nextMatch([0, 2, 3], 0, -1), nextMatch([], 0, 1)]).toEqual([0, 3, undefined])
})

test('is copied with times in UTC', () => {
  expect(linesText(lines)).toBe('1970-01-01T00:00:00.000Z info done\n1970-01-01T00:00:00.000Z info x {"page":2}')
})
