import { flow, task } from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import { expect, test, vi } from 'vitest'
import { withHarness } from '../runs/with-harness.ts'

const t = withHarness(openSqliteInProcess)

test('a long result is not kept; a flow that is tried again reads it, and gets it in its order', async () => {
  const read = vi.spyOn(t.h.store.steps, 'get')
  const calls: number[] = []
  const make = task('make', (n: number, length: number) => {
    calls.push(n)
    return String(n).repeat(length)
  })
  let attempts = 0
  const twice = flow('twice', { retries: 1 }, async () => {
    const made: string[] = []
    await Promise.all([1, 2, 3].map(async (n) => made.push(await make(n, n === 2 ? 10 : 1_000))))
    if (++attempts === 1) throw new Error('again')
    return made
  })
  const end = await t.h.run(twice)
  expect(end).toMatchObject({ state: 'succeeded', value: ['1'.repeat(1_000), '2'.repeat(10), '3'.repeat(1_000)] })
  expect(calls).toEqual([1, 2, 3])
  expect(read.mock.calls).toEqual([
    [end.run, 1],
    [end.run, 3],
  ])
})

async function crash(): Promise<never> {
  const { id: run, epoch } = (await t.h.store.runs.list({}))[0]!
  const end = { change: 'run.end', run, epoch, state: 'crashed', error: null, result: null, at: Date.now() } as const
  await t.h.store.commit([end])
  throw new Error('its process is gone')
}

test('a resume reads a long result when it is asked for', async () => {
  const calls: number[] = []
  const text = task('text', (length: number) => {
    calls.push(length)
    return 'x'.repeat(length)
  })
  let isFirst = true
  const lengths = flow('lengths', async () => {
    const parts = [await text(5), await text(5_000)]
    if (isFirst) {
      isFirst = false
      await crash()
    }
    return parts.map(({ length }) => length)
  })
  const { run } = await t.h.run(lengths)
  const read = vi.spyOn(t.h.store.steps, 'get')
  expect(await t.h.resume(run, [lengths])).toMatchObject({ state: 'succeeded', value: [5, 5_000] })
  expect(calls).toEqual([5, 5_000])
  expect(read.mock.calls).toEqual([[run, 2]])
})

test('what a step was given is known after a resume too: short results, long ones and new ones', async () => {
  const rows = task('rows', (count: number) => Array.from({ length: count }, (_, n) => ({ n })))
  const all = task('all', (lists: { n: number }[][]) => lists.length)
  let isFirst = true
  const sums = flow('sums', async () => {
    const lists = [await rows(1), await rows(500)]
    if (isFirst) {
      isFirst = false
      await crash()
    }
    lists.push(await rows(2))
    return all(lists)
  })
  const { run } = await t.h.run(sums)
  expect(await t.h.resume(run, [sums])).toMatchObject({ state: 'succeeded', value: 3 })
  expect((await t.h.store.steps.list(run)).at(-1)).toMatchObject({ name: 'all', upstream: [1, 2, 3] })
})
