import { expect, test } from 'vitest'
import { type Query, parseQuery, queryText } from './query-text.ts'
import { activeStates } from './words.ts'

test.each<[typed: string, query: Query]>([
  ['', {}],
  ['  load  orders ', { text: 'load orders' }],
  ['owner:team:data', { owner: 'team:data' }],
  ['tag:"on call=yes" job:nightly r0mx', { tag: 'on call=yes', job: 'nightly', text: 'r0mx' }],
  ['owner:', {}],
  ['else:where', { text: 'else:where' }],
  [':nothing', { text: ':nothing' }],
  ['toString:x', { text: 'toString:x' }],
  ['asset:raw/orders asset:raw/lines', { asset: 'raw/lines' }],
  ['tag:"not closed', { tag: 'not closed' }],
  ['state:crashed,failed load', { states: ['failed', 'crashed'], text: 'load' }],
  ['state:active', { states: activeStates }],
  ['state:failed,active', { states: [...activeStates, 'failed'] }],
  ['state:fail', {}],
  ['state:failed,cr', { states: ['failed'] }],
])('%j is %j', (typed, query) => {
  expect(parseQuery(typed)).toEqual(query)
  // Written out and read again it is the same.
  expect(parseQuery(queryText(query))).toEqual(query)
})

test('all states that are not the end are one word', () => {
  expect(queryText({ states: activeStates, text: 'load' })).toBe('state:active load')
  expect(queryText({ states: ['waiting'] })).toBe('state:waiting')
})
