import { flow, limit, sleep, step, task } from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import { describe, expect, test } from 'vitest'
import { withHarness } from '../runs/with-harness.ts'

const t = withHarness(openSqliteInProcess)
const items = (count: number): number[] => Array.from({ length: count }, (_, n) => n)
let names = 0
/** Limits are shared by a process: each test has its own. */
const name = (): string => `limit ${names++}`

function gauge() {
  const g = { now: 0, most: 0, order: [] as unknown[] }
  return {
    ...g,
    async inside<T>(what: T): Promise<T> {
      this.most = Math.max(this.most, ++this.now)
      this.order.push(what)
      await new Promise((resolve) => setImmediate(resolve))
      this.now--
      return what
    },
  }
}

describe('atOnce', () => {
  test('holds back what is over it, first come first served', async () => {
    const g = gauge()
    const work = task('work', { limit: limit(name(), { atOnce: 2 }) }, (n: number) => g.inside(n))
    expect(await t.h.run(flow('f', () => work.map(items(9))))).toMatchObject({ value: items(9) })
    expect([g.most, g.order]).toEqual([2, items(9)])
  })

  test('is shared by tasks, and by runs', async () => {
    const g = gauge()
    const one = limit(name(), { atOnce: 1 })
    const [a, b] = ['a', 'b'].map((what) => task(what, { limit: one }, (n: number) => g.inside(`${what}${n}`)))
    await Promise.all([t.h.run(flow('f', () => a!.map([1, 2, 3]))), t.h.run(flow('g', () => b!.map([1, 2, 3])))])
    expect(g.most).toBe(1)
    expect(g.order).toHaveLength(6)
  })

  test('per key: each counts by itself, chosen by the arguments', async () => {
    const byCustomer = new Map<string, ReturnType<typeof gauge>>()
    const perCustomer = limit(name(), { atOnce: 1 })
    const all = gauge()
    const work = task(
      'work',
      { limit: (customer) => perCustomer.per(customer) },
      async (customer: string, n: number) => {
        const g = byCustomer.get(customer) ?? gauge()
        byCustomer.set(customer, g)
        await Promise.all([all.inside(n), g.inside(n)])
      },
    )
    await t.h.run(flow('f', () => Promise.all(items(8).map((n) => work(n % 2 ? 'odd' : 'even', n)))))
    expect([...byCustomer.values()].map(({ most }) => most)).toEqual([1, 1])
    expect(all.most).toBe(2)
  })

  test('several limits at once never lock each other', async () => {
    const [a, b] = [limit(name(), { atOnce: 1 }), limit(name(), { atOnce: 1 })]
    const g = gauge()
    const ab = task('ab', { limit: [a, b] }, (n: number) => g.inside(n))
    const ba = task('ba', { limit: [b, a] }, (n: number) => g.inside(n))
    expect(await t.h.run(flow('f', () => Promise.all([ab.map(items(5)), ba.map(items(5))])))).toMatchObject({
      state: 'succeeded',
    })
    expect(g.most).toBe(1)
  })

  test('a step inside a holder does not wait for what it holds', async () => {
    const one = limit(name(), { atOnce: 1 })
    const inner = task('inner', { limit: one }, (n: number) => n)
    const outer = task('outer', { limit: one }, async (n: number) => (await inner(n)) + (await inner(n + 1)))
    expect(await t.h.run(flow('f', () => outer.map([1, 2])))).toMatchObject({ value: [3, 5] })
  })

  test('a failed attempt frees its slot while it waits for the next', async () => {
    const one = limit(name(), { atOnce: 1 })
    const order: string[] = []
    let tries = 0
    const flaky = task('flaky', { limit: one, retries: { max: 1, delay: '1ms' } }, () => {
      order.push(`flaky ${++tries}`)
      if (tries === 1) throw new Error('again')
    })
    const other = task('other', { limit: one }, () => void order.push('other'))
    expect(await t.h.run(flow('f', () => Promise.all([flaky(), other()])))).toMatchObject({ state: 'succeeded' })
    expect(order).toEqual(['flaky 1', 'other', 'flaky 2'])
  })

  test('what waits says for what', async () => {
    const one = limit('a limit by name', { atOnce: 1 })
    const gate = Promise.withResolvers<void>()
    const work = task('work', { limit: one }, (n: number) => (n === 0 ? gate.promise : undefined))
    let run = ''
    const running = t.h.run(
      flow('f', async () => {
        const both = work.map([0, 1])
        run = (await t.h.store.runs.active())[0]!.id
        await both
      }),
    )
    await expect
      .poll(async () => (await t.h.store.steps.list(run)).map(({ state, waitingFor }) => [state, waitingFor]))
      .toEqual([
        ['running', null],
        ['waiting', { for: 'turn', limit: 'a limit by name' }],
      ])
    gate.resolve()
    expect(await running).toMatchObject({ state: 'succeeded' })
  })

  test('canceled while it waits', async () => {
    const one = limit(name(), { atOnce: 1 })
    const work = task('work', { limit: one, timeout: '20ms' }, () => new Promise(() => {}))
    const end = await t.h.run(
      flow('f', async () =>
        (await Promise.all([work.settled(), work.settled()])).map((outcome) => outcome.ok || outcome.error.code),
      ),
    )
    expect(end).toMatchObject({ value: ['STEP_TIMEOUT', 'STEP_TIMEOUT'] })
  })
})

