import {
  approval,
  currentRun,
  dynamic,
  flow,
  job,
  limit,
  load,
  log,
  resource,
  schedule,
  sensor,
  skip,
  sleep,
  step,
  task,
  use,
  asset,
} from 'sluice'
import { evaluateSchedule, evaluateSensor, fakeClock, runFlow } from 'sluice/testing'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

describe('runFlow', () => {
  test('gives the value and every step', async () => {
    const double = task('double', (n: number) => n * 2)
    const sum = flow('sum', { params: z.object({ upTo: z.number() }), runName: 'sum to {upTo}' }, async ({ upTo }) => {
      log.info('adding')
      const all = await double.map(Array.from({ length: upTo }, (_, n) => n))
      return step('add', () => all.reduce((a, b) => a + b, 0))
    })
    const end = await runFlow(sum, { upTo: 3 })
    expect(end).toMatchObject({
      ok: true,
      state: 'succeeded',
      value: 6,
      title: 'sum to 3',
      warnings: [],
      logs: [{ message: 'adding' }],
    })
    expect(end.steps.map(({ name, kind, state, value, parent }) => [name, kind, state, value, parent])).toEqual([
      ['double', 'task', 'succeeded', 0, null],
      ['double', 'task', 'succeeded', 2, null],
      ['double', 'task', 'succeeded', 4, null],
      ['add', 'step', 'succeeded', 6, null],
    ])
  })

  test('a failure is an outcome', async () => {
    const bad = task('bad', { retries: 2 }, () => Promise.reject(new RangeError('too far')))
    const end = await runFlow(flow('f', () => bad()))
    expect(end).toMatchObject({ ok: false, state: 'failed', error: { name: 'RangeError', message: 'too far' } })
    expect(end.steps).toMatchObject([{ name: 'bad', state: 'failed', attempts: 3, error: { message: 'too far' } }])
  })

  test('sleeps and delays of retries pass at once, in their order', async () => {
    const clock = fakeClock('2026-01-01T00:00:00Z')
    const seen: string[] = []
    const nap = task('nap', { key: (name) => name }, async (name: string, days: number) => {
      await sleep(`${days}d`)
      seen.push(name)
    })
    let tries = 0
    const flaky = task('flaky', { retries: { max: 3, delay: '1h', backoff: 'doubling' } }, () => {
      if (++tries < 4) throw new Error('again')
      return tries
    })
    const end = await runFlow(
      flow('f', async () => {
        await Promise.all([nap('long', 3), nap('short', 1), nap('mid', 2)])
        return flaky()
      }),
      {},
      { clock },
    )
    expect(end).toMatchObject({ ok: true, value: 4 })
    expect(seen).toEqual(['short', 'mid', 'long'])
    expect(clock.instant().toString()).toBe('2026-01-04T07:00:00Z')
  })

  test('resources are fakes or real ones, closed when it ends', async () => {
    const closed: string[] = []
    const db = resource('db', {
      config: z.object({ path: z.string() }),
      scope: 'process',
      open: ({ path }) => ({ path }),
      close: ({ path }) => void closed.push(path),
    })
    const reads = flow('reads', async () => (await use(db)).path)
    expect(await runFlow(reads, {}, { with: [db.fake({ path: 'fake' })] })).toMatchObject({ value: 'fake' })
    expect(closed).toEqual([])
    expect(await runFlow(reads, {}, { with: [db.with({ path: 'one' })] })).toMatchObject({ value: 'one' })
    expect(await runFlow(reads, {}, { with: [db.with({ path: 'two' })] })).toMatchObject({ value: 'two' })
    expect(closed).toEqual(['one', 'two'])
    expect(await runFlow(reads)).toMatchObject({ state: 'failed', error: { code: 'RESOURCE_MISSING' } })
  })

  test('people answer what the test says', async () => {
    const promote = flow('promote', async () => {
      const { yes, by } = await approval('sure', { schema: z.object({ yes: z.boolean() }) })
      return yes ? by : null
    })
    expect(await runFlow(promote, {}, { answers: { sure: { yes: true } } })).toMatchObject({
      value: 'test',
      steps: [{ name: 'sure', state: 'succeeded', value: { yes: true, by: 'test' } }],
    })
    expect(await runFlow(promote, {}, { answers: { sure: { yes: 'maybe' } } })).toMatchObject({
      state: 'failed',
      error: { code: 'PARAMS_INVALID' },
    })
    expect(await runFlow(promote)).toMatchObject({ state: 'failed', error: { code: 'RUN_REQUIRED' } })
  })

  test('a signal cancels it', async () => {
    const controller = new AbortController()
    const waits = flow('waits', async () => {
      await step('start', () => controller.abort())
      await new Promise(() => {})
    })
    expect(await runFlow(waits, {}, { signal: controller.signal })).toMatchObject({ ok: false, state: 'canceled' })
  })

  test('each is alone: keys, limits and values of one are unknown to the next', async () => {
    const customers = dynamic('customers')
    const one = limit('one a day', { rate: '1/d' })
    const call = task('call', { limit: one }, () => 1)
    const adds = flow('adds', async () => {
      await customers.add(['acme'])
      await call()
      return customers.keys()
    })
    expect((await runFlow(adds)).value).toEqual(['acme'])
    expect((await runFlow(flow('asks', async () => [await call(), await customers.keys()]))).value).toEqual([1, []])
    await expect(load(asset('nothing', () => 1))).rejects.toMatchObject({ code: 'VALUE_MISSING' })
  })

  test('a call in a test that no run makes is a run in memory', async () => {
    const inner = task('inner', () => currentRun()?.name)
    expect(await inner()).toBe('inner')
    expect(await flow('outer', () => inner())()).toBe('outer')
    expect((await flow('launched', () => 1).launch()).id).toMatch(/^r/)
  })

  test('two at once do not meet', async () => {
    const who = flow('who', { params: z.object({ n: z.number() }) }, async ({ n }) => {
      await sleep(`${n}s`)
      return [n, currentRun()?.id]
    })
    const [a, b] = await Promise.all([runFlow(who, { n: 1 }), runFlow(who, { n: 2 })])
    expect(a.value?.[0]).toBe(1)
    expect(b.value?.[0]).toBe(2)
    expect(a.value?.[1]).not.toBe(b.value?.[1])
  })
})

