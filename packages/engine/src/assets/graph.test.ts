import { type AnyAsset, asset, flow, log, oneOf, skip, step, task } from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import { describe, expect, test } from 'vitest'
import { withHarness } from '../runs/with-harness.ts'

const t = withHarness(openSqliteInProcess)
/** Does something first, then gives the value. */
const both = <T>(_: unknown, value: T): T => value

async function statesOf(run: string): Promise<Record<string, string>> {
  const steps = await t.h.store.steps.list(run)
  return Object.fromEntries(
    steps
      .filter(({ parent }) => parent === 0)
      .map(({ name, state, reason }) => [name, reason ? `${state}: ${reason}` : state]),
  )
}

describe('a graph of assets', () => {
  test('each is made when what it reads is there, and reads what was stored', async () => {
    const order: string[] = []
    const a = asset('a', () => both(order.push('a'), { n: 1, at: new Date(0) }))
    const b = asset('b', { inputs: { a } }, ({ a: value }) => both(order.push('b'), value.n + 1))
    const c = asset('c', { inputs: { a } }, ({ a: value }) => both(order.push('c'), value.at.getTime()))
    const d = asset('d', { inputs: { b, c } }, (x) => both(order.push('d'), x))
    const end = await t.h.materialize([d], ['d', 'c', 'b', 'a'])
    expect(end).toMatchObject({ state: 'succeeded' })
    expect([order[0], order.slice(1, 3).toSorted(), order[3]]).toEqual(['a', ['b', 'c'], 'd'])
    const [made] = await t.h.store.assets.latest([{ asset: 'd', partition: null }])
    expect(await t.h.values.read(d, null, made!.value!)).toEqual({ b: 2, c: 0 })
  })

  test('only what was asked for is made; the rest is read from before', async () => {
    let made = 0
    const a = asset('a', () => ++made)
    const b = asset('b', { inputs: { a } }, ({ a: value }) => value * 10)
    await t.h.materialize([b], ['a'])
    expect(await t.h.materialize([b], ['b'])).toMatchObject({ state: 'succeeded' })
    expect(made).toBe(1)
  })

  test('an input that was never made is an error that says how to make it', async () => {
    const a = asset('a', () => 1)
    const b = asset('b', { inputs: { a } }, ({ a: value }) => value)
    const end = await t.h.materialize([b], ['b'])
    expect(end).toMatchObject({
      state: 'failed',
      error: {
        code: 'RUN_FAILED',
        cause: { code: 'VALUE_MISSING', hint: expect.stringContaining('sluice materialize a') as string },
      },
    })
  })

  test('what a run was to make and did not has failed until it is made: by itself, and by what it is made from', async () => {
    const names = oneOf(['x', 'y', 'z'])
    let isBroken = true
    const bad = asset('bad', { partitions: names }, (_, { partition }) => {
      if (isBroken && partition.key !== 'x') throw new Error('broken')
      return partition.key
    })
    const below = asset('below', { partitions: names, inputs: { bad } }, ({ bad: value }) => value)
    const all = asset('all', { partitions: names, perRun: true, inputs: { bad } }, () => 1)
    const failed = async (name: string) => (await t.h.store.assets.failed(name)).map(({ partition }) => partition)
    const run = (keys: readonly string[]) => t.h.materialize([bad, below, all], ['bad', 'below', 'all'], keys)
    expect(await run(['x', 'y'])).toMatchObject({ state: 'failed' })
    expect(await Promise.all(['bad', 'below', 'all'].map(failed))).toEqual([['y'], ['y'], ['x', 'y']])
    isBroken = false
    expect(await run(['y'])).toMatchObject({ state: 'succeeded' })
    expect(await Promise.all(['bad', 'below', 'all'].map(failed))).toEqual([[], [], ['x']])
  })

  test('a failure holds back what depends on it, with the reason, and nothing else', async () => {
    const bad = asset('bad', (): number => {
      throw new Error('broken')
    })
    const next = asset('next', { inputs: { bad } }, ({ bad: value }) => value)
    const last = asset('last', { deps: [next] }, () => 1)
    const other = asset('other', () => 1)
    const may = asset('may', { inputs: { bad: bad.optional() } }, ({ bad: value }) => value ?? 'none')
    const end = await t.h.materialize([last, other, may], ['bad', 'next', 'last', 'other', 'may'])
    expect(end).toMatchObject({
      state: 'failed',
      error: { code: 'RUN_FAILED', message: 'A step failed: bad.', cause: { message: 'broken' } },
    })
    expect(await statesOf(end.run)).toEqual({
      bad: 'failed',
      next: 'upstream_failed: bad failed',
      last: 'upstream_failed: bad failed',
      other: 'succeeded',
      may: 'succeeded',
    })
  })

  test('what is skipped skips what depends on it, with its reason', async () => {
    const none = asset('none', (): number | ReturnType<typeof skip> => skip('no files yet'))
    const next = asset('next', { inputs: { none } }, ({ none: value }) => value)
    const last = asset('last', { deps: [next] }, () => 1)
    const may = asset('may', { inputs: { none: none.optional() } }, ({ none: value }) => value === undefined)
    const end = await t.h.materialize([last, may], ['none', 'next', 'last', 'may'])
    expect(end).toMatchObject({ state: 'succeeded' })
    expect(await statesOf(end.run)).toEqual({
      none: 'skipped: no files yet',
      next: 'skipped: no files yet',
      last: 'skipped: no files yet',
      may: 'succeeded',
    })
    expect(await t.h.store.assets.latest([{ asset: 'none', partition: null }])).toEqual([])
  })

  test('a failure weighs more than a skip', async () => {
    const none = asset('none', (): number | ReturnType<typeof skip> => skip('nothing'))
    const bad = asset('bad', (): number => {
      throw new Error('broken')
    })
    const both = asset('both', { inputs: { none, bad } }, () => 1)
    const end = await t.h.materialize([both], ['none', 'bad', 'both'])
    expect((await statesOf(end.run))['both']).toBe('upstream_failed: bad failed')
  })

  test('retries, and what an earlier attempt logged and told stays with it', async () => {
    let tries = 0
    const flaky = asset('flaky', { retries: 2 }, (_, { metadata }) => {
      metadata({ [`try${++tries}`]: tries })
      log.info(`try ${tries}`)
      if (tries < 3) throw new Error('again')
      return tries
    })
    const end = await t.h.materialize([flaky], ['flaky'])
    expect(end).toMatchObject({ state: 'succeeded' })
    expect((await t.h.store.assets.latest([{ asset: 'flaky', partition: null }]))[0]).toMatchObject({
      attempt: 3,
      metadata: { try3: { type: 'number', value: 3 } },
    })
    expect((await t.h.store.logs.list({ run: end.run })).map(({ message, attempt }) => [message, attempt])).toEqual([
      ['try 1', 1],
      ['try 2', 2],
      ['try 3', 3],
    ])
  })

  test('may call tasks, whose steps nest below it', async () => {
    const page = task('page', (n: number) => n * 2)
    const pages = asset('pages', async () => [...(await page.map([1, 2])), await step('inline', () => 7)])
    const end = await t.h.materialize([pages], ['pages'])
    const steps = await t.h.store.steps.list(end.run)
    expect(steps.map(({ name, kind, parent, state }) => [name, kind, parent, state])).toEqual([
      ['pages', 'asset', 0, 'succeeded'],
      ['page', 'task', 1, 'succeeded'],
      ['page', 'task', 1, 'succeeded'],
      ['inline', 'step', 1, 'succeeded'],
    ])
    const [made] = await t.h.store.assets.latest([{ asset: 'pages', partition: null }])
    expect(await t.h.values.read(pages as AnyAsset, null, made!.value!)).toEqual([2, 4, 7])
  })

  test('a flow inside an asset is a subtree too', async () => {
    const inner = flow('inner', () => step('one', () => 1))
    const outer = asset('outer', () => inner())
    const end = await t.h.materialize([outer], ['outer'])
    expect((await t.h.store.steps.list(end.run)).map(({ name, kind, parent }) => [name, kind, parent])).toEqual([
      ['outer', 'asset', 0],
      ['inner', 'flow', 1],
      ['one', 'step', 2],
    ])
  })

  test('an asset that returns nothing holds no value, and can be depended on', async () => {
    const writes = asset('writes', () => {})
    const after = asset('after', { deps: [writes] }, () => 1)
    expect(await t.h.materialize([after], ['writes', 'after'])).toMatchObject({ state: 'succeeded' })
    expect((await t.h.store.assets.latest([{ asset: 'writes', partition: null }]))[0]).toMatchObject({ value: null })
  })

  test('goes on at most ten at once', async () => {
    let now = 0
    let most = 0
    const many = Array.from({ length: 40 }, (_, n) =>
      asset(`a${n}`, async () => {
        most = Math.max(most, ++now)
        await new Promise((resolve) => setImmediate(resolve))
        now--
      }),
    )
    expect(
      await t.h.materialize(
        many,
        many.map(({ name }) => name),
      ),
    ).toMatchObject({ state: 'succeeded' })
    expect(most).toBe(10)
  })
})
