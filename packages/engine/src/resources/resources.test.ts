import { asset, flow, resource, step, task, use } from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { closeProcessResources } from '../index.ts'
import { withHarness } from '../runs/with-harness.ts'

const t = withHarness(openSqliteInProcess)
/** Does something first, then gives the value. */
const both = <T>(_: unknown, value: T): T => value

function counted(scope: 'step' | 'run' | 'process', name = `db ${scope}`) {
  const events: string[] = []
  let opened = 0
  const made = resource(name, {
    scope,
    open: () => both(events.push(`open ${++opened}`), { n: opened }),
    close: ({ n }) => void events.push(`close ${n}`),
  })
  return { made, events }
}

describe('scopes', () => {
  test('step: each attempt has its own, closed when it ends', async () => {
    const { made, events } = counted('step')
    let tries = 0
    const work = task('work', { retries: 1 }, async () => {
      const [a, b] = [await use(made), await use(made)]
      if (++tries === 1) throw new Error('again')
      return [a.n, a === b]
    })
    expect(await t.h.run(flow('f', () => work()))).toMatchObject({ value: [2, true] })
    expect(events).toEqual(['open 1', 'close 1', 'open 2', 'close 2'])
  })

  test('run: shared by its steps, closed when it ends, also after a failure', async () => {
    const { made, events } = counted('run')
    const work = task('work', async (_n: number) => (await use(made)).n)
    expect(await t.h.run(flow('f', async () => [...(await work.map([1, 2, 3])), (await use(made)).n]))).toMatchObject({
      value: [1, 1, 1, 1],
    })
    await t.h.run(
      flow('g', async () => {
        await work(1)
        throw new Error('no')
      }),
    )
    expect(events).toEqual(['open 1', 'close 1', 'open 2', 'close 2'])
  })

  test('process: shared by runs, closed when the process says so', async () => {
    const { made, events } = counted('process')
    const f = flow('f', async () => (await use(made)).n)
    expect([await t.h.run(f), await t.h.run(f)]).toMatchObject([{ value: 1 }, { value: 1 }])
    expect(events).toEqual(['open 1'])
    await closeProcessResources()
    expect(events).toEqual(['open 1', 'close 1'])
  })

  test('one that opens while others ask for it is opened once', async () => {
    const { made, events } = counted('run', 'slow')
    expect(
      await t.h.run(flow('f', async () => (await Promise.all([use(made), use(made), use(made)])).map(({ n }) => n))),
    ).toMatchObject({ value: [1, 1, 1] })
    expect(events).toEqual(['open 1', 'close 1'])
  })
})

describe('a resource that uses others', () => {
  test('gets them open, and is closed before them', async () => {
    const events: string[] = []
    const net = resource('net', {
      open: () => both(events.push('open net'), 'net'),
      close: () => void events.push('close net'),
    })
    const pool = resource('pool', {
      uses: { net },
      open: (_, uses) => both(events.push('open pool'), `pool on ${uses.net}`),
      close: () => void events.push('close pool'),
    })
    const client = resource('client', {
      uses: { pool, net },
      open: (_, uses) => both(events.push('open client'), `client on ${uses.pool}`),
      close: () => void events.push('close client'),
    })
    const a = asset('a', { resources: { client } }, (_, { resources }) => resources.client)
    expect(await t.h.materialize([a], ['a'])).toMatchObject({ state: 'succeeded' })
    expect(events).toEqual(['open net', 'open pool', 'open client', 'close client', 'close pool', 'close net'])
  })

  test('what it uses lives as long as it does, whatever its own scope', async () => {
    const { made: net, events } = counted('step', 'net of a step')
    const client = resource('client of a run', { uses: { net }, open: (_, uses) => uses.net })
    const work = task('work', async (_n: number) => both(events.push('work'), (await use(client)).n))
    expect(await t.h.run(flow('f', () => work.map([1, 2], { concurrency: 1 })))).toMatchObject({ value: [1, 1] })
    expect(events).toEqual(['work', 'open 1', 'work', 'close 1'])
  })
})

describe('configuration', () => {
  const db = resource('db', {
    config: z.object({ path: z.string(), size: z.number().default(1) }),
    open: (config) => config,
  })

  test('is validated, with its defaults filled in; the last one counts', async () => {
    const h = await t.configured(db.with({ path: 'a' }), db.with({ path: 'b' }))
    expect(await h.run(flow('f', () => use(db)))).toMatchObject({ value: { path: 'b', size: 1 } })
  })

  test('that is missing is an error before anything runs', async () => {
    let ran = false
    const first = asset('first', () => void (ran = true))
    const a = asset('a', { resources: { db }, deps: [first] }, (_, { resources }) => resources.db.path)
    await expect(t.h.materialize([a], ['first', 'a'])).resolves.toMatchObject({
      state: 'failed',
      error: { code: 'RESOURCE_MISSING', message: expect.stringContaining('"db"') as string },
    })
    expect(ran).toBe(false)
  })

  test('of what a resource uses is asked for too, before anything runs', async () => {
    let ran = false
    const client = resource('client', { uses: { db }, open: () => 1 })
    const a = asset('a', { resources: { client } }, () => void (ran = true))
    expect(await t.h.materialize([a], ['a'])).toMatchObject({ state: 'failed', error: { code: 'RESOURCE_MISSING' } })
    expect(ran).toBe(false)
  })

  test('that does not fit says what', async () => {
    const h = await t.configured(db.with({ path: 1 as never }))
    expect(await h.run(flow('f', () => use(db)))).toMatchObject({
      state: 'failed',
      error: { code: 'RESOURCE_MISSING', message: expect.stringContaining('path') as string },
    })
  })

  test('a fake takes the place of the resource, of what uses it too', async () => {
    const { made, events } = counted('run')
    const client = resource('client', { uses: { made }, open: (_, uses) => uses.made.n })
    const h = await t.configured(made.fake({ n: 42 }))
    expect(await h.run(flow('f', () => use(client)))).toMatchObject({ value: 42 })
    expect(events).toEqual([])
  })

  test('one that does not open says which, and is tried again by a retry', async () => {
    let tries = 0
    const flaky = resource('flaky', {
      open: () => {
        if (++tries < 2) throw new Error('refused')
        return tries
      },
    })
    const work = task('work', { retries: 1 }, () => use(flaky))
    expect(await t.h.run(flow('f', () => work()))).toMatchObject({ value: 2 })
    tries = -5
    expect(await t.h.run(flow('g', () => use(flaky)))).toMatchObject({
      state: 'failed',
      error: { code: 'RESOURCE_FAILED', message: 'Resource "flaky" could not be opened: refused' },
    })
  })

  test('use() outside a run is refused', async () => {
    await expect(use(db)).rejects.toMatchObject({ code: 'RUN_REQUIRED' })
    expect(await t.h.run(flow('f', () => step('s', () => 1)))).toMatchObject({ value: 1 })
  })
})
