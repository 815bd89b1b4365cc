import { expect, test } from 'vitest'
import { staleReasons } from './staleness.ts'

test('each cause is a sentence', () => {
  const causes = [
    { kind: 'code', dependency: null, partition: null },
    { kind: 'data', dependency: 'raw/orders', partition: '2026-01-01' },
    { kind: 'dependencies', dependency: 'rates', partition: null },
  ] as const
  expect(staleReasons({ status: 'stale', causes, rootCauses: [], omitted: 7 })).toEqual([
    'its code has a new version',
    'raw/orders 2026-01-01 has a new version',
    'rates came or went as something it is made from',
    'and 7 more',
  ])
  expect(staleReasons({ status: 'fresh', causes: [], rootCauses: [], omitted: 0 })).toEqual([])
})