const sync = flow(
  'sync',
  { params: z.object({ since: z.string(), region: z.enum(['eu', 'us']) }) },
  ({ since }) => since,
)
const eu = job('eu', { target: sync, params: { region: 'eu' } })

describe('evaluateSchedule', () => {
  test('gives the params at a tick, with the defaults of the job', async () => {
    const nightly = schedule('nightly', {
      cron: '0 2 * * *',
      timeZone: 'Europe/Madrid',
      target: eu,
      params: (t) => ({ since: `${t.scheduledFor.toString()} ${t.timeZone}` }),
    })
    expect(await evaluateSchedule(nightly, { scheduledFor: '2026-01-01T01:00:00Z' })).toEqual({
      runs: [{ params: { since: '2026-01-01T01:00:00Z Europe/Madrid', region: 'eu' } }],
    })
  })

  test('a constant, several runs, none', async () => {
    const at = { scheduledFor: '2026-01-01T00:00:00Z' }
    expect(
      await evaluateSchedule(
        schedule('a', { cron: '* * * * *', target: eu, params: { since: 'x', region: 'us' } }),
        at,
      ),
    ).toEqual({ runs: [{ params: { since: 'x', region: 'us' } }] })
    const many = schedule('b', {
      cron: '* * * * *',
      target: eu,
      params: () => [
        { params: { since: '1' }, once: 'a' },
        { params: { since: '2' }, tags: { t: '1' } },
      ],
    })
    expect(await evaluateSchedule(many, at)).toEqual({
      runs: [
        { params: { since: '1', region: 'eu' }, once: 'a' },
        { params: { since: '2', region: 'eu' }, tags: { t: '1' } },
      ],
    })
    expect(
      await evaluateSchedule(schedule('c', { cron: '* * * * *', target: eu, params: () => skip('closed') }), at),
    ).toMatchObject({ skipped: 'closed' })
    expect(await evaluateSchedule(schedule('d', { cron: '* * * * *', target: 'group:marts' }), at)).toEqual({
      runs: [{}],
    })
  })

  test('params that the target refuses are an error', async () => {
    const bad = schedule('bad', { cron: '* * * * *', target: eu, params: () => ({ since: 1 as never }) })
    await expect(evaluateSchedule(bad, { scheduledFor: '2026-01-01T00:00:00Z' })).rejects.toMatchObject({
      code: 'PARAMS_INVALID',
      message: expect.stringContaining('since') as string,
    })
  })
})

describe('evaluateSensor', () => {
  const files = sensor(
    'files',
    { targets: [eu], every: '1m', cursor: z.object({ seen: z.number() }) },
    ({ cursor, launch }) => {
      const next = (cursor?.seen ?? 0) + 1
      if (next > 3) return skip('no more')
      return { runs: [launch(eu, { params: { since: `${next}` }, once: `f${next}` })], cursor: { seen: next } }
    },
  )
  test('gives what it launches, and its next cursor', async () => {
    const first = await evaluateSensor(files)
    expect(first).toEqual({
      runs: [{ kind: 'launch', target: 'eu', request: { params: { since: '1', region: 'eu' }, once: 'f1' } }],
      reports: [],
      cursor: { seen: 1 },
    })
    expect((await evaluateSensor(files, { cursor: first.cursor! })).cursor).toEqual({ seen: 2 })
    expect(await evaluateSensor(files, { cursor: { seen: 3 } })).toMatchObject({ skipped: 'no more' })
  })
  test('a cursor of another shape is refused', async () => {
    await expect(evaluateSensor(files, { cursor: { seen: 'x' as never } })).rejects.toMatchObject({
      code: 'PARAMS_INVALID',
    })
  })
})
