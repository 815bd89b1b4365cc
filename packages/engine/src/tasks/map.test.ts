import { flow, step, task } from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import { describe, expect, test } from 'vitest'
import { withHarness } from '../runs/with-harness.ts'

const t = withHarness(openSqliteInProcess)
const items = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

describe('.map()', () => {
  test('awaited: every result in the order of the items, whatever order they end in', async () => {
    const gates = items(3).map(() => Promise.withResolvers<void>())
    const slow = task('slow', async (n: number) => {
      await gates[n]!.promise
      gates[n - 1]?.resolve()
      return n * 10
    })
    const end = await t.h.run(
      flow('f', async () => {
        gates[2]!.resolve()
        return slow.map(items(3))
      }),
    )
    expect(end).toMatchObject({ value: [0, 10, 20] })
  })

  test('iterated: each as it comes', async () => {
    const gates = items(3).map(() => Promise.withResolvers<void>())
    const slow = task('slow', async (n: number) => {
      await gates[n]!.promise
      gates[n - 1]?.resolve()
      return n
    })
    const end = await t.h.run(
      flow('f', async () => {
        gates[2]!.resolve()
        const seen: number[] = []
        for await (const n of slow.map(items(3))) seen.push(n)
        return seen
      }),
    )
    expect(end).toMatchObject({ value: [2, 1, 0] })
  })

  test('gives the rest to every call, and goes on by concurrency', async () => {
    let running = 0
    let most = 0
    const count = task('count', async (n: number, add: number, name: string) => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setImmediate(resolve))
      running--
      return `${name}${n + add}`
    })
    const end = await t.h.run(flow('f', () => count.map(items(20), { rest: [100, 'n'], concurrency: 3 })))
    expect(end).toMatchObject({ value: items(20).map((n) => `n${n + 100}`) })
    expect(most).toBe(3)
  })

  test('takes any iterable, also one that is asynchronous', async () => {
    const same = task('same', (n: number) => n)
    async function* pages(): AsyncGenerator<number> {
      for (let n = 0; n < 4; n++) yield await step(`page ${n}`, () => n * n)
    }
    expect(
      await t.h.run(
        flow('f', async () => [await same.map(new Set([3, 1])), await same.map(pages()), await same.map([])]),
      ),
    ).toMatchObject({
      value: [[3, 1], [0, 1, 4, 9], []],
    })
  })

  test('the first failure starts no new item, waits for those that run, then throws', async () => {
    const events: string[] = []
    const gate = Promise.withResolvers<void>()
    const work = task('work', async (n: number) => {
      events.push(`start ${n}`)
      if (n === 1) throw new Error('one')
      await gate.promise
      events.push(`end ${n}`)
      return n
    })
    const end = await t.h.run(
      flow('f', async () => {
        const results = work.map(items(10), { concurrency: 3 })
        await work.settled(1) // The failure of item 1 is known now: what follows would have started.
        gate.resolve()
        try {
          await results
        } catch (error) {
          events.push('thrown')
          throw error
        }
      }),
    )
    expect(end).toMatchObject({ state: 'failed', error: { message: 'one' } })
    expect(events).toEqual(['start 0', 'start 1', 'start 2', 'start 1', 'end 0', 'end 2', 'thrown'])
  })

  test('iterated, the failure comes after what came before it', async () => {
    const work = task('work', (n: number) => {
      if (n === 2) throw new Error('two')
      return n
    })
    const seen: number[] = []
    const end = await t.h.run(
      flow('f', async () => {
        for await (const n of work.map(items(5), { concurrency: 1 })) seen.push(n)
      }),
    )
    expect(end).toMatchObject({ state: 'failed', error: { message: 'two' } })
    expect(seen).toEqual([0, 1])
  })

  test('settled: every outcome, no failure', async () => {
    const work = task('work', (n: number) => {
      if (n % 2) throw new Error(`odd ${n}`)
      return n
    })
    const end = await t.h.run(
      flow('f', async () =>
        (await work.settled.map(items(4))).map((outcome) => (outcome.ok ? outcome.value : outcome.error.message)),
      ),
    )
    expect(end).toMatchObject({ state: 'succeeded', value: [0, 'odd 1', 2, 'odd 3'] })
  })

  test('10,000 items with one failure name it, and the others are journaled', async () => {
    const work = task('work', (n: number) => {
      if (n === 9_999) throw new Error('the last')
      return n
    })
    const end = await t.h.run(flow('f', () => work.map(items(10_000), { concurrency: 500 })))
    expect(end).toMatchObject({ state: 'failed', error: { message: 'the last' } })
    expect(await t.h.store.steps.counts(end.run)).toEqual({ succeeded: 9_999, failed: 1 })
  })

  test('a failure of the source is the failure of the map', async () => {
    const same = task('same', (n: number) => n)
    function* broken(): Generator<number> {
      yield 1
      throw new Error('source')
    }
    expect(await t.h.run(flow('f', () => same.map(broken(), { concurrency: 1 })))).toMatchObject({
      state: 'failed',
      error: { message: 'source' },
    })
  })

  test('nobody awaits it: a warning, not the end of the process', async () => {
    const bad = task('bad', (_n: number) => Promise.reject(new Error('alone')))
    const end = await t.h.run(
      flow('f', async () => {
        bad.map([1])
        await step('other', () => 1)
      }),
    )
    expect(end).toMatchObject({ state: 'succeeded' })
    expect((await t.h.store.events.list({ run: end.run })).filter(({ type }) => type === 'step.warning')).toMatchObject(
      [{ data: { code: 'STEP_UNAWAITED' } }],
    )
  })

  test('equal items are told apart by their order, or by a key', async () => {
    let calls = 0
    const next = task('next', (_n: number) => ++calls)
    const end = await t.h.run(flow('f', () => next.map([7, 7, 7], { key: (n) => `k${n}` })))
    expect(end).toMatchObject({ value: [1, 2, 3] })
    expect((await t.h.store.steps.list(end.run)).map(({ identity }) => identity)).toEqual([
      'next:=k7:0',
      'next:=k7:1',
      'next:=k7:2',
    ])
  })
})
