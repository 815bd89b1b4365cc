import { expect, test } from 'vitest'
import { hottest } from './profile.ts'

test('time is summed by function, over all the places that call it', () => {
  const frame = (functionName: string) => ({ functionName, url: 'file:///a/b/c.ts', lineNumber: 4 })
  const nodes = [
    { id: 1, callFrame: frame('slow') },
    { id: 2, callFrame: frame('fast') },
    { id: 3, callFrame: frame('slow') },
  ]
  expect(hottest({ nodes, samples: [1, 2, 3], timeDeltas: [10, 5, 5] })).toEqual([
    { what: 'slow b/c.ts:5', share: 0.75 },
    { what: 'fast b/c.ts:5', share: 0.25 },
  ])
})
