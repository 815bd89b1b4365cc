import type { Step } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { aStep } from '../store/contract/rows.ts'
import type { JournalPage } from '../store/ports.ts'
import { type Journal, entryOf, openJournal } from './journal.ts'

const row = (step: number, parent: number, given: Partial<Step> = {}): Step =>
  aStep('r', step, { parent, name: 'a', identity: `a:x${step}:0`, ...begun, ...given })
const begun = { state: 'running', seq: null, startedAt: 0, endedAt: null, result: null } as const
const pageOf = (rows: readonly Step[]): JournalPage => ({
  step: rows.map((it) => it.step),
  parent: rows.map((it) => it.parent),
  name: rows.map((it) => it.name),
  identity: rows.map((it) => it.identity),
  state: rows.map((it) => it.state),
  waitingFor: rows.map((it) => it.waitingFor),
  attempt: rows.map((it) => it.attempt),
  floor: rows.map((it) => it.floor),
  seq: rows.map((it) => it.seq),
  tracked: rows.map((it) => it.tracked),
  startedAt: rows.map((it) => it.startedAt),
  result: rows.map((it) => it.result),
  error: rows.map((it) => it.error),
  reason: rows.map((it) => it.reason),
})
/** The rows, two to a page. */
function indexJournal(rows: readonly Step[]): Journal {
  const { take, journal } = openJournal()
  for (let at = 0; at < rows.length; at += 2) take(pageOf(rows.slice(at, at + 2)))
  return journal()
}
const done = (seq: number): Partial<Step> => ({ state: 'succeeded', seq })
const failed = (seq: number): Partial<Step> => ({ state: 'failed', seq })
const recordedOf = (...rows: Step[]): number[] =>
  indexJournal(rows).recorded.map(({ seq }) => rows.find((it) => it.seq === seq)!.step)

describe('what a replay delivers', () => {
  test('outcomes by their number, whatever the order of calls', () => {
    expect(recordedOf(row(1, 0, done(2)), row(2, 0, done(1)), row(3, 0))).toEqual([2, 1])
  })
  test('nothing below a settled step, however deep', () => {
    expect(recordedOf(row(1, 0, done(4)), row(2, 1, done(1)), row(3, 1), row(4, 3, done(2)))).toEqual([1])
  })
  test('what was done below a step that is still to settle', () => {
    expect(recordedOf(row(1, 0), row(2, 1, done(1)), row(3, 1, failed(2)))).toEqual([2, 3])
  })
  test('no failure of an earlier attempt of its parent, and what succeeded below that failure', () => {
    const rows = [
      row(1, 0, { state: 'waiting', floor: 3 }),
      row(2, 1, failed(2)),
      row(3, 1, done(3)),
      row(4, 2, done(1)),
      row(5, 1, failed(4)),
    ]
    expect(recordedOf(...rows)).toEqual([4, 3, 5])
  })
})

test('calls are found by parent, name, inputs and order, also where an order has a gap', () => {
  const journal = indexJournal([row(1, 0, { identity: 'a:h:1' }), row(2, 1, { identity: 'b:=k:ey:0' })])
  expect(entryOf(journal.calls(0, 'a:h'), 0)).toBeUndefined()
  expect(entryOf(journal.calls(0, 'a:h'), 1)?.step).toBe(1)
  expect(entryOf(journal.calls(1, 'b:=k:ey'), 0)?.step).toBe(2)
  expect(journal.add(journal.calls(0, 'c:'), 0, 0).step).toBe(3)
  expect(journal.nextSeq()).toBe(1)
})
