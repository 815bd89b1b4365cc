import { expect, test } from 'vitest'
import { deadPools, isStuck } from './stuck.ts'

const minute = 60_000
const run = (waitingFor: Parameters<typeof isStuck>[0]['waitingFor'], state = 'waiting') =>
  ({ state, waitingFor, createdAt: 0 }) as const satisfies object as never

test('a run that nobody takes, or whose turn does not come, is stuck after a while', () => {
  expect(isStuck(run({ for: 'worker' }), 11 * minute)).toBe(true)
  expect(isStuck(run({ for: 'worker' }), 9 * minute)).toBe(false)
  expect(isStuck(run({ for: 'turn', limit: 'db', since: 5 * minute }), 11 * minute)).toBe(false)
  expect(isStuck(run({ for: 'turn', limit: 'db', since: 5 * minute }), 16 * minute)).toBe(true)
  expect(isStuck(run(null), 11 * minute)).toBe(true)
})

test('what begins later, asks a person, or runs is not', () => {
  expect(isStuck(run({ for: 'time', until: 90 * minute }), 60 * minute)).toBe(false)
  expect(isStuck(run({ for: 'person', request: 'ship' }), 60 * minute)).toBe(false)
  expect(isStuck(run(null, 'running'), 60 * minute)).toBe(false)
})

test('a pool without a worker is told where something waits for it', () => {
  const pool = { pool: 'heavy', slots: 0, ready: 1, delivered: 0 }
  expect(
    deadPools([pool, { ...pool, slots: 2 }, { ...pool, ready: 0 }, { ...pool, pool: 'gpu', delivered: 2 }]),
  ).toEqual([
    'No worker is connected for pool heavy: 1 run waits.',
    'No worker is connected for pool gpu: 3 runs wait.',
  ])
})
