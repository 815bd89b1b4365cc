import type { Step } from '@sluice/core'
import { expect, test } from 'vitest'
import { differentSteps } from './compare.ts'

const step = (name: string, state: Step['state'], key: string | null = null): Step => ({ name, state, key }) as Step

test('steps that came to the same are not told; others are, and those that only one run has', () => {
  const before = [
    step('load', 'succeeded'),
    step('page', 'succeeded', 'p1'),
    step('page', 'failed', 'p2'),
    step('old', 'skipped'),
  ]
  const now = [
    step('load', 'succeeded'),
    step('load', 'succeeded'),
    step('page', 'failed', 'p1'),
    step('page', 'failed', 'p2'),
  ]
  expect(differentSteps(before, now).map((one) => [one.name, one.before?.state, one.now?.state])).toEqual([
    ['load', undefined, 'succeeded'],
    ['page p1', 'succeeded', 'failed'],
    ['old', 'skipped', undefined],
  ])
  expect(differentSteps(before, before)).toEqual([])
})
