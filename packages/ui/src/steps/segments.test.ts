import { describe, expect, test } from 'vitest'
import { segmentsOf } from './segments.ts'

const base = { state: 'succeeded', startedAt: 100, endedAt: 200, attempt: 1, waitingFor: null } as const
const shown = (...args: Parameters<typeof segmentsOf>) =>
  segmentsOf(...args).map(({ what, from, to, state, attempt }) => `${what} ${attempt} ${state} ${from}-${to}`)

describe('segments of a step', () => {
  test('one attempt is one', () => {
    expect(shown(base, [], 500)).toEqual(['attempt 1 succeeded 100-200'])
  })

  test('what has not begun has none; what goes on lasts until now', () => {
    expect(shown({ ...base, startedAt: null, endedAt: null, state: 'waiting' }, [], 500)).toEqual([])
    expect(shown({ ...base, endedAt: null, state: 'running' }, [], 500)).toEqual(['attempt 1 running 100-500'])
    expect(
      shown({ ...base, endedAt: null, state: 'waiting', waitingFor: { for: 'child', run: 'r' } }, [], 500),
    ).toEqual(['wait 1 waiting 100-500'])
  })

  test('between two attempts it waited', () => {
    const retries = [
      { step: 1, at: 120, until: 150, message: '' },
      { step: 1, at: 160, until: 180, message: '' },
    ]
    expect(shown({ ...base, attempt: 3, state: 'failed' }, retries, 500)).toEqual([
      'attempt 1 failed 100-120',
      'retry 1 waiting 120-150',
      'attempt 2 failed 150-160',
      'retry 2 waiting 160-180',
      'attempt 3 failed 180-200',
    ])
  })

  test('a retry that is waited for is the last, until now at most', () => {
    const waits = { ...base, endedAt: null, state: 'waiting', waitingFor: { for: 'retry', until: 900 } } as const
    expect(shown(waits, [{ step: 1, at: 120, until: 900, message: '' }], 500)).toEqual([
      'attempt 1 failed 100-120',
      'retry 1 waiting 120-500',
    ])
  })
})
