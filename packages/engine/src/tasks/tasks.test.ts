import { type Retries, currentStep, flow, step, task } from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import { describe, expect, test } from 'vitest'
import { withHarness } from '../runs/with-harness.ts'

const t = withHarness(openSqliteInProcess)
/** Does something first, then gives the value. */
const both = <T>(_: unknown, value: T): T => value
const failing = (options: number | Retries, succeedsAt: number, errors: readonly Error[] = []) => {
  const attempts: number[] = []
  const made = task('flaky', { retries: options }, () => {
    attempts.push(currentStep()!.attempt)
    if (attempts.length < succeedsAt) throw errors[attempts.length - 1] ?? new Error(`try ${attempts.length}`)
    return attempts.length
  })
  return { made, attempts }
}

async function waitsOf(run: string): Promise<number[]> {
  const events = await t.h.store.events.list({ run })
  return events
    .filter(({ type }) => type === 'step.retrying')
    .map(({ at, data }) => (data as { until: number }).until - at)
}

describe('retries', () => {
  test('a count: that many attempts more', async () => {
    const { made, attempts } = failing(2, 3)
    expect(await t.h.run(flow('f', () => made()))).toMatchObject({ state: 'succeeded', value: 3 })
    expect(attempts).toEqual([1, 2, 3])
    const over = failing(2, 4)
    expect(await t.h.run(flow('f', () => over.made()))).toMatchObject({ state: 'failed', error: { message: 'try 3' } })
  })

  test.each<[string, Retries, readonly number[]]>([
    ['one delay', { max: 3, delay: '20s' }, [20_000, 20_000, 20_000]],
    ['a list of delays, its last repeated', { max: 3, delay: ['10s', '30s'] }, [10_000, 30_000, 30_000]],
    ['linear', { max: 3, delay: '10s', backoff: 'linear' }, [10_000, 20_000, 30_000]],
    ['exponential', { max: 3, delay: '10s', backoff: 'exponential' }, [10_000, 30_000, 70_000]],
    ['doubling', { max: 3, delay: '10s', backoff: 'doubling' }, [10_000, 20_000, 40_000]],
  ])('%s', async (_, retries, delays) => {
    const { made } = failing(retries, 4)
    const h = await t.at({ now: 1_000 })
    const end = await h.run(flow('f', () => made()))
    expect(end).toMatchObject({ state: 'succeeded', value: 4 })
    expect(await waitsOf(end.run)).toEqual(delays)
  })

  test('jitter stays within its bounds', async () => {
    const { made } = failing({ max: 3, delay: '20s', jitter: 'full' }, 4)
    const h = await t.at({ now: 1_000 })
    const waits = await waitsOf((await h.run(flow('f', () => made()))).run)
    expect(waits).toHaveLength(3)
    for (const wait of waits) expect(wait).toSatisfy((ms: number) => ms >= 0 && ms <= 20_000)
  })

  test('a condition on the error and the attempt', async () => {
    const asked: unknown[] = []
    const retries: Retries = {
      max: 5,
      if: (error, attempt) =>
        both(asked.push([(error as Error).message, attempt]), (error as Error).message !== 'fatal'),
    }
    const { made } = failing(retries, 9, [new Error('soft'), new Error('fatal')])
    expect(await t.h.run(flow('f', () => made()))).toMatchObject({ state: 'failed', error: { message: 'fatal' } })
    expect(asked).toEqual([
      ['soft', 1],
      ['fatal', 2],
    ])
  })

  test('what cannot be stored is not tried again', async () => {
    let calls = 0
    const bad = task('bad', { retries: 3 }, () => {
      calls++
      return { f: () => 1 }
    })
    expect(await t.h.run(flow('f', () => bad()))).toMatchObject({
      state: 'failed',
      error: { code: 'RESULT_NOT_STORABLE' },
    })
    expect(calls).toBe(1)
  })

  test('what is no error is one when it is thrown', async () => {
    const bad = task('bad', () => {
      // oxlint-disable-next-line typescript/only-throw-error -- what users do
      throw 'a text'
    })
    expect(await t.h.run(flow('f', () => bad()))).toMatchObject({
      state: 'failed',
      error: { code: 'STEP_FAILED', message: expect.stringContaining('a text') as string },
    })
  })
})

