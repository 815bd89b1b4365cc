import { expect, test } from 'vitest'
import { linesText, matchesOf, nextMatch } from './search-lines.ts'

const line = (message: string, data: string | null = null) => ({ at: 0, level: 'info' as const, message, data })
const lines = [line('Page 1'), line('done'), line('x', '{"page":2}'), line('PAGE 3')]

test('finds in messages and data, whatever the case', () => {
  expect(matchesOf(lines, 'page')).toEqual([0, 2, 3])
  expect([matchesOf(lines, ''), matchesOf(lines, '.*')]).toEqual([[], []])
})

test('goes round', () => {
  expect([nextMatch([0, 2, 3], -1, 1), nextMatch([0, 2, 3], 2, 1), nextMatch([0, 2, 3], 3, 1)]).toEqual([0, 3, 0])
  expect([nextMatch([0, 2, 3], 2, -1), nextMatch([0, 2, 3], 0, -1), nextMatch([], 0, 1)]).toEqual([0, 3, undefined])
})

test('is copied with times in UTC', () => {
  expect(linesText(lines.slice(1, 3))).toBe(
    '1970-01-01T00:00:00.000Z info done\n1970-01-01T00:00:00.000Z info x {"page":2}',
  )
})
