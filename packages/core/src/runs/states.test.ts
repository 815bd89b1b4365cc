import { describe, expect, test } from 'vitest'
import type { RunState, WaitingFor } from './run.ts'
import {
  canMoveRun,
  describeWaiting,
  isResumable,
  isTerminalRun,
  nextRunState,
  type RunEvent,
  runStates,
} from './states.ts'

const events = [
  'deliver',
  'claim',
  'requeue',
  'cancel',
  'succeed',
  'fail',
  'crash',
  'stopped',
] as const satisfies readonly RunEvent[]

// A row for each state, a column for each event above; `-`: does not apply.
const table: Readonly<Record<RunState, string>> = {
  waiting: 'starting running - canceled - failed - -',
  starting: '- running waiting canceled - failed crashed canceled',
  running: '- - waiting canceling succeeded failed crashed canceled',
  canceling: '- - - canceling succeeded failed canceled canceled',
  succeeded: '- - - - - - - -',
  failed: '- - - - - - - -',
  crashed: '- running waiting canceled - - - -',
  canceled: '- - - - - - - -',
}

describe('every pair of state and event', () => {
  const pairs = runStates.flatMap((state) =>
    events.map((event, n) => [state, event, table[state].split(' ')[n]!] as const),
  )

  test.each(pairs)('%s, %s: %s', (state, event, next) =>
    expect(nextRunState(state, event)).toBe(next === '-' ? null : next),
  )

  test('a state can move where an event leads, and nowhere else', () => {
    for (const from of runStates) {
      const reached = new Set(table[from].split(' '))
      for (const to of runStates) expect(canMoveRun(from, to), `${from} → ${to}`).toBe(reached.has(to))
    }
  })
})

test('the ends, and the one that can be resumed', () => {
  expect(runStates.filter(isTerminalRun)).toEqual(['succeeded', 'failed', 'crashed', 'canceled'])
  expect(runStates.filter(isResumable)).toEqual(['crashed'])
})

describe('describeWaiting', () => {
  const now = Date.parse('2026-11-22T23:30:00Z')
  test.each([
    [{ for: 'time', until: Date.parse('2026-11-23T01:00:00Z') }, 'scheduled for 02:00'],
    [{ for: 'time', until: Date.parse('2026-11-24T01:00:00Z') }, 'scheduled for 2026-11-24 02:00'],
    [{ for: 'time', until: now }, 'due now'],
    [{ for: 'turn', limit: 'vendor' }, 'queued for the limit vendor'],
    [{ for: 'turn', limit: 'vendor', key: 'acme' }, 'queued for the limit vendor of acme'],
    [{ for: 'worker' }, 'queued'],
    [{ for: 'worker', version: 'v7' }, 'queued until a worker has the code v7'],
    [{ for: 'retry', until: now + 10_000 }, 'retrying in 10 s'],
    [{ for: 'retry', until: now - 1 }, 'retrying now'],
    [{ for: 'upstream', names: ['a'] }, 'waiting for a'],
    [{ for: 'upstream', names: ['a', 'b', 'c'] }, 'waiting for a, b and c'],
    [{ for: 'upstream', names: ['a', 'b', 'c', 'd', 'e'] }, 'waiting for a, b, c and 2 more'],
    [{ for: 'person', request: 'publish?' }, 'waiting for a person: publish?'],
    [{ for: 'event', event: 'paid' }, 'waiting for the event paid'],
    [{ for: 'child', run: 'r1' }, 'waiting for the run r1'],
  ] as [WaitingFor, string][])('%j in Madrid: %s', (waiting, text) =>
    expect(describeWaiting(waiting, now, 'Europe/Madrid')).toBe(text),
  )
})
