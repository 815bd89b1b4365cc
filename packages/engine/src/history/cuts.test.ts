import { retentionSettings } from '@sluice/core'
import { expect, test } from 'vitest'
import { cutsOf, longest } from './cuts.ts'

const day = 86_400_000
const kept = (...given: readonly Parameters<typeof retentionSettings>[0][]) => {
  const cuts = cutsOf(longest(given.map(retentionSettings))!, 100 * day)
  return Object.fromEntries(
    cuts.flatMap(({ of, before }) => (of === 'ticks' || of === 'evaluations' ? [[of, 100 - before / day]] : [])),
  )
}

test('why conditions did what they did has a time of its own, else that of ticks', () => {
  expect(kept({ ticks: '30d' })).toEqual({ ticks: 30, evaluations: 30 })
  expect(kept({ ticks: '30d', conditions: '7d' })).toEqual({ ticks: 30, evaluations: 7 })
  expect(kept({ conditions: '7d' })).toEqual({ evaluations: 7 })
  expect(kept({ ticks: '30d', conditions: '7d' }, { ticks: '10d' })).toEqual({ ticks: 30, evaluations: 10 })
  expect(kept({ conditions: '7d' }, {})).toEqual({})
})
