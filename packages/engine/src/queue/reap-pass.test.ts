import { expect, test } from 'vitest'
import type { Store } from '../store/ports.ts'
import { reapEvery, reapPass, unseen } from './reap-pass.ts'

/** Passes at these moments, by both clocks, with a lease that has ended all the time: when the worker was reaped. The store's clock jumps at the fourth. */
async function reapedAt(lease: number, moments: readonly number[], jump = 0): Promise<number[]> {
  let memory = unseen
  const reaped: number[] = []
  for (const [nth, monotonic] of moments.entries()) {
    const expired: unknown = async () => ({ now: monotonic + (nth >= 3 ? jump : 0), workers: ['w1'] })
    const commit: unknown = async (changes: unknown[]) => changes.map(() => ({ ok: true }))
    const store = { workers: { expired }, commit } as unknown as Store
    const pass = await reapPass({ store, monotonic, now: 0, lease, memory })
    memory = pass.memory
    if (pass.reaped > 0) reaped.push(monotonic)
  }
  return reaped
}
const every = (ms: number, from: number, to: number): number[] =>
  Array.from({ length: Math.floor((to - from) / ms) + 1 }, (_, nth) => from + nth * ms)

test.for([1_500, 3_000, 20_000])(
  'a worker with a lease of %i ms is reaped a lease after the first pass',
  async (lease) => {
    const [first] = await reapedAt(lease, every(reapEvery(lease), 0, 2 * lease))
    expect(first).toBeLessThanOrEqual(lease + reapEvery(lease))
    expect(first).toBeGreaterThanOrEqual(lease)
  },
)

test.for([1_500, 3_000, 20_000])(
  'after an outage that a lease of %i ms may not last, a whole lease passes first',
  async (lease) => {
    // The last beat may be a third of a lease before it.
    const outage = (lease * 2) / 3
    const from = lease / 2
    const moments = [...every(reapEvery(lease), 0, from), ...every(reapEvery(lease), from + outage, 4 * lease)]
    const [first] = await reapedAt(lease, moments)
    expect(first).toBeGreaterThanOrEqual(from + outage + lease)
  },
)

test('after a jump of the clock of the store by a lease, a whole lease passes first', async () => {
  expect((await reapedAt(1_500, every(250, 0, 4_000), 1_500))[0]).toBe(750 + 1_500)
})
