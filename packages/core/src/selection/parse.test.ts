import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { attributes, type SelectionAst } from './ast.ts'
import { parseSelection } from './parse.ts'
import { printSelection } from './print.ts'

const key = (value: string) => ({ kind: 'attribute', attribute: 'key', value })

describe('parseSelection', () => {
  test.each([
    ['*', { kind: 'all' }],
    ['raw/orders', { kind: 'name', name: 'raw/orders' }],
    [' raw-orders.v2 ', { kind: 'name', name: 'raw-orders.v2' }],
    ['++a', { kind: 'traverse', of: { kind: 'name', name: 'a' }, up: 2, down: 0 }],
    ['*a+', { kind: 'traverse', of: { kind: 'name', name: 'a' }, up: 'all', down: 1 }],
    ['2+key:a+', { kind: 'traverse', of: key('a'), up: 2, down: 'all' }],
    ['key:raw-orders', key('raw-orders')],
    [
      'not key:a and key:b or key:c',
      { kind: 'or', of: [{ kind: 'and', of: [{ kind: 'not', of: key('a') }, key('b')] }, key('c')] },
    ],
    ['not not key:a', key('a')],
    [
      'sinks(+(key:a or key:b))',
      { kind: 'sinks', of: { kind: 'traverse', of: { kind: 'or', of: [key('a'), key('b')] }, up: 'all', down: 0 } },
    ],
    ['tag:tier=gold', { kind: 'attribute', attribute: 'tag', value: 'tier', tagValue: 'gold' }],
    ['tag:tier=1', { kind: 'attribute', attribute: 'tag', value: 'tier', tagValue: '1' }],
    [
      'tag:pii or key:a',
      { kind: 'or', of: [{ kind: 'attribute', attribute: 'tag', value: 'pii', tagValue: '' }, key('a')] },
    ],
    ['owner:<null>', { kind: 'attribute', attribute: 'owner', value: null }],
    ['group:"a ) b"', { kind: 'attribute', attribute: 'group', value: 'a ) b' }],
  ])('%s', (selection, ast) => expect(parseSelection(selection)).toEqual(ast))

  test.each([
    '',
    'key:',
    'group:or',
    'a or b',
    '1+a',
    'key:orders key:b',
    '(key:a',
    'sinks key:a',
    'is:new',
    'key:a and',
    'x(key:a)',
    'key:a €',
    `${'not key:a and '.repeat(20)}!`,
  ])('%j points at the mistake', (selection) => {
    try {
      parseSelection(selection)
      expect.unreachable()
    } catch (error) {
      const { code, message, hint, data } = error as {
        code: string
        message: string
        hint: string
        data: { position: number }
      }
      expect(code).toBe('SELECTION_INVALID')
      const [, shown, caret] = message.split('\n') as [string, string, string]
      expect(shown[caret.indexOf('^')] ?? '').toBe(selection[data.position] ?? '')
      expect(`${message}\n${hint}`).toMatchSnapshot()
    }
  })

  test('what is nested too deeply is a clear error', () => {
    expect(() => parseSelection('('.repeat(100_000))).toThrow(
      expect.objectContaining({ code: 'SELECTION_INVALID', message: expect.stringContaining('too deeply') as string }),
    )
    expect(() => parseSelection(`${'not '.repeat(100_000)}key:a`)).not.toThrow()
  })
})

describe('printSelection', () => {
  test.each([
    ['*', '*'],
    ['++a*', '++a*'],
    ['(key:a)', 'key:a'],
    ['not (key:a and key:b) or key:"c d"+2', 'not (key:a and key:b) or key:"c d"+2'],
    ['tag:tier=1', 'tag:tier="1"'],
    ['code_location:eu', 'location:eu'],
    ['sinks( +key:raw/* )', 'sinks(+key:raw/*)'],
  ])('%s is printed as %s', (given, printed) => expect(printSelection(parseSelection(given))).toBe(printed))

  test('what is printed is read as the same', () => {
    const value = fc.oneof(
      fc.constantFrom('a', 'raw/orders', 'and', 'key', '*', 'a*', '1', 'sinks', 'code_location', '<null>', ''),
      fc.stringMatching(/^[^"\\\r\n]{1,8}$/),
    )
    const levels = fc.oneof(fc.constant('all' as const), fc.integer({ min: 0, max: 3 }))
    const attribute = fc
      .tuple(fc.constantFrom(...attributes), fc.option(value), fc.option(value))
      .filter(([name]) => name !== 'is')
      .map(([name, one, tagValue]): SelectionAst => {
        const isTagged = name === 'tag' || name === 'column_tag'
        return { kind: 'attribute', attribute: name, value: one, ...(isTagged && { tagValue }) }
      })
    const { ast } = fc.letrec<{ ast: SelectionAst }>((tie) => ({
      ast: fc.oneof(
        { depthSize: 'small' },
        attribute,
        fc.constant({ kind: 'all' } as const),
        fc.record({ kind: fc.constantFrom('and', 'or'), of: fc.array(tie('ast'), { minLength: 2, maxLength: 3 }) }),
        // Two nots are none.
        fc.record({ kind: fc.constant('not'), of: tie('ast').filter(({ kind }) => kind !== 'not') }),
        fc.record({ kind: fc.constantFrom('sinks', 'roots'), of: tie('ast') }),
        fc
          .record({ kind: fc.constant('traverse'), of: tie('ast'), up: levels, down: levels })
          .filter(({ up, down }) => up !== 0 || down !== 0),
      ),
    }))
    fc.assert(fc.property(ast, (one) => void expect(parseSelection(printSelection(one))).toEqual(one)))
  })
})
