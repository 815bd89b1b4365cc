import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Duration, humanDuration, milliseconds } from './duration.ts'

describe('milliseconds', () => {
  test.each([
    ['250ms', 250],
    ['0s', 0],
    ['1.5s', 1500],
    ['.5s', 500],
    ['30m', 1_800_000],
    ['2h', 7_200_000],
    ['3d', 259_200_000],
  ] as const)('%s is %d', (text, ms) => expect(milliseconds(text)).toBe(ms))

  test.each(['', '5', 's', '-1s', '1e3s', 'Infinitys', '5 s', '5w', '1h30m', '99999999999999999d'])(
    '%j is refused',
    (text) => {
      expect(() => milliseconds(text as Duration)).toThrow(expect.objectContaining({ code: 'DEFINITION_INVALID' }))
    },
  )

  test('every whole number of milliseconds is itself', () => {
    fc.assert(fc.property(fc.nat(), (ms) => milliseconds(`${ms}ms`) === ms))
  })
})

describe('humanDuration', () => {
  test.each([
    [0, '0 ms'],
    [0.2, '<1 ms'],
    [250, '250 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [1200, '1.2 s'],
    [9949, '9.9 s'],
    [9950, '10 s'],
    [59_499, '59 s'],
    [59_500, '1 min'],
    [184_000, '3 min 4 s'],
    [3_599_600, '1 h'],
    [3_900_000, '1 h 5 min'],
    [86_400_000, '1 d'],
    [183_600_000, '2 d 3 h'],
    [-5, '0 ms'],
  ])('%d ms is %s', (ms, text) => expect(humanDuration(ms)).toBe(text))
})