describe('when it is full', () => {
  test('skip: the call fails at once, and can be settled', async () => {
    const gate = Promise.withResolvers<void>()
    const work = task('work', { limit: limit(name(), { atOnce: 1, full: 'skip' }) }, (n: number) =>
      gate.promise.then(() => n),
    )
    const end = await t.h.run(
      flow('f', async () => {
        const first = work(1)
        const second = await work.settled(2)
        gate.resolve()
        return [await first, second]
      }),
    )
    expect(end).toMatchObject({ value: [1, { ok: false, error: { code: 'LIMIT_FULL' } }] })
  })

  test('cancel-oldest: the oldest call makes room', async () => {
    const gate = Promise.withResolvers<void>()
    const work = task('work', { limit: limit(name(), { atOnce: 1, full: 'cancel-oldest' }) }, (n: number) =>
      gate.promise.then(() => n),
    )
    const end = await t.h.run(
      flow('f', async () => {
        const first = work.settled(1)
        const second = work(2)
        const outcome = await first
        gate.resolve()
        return [outcome, await second]
      }),
    )
    expect(end).toMatchObject({
      value: [{ ok: false, error: { code: 'LIMIT_FULL', message: expect.stringContaining('made room') as string } }, 2],
    })
  })
})

describe('a rate', () => {
  test('starts full, and then lets one through as time brings them', async () => {
    const clock = { now: 0 }
    const starts: number[] = []
    const after = (ms: number, then: () => void): (() => void) => {
      const handle = setImmediate(() => {
        clock.now += ms
        then()
      })
      return () => clearImmediate(handle)
    }
    const h = await t.on({ now: () => clock.now, after })
    const work = task('work', { limit: limit(name(), { rate: '3/m' }) }, (_n: number) => void starts.push(clock.now))
    expect(await h.run(flow('f', () => work.map(items(6))))).toMatchObject({ state: 'succeeded' })
    expect(starts).toEqual([0, 0, 0, 20_000, 40_000, 60_000])
  })
})

describe('hold()', () => {
  test('takes slots until it is disposed', async () => {
    const two = limit(name(), { atOnce: 2 })
    const g = gauge()
    const work = task('work', async (n: number) => {
      await using _ = await two.hold(2)
      return await g.inside(n)
    })
    expect(await t.h.run(flow('f', () => work.map(items(4))))).toMatchObject({ value: items(4) })
    expect(g.most).toBe(1)
  })

  test('steps inside do not wait for it', async () => {
    const one = limit(name(), { atOnce: 1 })
    const inner = task('inner', { limit: one }, (n: number) => n)
    const end = await t.h.run(
      flow('f', async () => {
        {
          await using _ = await one.hold()
          await inner(1)
          await using _again = await one.hold()
        }
        return inner(2)
      }),
    )
    expect(end).toMatchObject({ value: 2 })
  })

  test('more than there are is refused', async () => {
    const end = await t.h.run(flow('f', async () => void (await limit(name(), { atOnce: 1 }).hold(2))))
    expect(end).toMatchObject({ state: 'failed', error: { code: 'LIMIT_INVALID' } })
  })

  test('outside a run is refused', async () => {
    await expect(limit(name(), { atOnce: 1 }).hold()).rejects.toMatchObject({ code: 'RUN_REQUIRED' })
    await expect(sleep('1s')).rejects.toMatchObject({ code: 'RUN_REQUIRED' })
    await expect(step('alone', () => 1)).rejects.toMatchObject({ code: 'RUN_REQUIRED' })
  })
})
