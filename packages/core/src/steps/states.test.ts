import { describe, expect, test } from 'vitest'
import { canMoveStep, isOutcome, isTerminalStep, letsDownstreamRun, stepStates } from './states.ts'

describe('every pair of step states', () => {
  // A row for each state it goes from; `x` where it may go to the state of that column.
  const columns = ['waiting', 'running', 'succeeded', 'failed', 'skipped', 'upstream_failed', 'canceled'] as const
  const allowed = {
    waiting: 'xxxxxxx',
    running: 'xxxxx-x',
    succeeded: '-------',
    failed: '-------',
    skipped: '-------',
    upstream_failed: '-------',
    canceled: '-------',
  }
  test('the table has every state', () => expect([...columns].toSorted()).toEqual([...stepStates].toSorted()))

  test.each(columns.flatMap((from) => columns.map((to, n) => [from, to, allowed[from][n] === 'x'] as const)))(
    '%s → %s: %s',
    (from, to, may) => {
      expect(canMoveStep(from, to)).toBe(may)
    },
  )
})

test.each([
  ['waiting', false, false, null],
  ['running', false, false, null],
  ['succeeded', true, true, true],
  ['failed', true, true, false],
  ['skipped', true, true, false],
  ['upstream_failed', true, true, false],
  ['canceled', true, false, false],
] as const)('%s: an end %s, an outcome %s, lets downstream run %s', (state, end, outcome, lets) => {
  expect([isTerminalStep(state), isOutcome(state), letsDownstreamRun(state)]).toEqual([end, outcome, lets])
})