describe('a timeout', () => {
  test('fails the attempt, aborts its signal, and is tried again', async () => {
    const reasons: unknown[] = []
    const slow = task('slow', { timeout: '15ms', retries: 1 }, async () => {
      const { signal, attempt } = currentStep()!
      if (attempt === 2) return 'fast'
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      reasons.push((signal.reason as { code: string }).code)
      return 'late'
    })
    const end = await t.h.run(flow('f', () => slow()))
    expect(end).toMatchObject({ state: 'succeeded', value: 'fast' })
    expect(reasons).toEqual(['STEP_TIMEOUT'])
    expect(await t.h.store.steps.list(end.run)).toMatchObject([{ state: 'succeeded', attempt: 2 }])
  })

  test('counts an attempt, not the wait between attempts', async () => {
    const { made } = failing({ max: 1, delay: '40ms' }, 2)
    expect(await t.h.run(flow('f', () => made.with({ timeout: '30ms' })()))).toMatchObject({ state: 'succeeded' })
  })

  test('of a flow', async () => {
    const end = await t.h.run(flow('f', { timeout: '15ms' }, () => new Promise(() => {})))
    expect(end).toMatchObject({
      state: 'failed',
      error: { code: 'STEP_TIMEOUT', message: '"f" took longer than 15ms.' },
    })
  })

  test('of a flow, with retries: each attempt has its own', async () => {
    let attempts = 0
    const end = await t.h.run(flow('f', { timeout: '15ms', retries: 1 }, () => both(++attempts, new Promise(() => {}))))
    expect(end).toMatchObject({ state: 'failed', error: { code: 'STEP_TIMEOUT' } })
    expect(attempts).toBe(2)
  })
})

describe('a cache', () => {
  const counted = (options: Parameters<typeof task>[1], run = (n: number): number => n * 2) => {
    const calls: number[] = []
    return { calls, made: task('costly', options as object, (n: number) => both(calls.push(n), run(n))) }
  }
  test('gives the result of another run, and says whose it is', async () => {
    const { made, calls } = counted({ cache: true })
    const first = await t.h.run(flow('f', () => made(4)))
    const second = await t.h.run(flow('g', async () => [await made(4), await made(5)]))
    expect([first, second]).toMatchObject([{ value: 8 }, { value: [8, 10] }])
    expect(calls).toEqual([4, 5])
    expect(await t.h.store.steps.list(second.run)).toMatchObject([
      { state: 'succeeded', cachedFrom: { run: first.run, step: 1 } },
      { cachedFrom: null },
    ])
  })
  test('expires', async () => {
    const { made, calls } = counted({ cache: { for: '1h' } })
    const clock = { now: 1_000 }
    const h = await t.at(clock)
    for (const now of [1_000, 3_600_999, 3_601_000]) {
      clock.now = now
      await h.run(flow('f', () => made(4)))
      if (now < 3_601_000) expect(calls).toEqual([4])
    }
    expect(calls).toEqual([4, 4])
  })
  test('refreshes: runs all the same, and the next one gets the new result', async () => {
    let value = 0
    const made = task('costly', { cache: { version: '1' } }, () => ++value)
    await t.h.run(flow('f', () => made()))
    expect(await t.h.run(flow('f', () => made.with({ cache: { version: '1', refresh: true } })()))).toMatchObject({
      value: 2,
    })
    expect(await t.h.run(flow('f', () => made()))).toMatchObject({ value: 2 })
  })
  test('depends on the version, by default the source text', async () => {
    const one = counted({ cache: true })
    await t.h.run(flow('f', () => one.made(1)))
    const changed = task('costly', { cache: true }, (n: number) => n * 3)
    expect(await t.h.run(flow('f', () => changed(1)))).toMatchObject({ value: 3 })
    const [a, b] = ['1', '2'].map((version) => counted({ cache: { version } }))
    await t.h.run(flow('f', () => a!.made(1)))
    await t.h.run(flow('f', () => b!.made(1)))
    expect(b!.calls).toEqual([1])
  })
  test('keeps no failure', async () => {
    let calls = 0
    const made = task('costly', { cache: { version: 'f' } }, () => {
      if (++calls === 1) throw new Error('once')
      return calls
    })
    await t.h.run(flow('f', () => made()))
    expect(await t.h.run(flow('f', () => made()))).toMatchObject({ value: 2 })
  })
  test('goes by the key, where the task has one', async () => {
    const calls: unknown[] = []
    const made = task(
      'costly',
      { cache: { version: 'k' }, key: (id: number, _client: unknown) => `${id}` },
      (id: number, client: unknown) => both(calls.push(client), id),
    )
    const unstorable = { send: () => 1 }
    await t.h.run(flow('f', () => made(1, unstorable)))
    await t.h.run(flow('f', () => made(1, { ...unstorable, other: true })))
    expect(calls).toEqual([unstorable])
  })
  test('holds large results too', async () => {
    const big = task('big', { cache: { version: 'b' } }, () => 'x'.repeat(20_000))
    await t.h.run(flow('f', () => big()))
    const end = await t.h.run(flow('f', async () => (await big()).length))
    expect(end).toMatchObject({ value: 20_000 })
    expect(await t.h.store.steps.list(end.run)).toMatchObject([{ cachedFrom: { step: 1 } }])
  })
})

