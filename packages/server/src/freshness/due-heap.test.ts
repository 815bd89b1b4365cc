import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openDueHeap } from './due-heap.ts'

test('what is due is taken once, at the time that was set last: as a plain list says', () => {
  const step = fc.oneof(
    fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), at: fc.option(fc.nat(50)) }),
    fc.record({ now: fc.nat(50) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const heap = openDueHeap()
      const list = new Map<string, number>()
      for (const one of steps) {
        if ('now' in one) {
          const expected = [...list].filter(([, at]) => at <= one.now).map(([key]) => key)
          for (const key of expected) list.delete(key)
          expect(heap.take(one.now).toSorted()).toEqual(expected.toSorted())
        } else {
          heap.set(one.key, one.at)
          if (one.at === null) list.delete(one.key)
          else list.set(one.key, one.at)
        }
      }
    }),
  )
})

test('the earliest is first', () => {
  const heap = openDueHeap()
  for (const at of [5, 3, 9, 1, 7]) heap.set(`k${at}`, at)
  expect(heap.take(7)).toEqual(['k1', 'k3', 'k5', 'k7'])
})
