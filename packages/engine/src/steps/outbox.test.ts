import { expect, test } from 'vitest'
import type { Change, Committed, Together } from '../store/changes.ts'
import type { Store } from '../store/ports.ts'
import { openOutbox } from './outbox.ts'

function opened() {
  const batches: number[][] = []
  const numbers = (items: readonly (Change | Together)[]): number[] => items.map((item) => (item as { at: number }).at)
  const commit = (items: readonly (Change | Together)[]): Promise<Committed[]> => {
    batches.push(numbers(items))
    return Promise.resolve(items.map((): Committed => ({ ok: true })))
  }
  return { batches, outbox: openOutbox({ commit } as unknown as Store, () => expect.unreachable()) }
}
const change = (at: number): Change => ({ change: 'queue.due', at })
const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

test('what is added in one turn is one commit; of much, the first part is sent before the rest is there', async () => {
  const { batches, outbox } = opened()
  const told: number[] = []
  for (const n of numbers(250)) outbox.after(change(n), () => told.push(n))
  expect(batches.map(({ length }) => length)).toEqual([100, 100])
  await outbox.flush()
  expect(batches.map(({ length }) => length)).toEqual([100, 100, 50])
  expect([batches.flat(), told]).toEqual([numbers(250), numbers(250)])
})

test('a turn that fills its batches leaves none that is empty', async () => {
  const { batches, outbox } = opened()
  for (const n of numbers(200)) outbox.post(change(n))
  await outbox.flush()
  await outbox.add(change(200))
  expect(batches.map(({ length }) => length)).toEqual([100, 100, 1])
})
