import type { Step } from '@sluice/core'
import { expect, test } from 'vitest'
import { maybeFromParams } from './with-other-params.ts'

type Call = [parent: number, kind: Step['kind'], key?: string | null, state?: Step['state']]

/** Numbered from 1. */
async function* numbered(calls: readonly Call[]) {
  for (const [nth, [parent, kind, key = null, state = 'succeeded']] of calls.entries())
    yield { step: nth + 1, parent, kind, key, state }
}
const again = (...calls: readonly Call[]) => maybeFromParams(numbered(calls))

test('calls of tasks and flows are taken over by their arguments, steps and keyed calls are not', async () => {
  expect(await again([0, 'task'], [0, 'flow'], [0, 'step'], [0, 'task', 'page 3'])).toEqual([3, 4])
  expect(await again([0, 'step', null, 'failed'], [0, 'task', null, 'failed'])).toEqual([])
})

test('what is part of a call that is taken over is taken over with it', async () => {
  expect(await again([0, 'flow'], [1, 'step'], [2, 'task', 'a'], [0, 'step'])).toEqual([4])
  // One that failed is not: its steps are looked at one by one.
  expect(await again([0, 'flow', null, 'failed'], [1, 'step'], [1, 'task'], [3, 'step'])).toEqual([2])
})
