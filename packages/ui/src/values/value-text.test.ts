import { encode } from '@sluice/core'
import { expect, test } from 'vitest'
import { encodedText, storedText, valueText } from './value-text.ts'

test('a value is written as code would say it', () => {
  expect(valueText({ a: 1, 'b c': [true, null, undefined] })).toBe('{ "a": 1, "b c": [true, null, undefined] }')
  expect(valueText(new Map([['k', new Set([1n])]]))).toBe('Map { "k": Set [1n] }')
  expect(encodedText(encode({ at: new Date(0), day: Temporal.PlainDate.from('2026-01-01') }))).toBe(
    '{ "at": Date 1970-01-01T00:00:00.000Z, "day": 2026-01-01 }',
  )
  expect([valueText([]), valueText({}), encodedText('no JSON')]).toEqual(['[]', '{}', 'no JSON'])
})

test('what is long has lines', () => {
  expect(valueText({ list: Array.from({ length: 3 }, () => 'x'.repeat(30)) }).split('\n')).toHaveLength(7)
})

test('what lies elsewhere has no text here', () => {
  expect(storedText({ io: 'files', ref: 'x', bytes: 1, rows: null })).toBeNull()
  expect(storedText({ inline: '7' })).toBe('7')
})
