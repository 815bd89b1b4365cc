import { expect, test } from 'vitest'
import { syncsIn } from './syncs.ts'

test('a sync that another thread interrupted counts once', () => {
  const trace = `10 fsync(20) = 0
11 fsync(21 <unfinished ...>
10 fdatasync(20) = 0
11 <... fsync resumed>) = 0
`
  expect(syncsIn(trace)).toBe(3)
})
