import { asset, collect, condition, snapshotOf } from '@sluice/core'
import { expect, test } from 'vitest'
import { unheardConditions } from './unheard.ts'

const snapshot = (count: number, has: boolean) =>
  snapshotOf(
    collect(
      Array.from({ length: count }, (_, n) =>
        asset(`a${n}`, has ? { condition: condition({ op: 'missing' }) } : {}, () => n),
      ),
    ),
  ).assets

test('what has a condition is named, and what has none is not', () => {
  expect(unheardConditions(snapshot(3, false))).toBeNull()
  expect(unheardConditions(snapshot(1, true))).toMatch(/^1 asset has a condition, which no server evaluates yet \(a0\)/)
  expect(unheardConditions(snapshot(7, true))).toMatch(/^7 assets have a condition.*\(a0, a1, a2, a3, a4, …\)/)
})
