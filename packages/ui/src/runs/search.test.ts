import { expect, test } from 'vitest'
import { runSearch, runsSearch } from './search.ts'

test('what an address says of a list is kept, and nothing else', () => {
  expect(
    runsSearch({
      states: ['failed', 'nonsense'],
      text: 42,
      job: '',
      owner: 'team:a',
      since: '24h',
      other: 'x',
      tag: { a: 1 },
    }),
  ).toEqual({ states: ['failed'], text: '42', owner: 'team:a', since: '24h' })
  expect(runsSearch({ states: 'failed', since: 'toString' })).toEqual({})
})

test('and of a run', () => {
  expect(runSearch({ step: '3', line: 812, find: 'x' })).toEqual({ step: 3, line: 812, find: 'x' })
  expect(runSearch({ step: 'x', line: '', find: '' })).toEqual({})
  expect(runSearch({ step: 1.5, line: null })).toEqual({})
})
