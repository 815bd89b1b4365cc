import { expect, test } from 'vitest'
import { daily, dynamic, grid, oneOf } from '../partitions/kinds.ts'
import { comparableWith } from './comparable.ts'

const days = daily({ start: '2026-01-01' })

test.each([
  ['without partitions', null, null, [null], ['x']],
  ['by name', oneOf(['eu', 'us']).spec, 'eu', ['eu'], ['us', null]],
  ['dynamic', dynamic('customers').spec, 'a', ['a'], ['b']],
  ['by the clock', days.spec, '2026-01-02', ['2026-01-01', '2026-01-09'], ['2026-01-02', null]],
  [
    'a grid with a time',
    grid({ day: days, region: oneOf(['eu', 'us']) }).spec,
    '2026-01-02|eu',
    ['2026-01-01|eu'],
    ['2026-01-02|eu', '2026-01-01|us', 'of before', null],
  ],
  ['a grid without', grid({ a: oneOf(['x']), b: oneOf(['y', 'z']) }).spec, 'x|y', ['x|y'], ['x|z']],
] as const)('what is compared: %s', (_, spec, key, yes, no) => {
  const { has } = comparableWith(spec, key)
  expect(yes.map((one) => has(one))).toEqual(yes.map(() => true))
  expect(no.map((one) => has(one))).toEqual(no.map(() => false))
})
