import { describe, expect, test } from 'vitest'
import { cutTo, oneLine, padded, styleOf, takesColor, widthOf } from './style.ts'
import { table } from './table.ts'

const colored = styleOf({}, { FORCE_COLOR: '1' })
const plain = styleOf({}, {})

describe('colours', () => {
  test.each([
    [{ isTTY: true }, {}, true],
    [{ isTTY: true }, { NO_COLOR: '1' }, false],
    [{ isTTY: true }, { TERM: 'dumb' }, false],
    [{}, {}, false],
    [{}, { FORCE_COLOR: '1' }, true],
    [{ isTTY: true }, { FORCE_COLOR: '0' }, false],
    [{}, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ])('on %j with %j: %s', (stream, environment, expected) => {
    expect(takesColor(stream, environment)).toBe(expected)
  })
})

describe('width', () => {
  test('counts columns, not characters', () => {
    expect([widthOf('abc'), widthOf(colored.red('abc')), widthOf('日本'), widthOf('👩‍👩‍👧'), widthOf('é')]).toEqual([
      3, 3, 4, 2, 1,
    ])
  })

  test('cuts to it without leaving a colour open', () => {
    expect(cutTo('abcdef', 4)).toBe('abc…')
    expect(cutTo('日本語', 4)).toBe('日…')
    expect(cutTo('abc', 3)).toBe('abc')
    const cut = cutTo(colored.red('abcdef'), 4)
    expect([widthOf(cut), cut.endsWith('\u001b[0m')]).toEqual([4, true])
  })

  test('pads to it', () => expect(padded('日', 4)).toBe('日  '))
})

test('one line has no way to move the cursor', () => {
  expect(oneLine('a\nb\r\n\u001b[2Jc\u0007')).toBe('a ⏎ b ⏎ c ')
})

describe('a table', () => {
  const titles = [
    { title: 'name', flexible: true },
    { title: 'count', align: 'end' as const },
    { title: 'what', flexible: true },
  ]
  const rows = [
    ['a', '1', 'short'],
    ['a much longer name', '1,000', 'and a long description that goes on'],
  ]

  test('is as wide as it needs', () => {
    expect(table(plain, titles, rows, 0)).toEqual([
      'name                count  what',
      'a                       1  short',
      'a much longer name  1,000  and a long description that goes on',
    ])
  })

  test('gives way where the terminal is narrow', () => {
    const lines = table(plain, titles, rows, 40)
    expect(Math.max(...lines.map(widthOf))).toBe(40)
    expect(lines[2]).toBe('a much longer …  1,000  and a long desc…')
  })
})