describe('a call', () => {
  test('with a key may have arguments that cannot be stored', async () => {
    const send = task(
      'send',
      { key: (id: string, _client: object) => id },
      (id: string, client: { send(id: string): string }) => client.send(id),
    )
    const end = await t.h.run(flow('f', () => send('a', { send: (id) => `sent ${id}` })))
    expect(end).toMatchObject({ value: 'sent a' })
    expect(await t.h.store.steps.list(end.run)).toMatchObject([{ key: 'a', args: null, identity: 'send:=a:0' }])
  })
  test('without one is refused, with the way to the argument', async () => {
    const send = task('send', (client: { deep: { f(): number } }) => client.deep.f())
    expect(await t.h.run(flow('f', () => send({ deep: { f: () => 1 } })))).toMatchObject({
      state: 'failed',
      error: { code: 'ARGUMENT_NOT_STORABLE', message: expect.stringContaining('deep') as string },
    })
  })
  test('.with() replaces options, and is the same task', async () => {
    let calls = 0
    const once = task('once', { retries: 0, tags: ['a'] }, () => {
      calls++
      throw new Error('no')
    })
    const end = await t.h.run(flow('f', () => once.with({ retries: 2, tags: ['b'] })()))
    expect(calls).toBe(3)
    expect(await t.h.store.steps.list(end.run)).toMatchObject([{ name: 'once', tags: ['b'], attempt: 3 }])
  })
  test('.settled gives an outcome', async () => {
    const pick = task('pick', (n: number) => {
      if (n < 0) throw Object.assign(new Error('negative', { cause: new Error('why') }), { code: 'NEGATIVE' })
      return n
    })
    const end = await t.h.run(
      flow('f', async () => [await pick.settled(1), await pick.settled(-1), ...(await pick.settled.map([2, -2]))]),
    )
    expect(end).toMatchObject({
      state: 'succeeded',
      value: [
        { ok: true, value: 1 },
        { ok: false, error: { code: 'NEGATIVE', message: 'negative', cause: { code: 'STEP_FAILED', message: 'why' } } },
        { ok: true, value: 2 },
        { ok: false },
      ],
    })
    const events = await t.h.store.events.list({ run: end.run })
    expect(events.filter(({ type }) => type === 'step.warning')).toEqual([])
  })
  test('shows what it got from which step', async () => {
    const make = task('make', () => ({ rows: [1] }))
    const count = task('count', (x: { wrapped: { rows: number[] } }) => x.wrapped.rows.length)
    const end = await t.h.run(flow('f', async () => count({ wrapped: await make() })))
    expect(await t.h.store.steps.list(end.run)).toMatchObject([{ upstream: null }, { name: 'count', upstream: [1] }])
  })
  test('by itself is a run of its own', async () => {
    const alone = task('alone', { retries: 1 }, (n: number) => n + 1)
    expect(await t.h.run(alone, [4])).toMatchObject({ state: 'succeeded', value: 5 })
  })
  test('nests: a task that calls a task', async () => {
    const inner = task('inner', (n: number) => n + 1)
    const outer = task('outer', async (n: number) => (await inner(n)) + (await step('inline', () => 10)))
    const end = await t.h.run(flow('f', () => outer(1)))
    expect(end).toMatchObject({ value: 12 })
    expect((await t.h.store.steps.list(end.run)).map(({ name, parent }) => [name, parent])).toEqual([
      ['outer', 0],
      ['inner', 1],
      ['inline', 1],
    ])
  })
})
