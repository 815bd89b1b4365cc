import { expect, test } from 'vitest'
import { parseQuery, queryText } from './query-text.ts'

test.each([
  ['', {}],
  ['  load  orders ', { text: 'load orders' }],
  ['owner:team:data', { owner: 'team:data' }],
  ['tag:"on call=yes" job:nightly r0mx', { tag: 'on call=yes', job: 'nightly', text: 'r0mx' }],
  ['owner:', {}],
  ['else:where', { text: 'else:where' }],
  ['asset:raw/orders asset:raw/lines', { asset: 'raw/lines' }],
  ['tag:"not closed', { tag: 'not closed' }],
])('%j is %j', (typed, query) => {
  expect(parseQuery(typed)).toEqual(query)
  // Written out and read again it is the same.
  expect(parseQuery(queryText(query))).toEqual(query)
})
