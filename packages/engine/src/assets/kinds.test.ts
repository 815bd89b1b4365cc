import { assets, asset, external, meta, output, skip, daily } from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { withHarness } from '../runs/with-harness.ts'

const t = withHarness(openSqliteInProcess)
const latest = async (name: string, kind?: 'observation') =>
  (await t.h.store.assets.latest([{ asset: name, partition: null }], kind))[0]

describe('assets()', () => {
  test('one step makes several; one that is skipped has its reason', async () => {
    const made = assets(
      'shop',
      { outputs: { orders: output<number[]>('orders'), refunds: output<string>('refunds') } },
      () => ({ orders: [1], refunds: skip('none today') }),
    )
    const uses = asset('uses', { inputs: { orders: made.orders } }, ({ orders }) => orders.length)
    const waits = asset('waits', { inputs: { refunds: made.refunds } }, ({ refunds }) => refunds)
    const end = await t.h.materialize([uses, waits], ['orders', 'refunds', 'uses', 'waits'])
    expect(end).toMatchObject({ state: 'succeeded' })
    expect(
      (await t.h.store.steps.list(end.run)).map(({ name, kind, state, reason }) => [name, kind, state, reason]),
    ).toEqual([
      ['shop', 'assets', 'succeeded', 'none today'],
      ['uses', 'asset', 'succeeded', null],
      ['waits', 'asset', 'skipped', 'none today'],
    ])
    expect(await latest('refunds')).toBeUndefined()
  })

  test('what reads a skipped output is skipped, though an earlier run made it', async () => {
    let today = 0
    const made = assets(
      'shop',
      { outputs: { orders: output<number>('orders'), refunds: output<number>('refunds') } },
      () => {
        today++
        return { orders: today, refunds: today === 1 ? 1 : skip('none today') }
      },
    )
    const checked = made.refunds.checks({ some: { blocking: true, run: ({ value }) => ({ passed: value > 0 }) } })
    const sum = asset('sum', { inputs: { refunds: made.refunds } }, ({ refunds }) => refunds)
    const names = ['orders', 'refunds', 'sum']
    expect(await t.h.materialize([checked, sum], names)).toMatchObject({ state: 'succeeded' })
    const second = await t.h.materialize([checked, sum], names)
    expect(second).toMatchObject({ state: 'succeeded' })
    expect((await t.h.store.steps.list(second.run)).map(({ name, state, reason }) => [name, state, reason])).toEqual([
      ['shop', 'succeeded', 'none today'],
      ['refunds:some', 'skipped', 'none today'],
      ['sum', 'skipped', 'none today'],
    ])
  })

  test('without subset, asking for one makes all; with it, what is wanted', async () => {
    const wanted: string[][] = []
    const make = (subset: boolean) =>
      assets('both', { subset, outputs: { a: output<number>('a'), b: output<number>('b') } }, (_, context) => {
        wanted.push([...context.wanted].toSorted())
        return { a: 1, b: 2 }
      })
    await t.h.materialize(Object.values(make(false)), ['a'])
    expect([await latest('a'), await latest('b')]).toMatchObject([{ asset: 'a' }, { asset: 'b' }])
    const end = await t.h.materialize(Object.values(make(true)), ['b'])
    expect(wanted).toEqual([['a', 'b'], ['b']])
    expect((await latest('b'))?.run).toBe(end.run)
    expect((await latest('a'))?.run).not.toBe(end.run)
  })

  test('an output that is not returned is an error that names it', async () => {
    const made = assets(
      'both',
      { outputs: { a: output<number>('a'), b: output<number>('b') } },
      () => ({ a: 1 }) as never,
    )
    expect(await t.h.materialize([made], ['a', 'b'])).toMatchObject({
      state: 'failed',
      error: { cause: { code: 'DEFINITION_INVALID', message: expect.stringContaining('b ("b")') as string } },
    })
    expect(await latest('a')).toBeUndefined()
  })

  test('with columns, an output is a table', async () => {
    const { rows } = assets(
      't',
      { outputs: { rows: output('rows', { columns: z.object({ n: z.number() }) }) } },
      () => ({ rows: [{ n: 1 }, { n: 2 }] }),
    )
    const sum = asset('sum', { inputs: { rows } }, async ({ rows: table }) =>
      (await table.toArray()).reduce((all, { n }) => all + n, 0),
    )
    expect(await t.h.materialize([sum], ['rows', 'sum'])).toMatchObject({ state: 'succeeded' })
    expect(await t.h.values.read(sum, null, (await latest('sum'))!.value!)).toBe(3)
  })
})

describe('external assets', () => {
  test('are observed: a version and facts, no value', async () => {
    const feed = external('feed', { observe: () => ({ dataVersion: 'v7', metadata: { files: 3 } }) })
    expect(await t.h.materialize([feed], ['feed'])).toMatchObject({ state: 'succeeded' })
    expect(await latest('feed', 'observation')).toMatchObject({
      kind: 'observation',
      dataVersion: 'v7',
      value: null,
      metadata: { files: { type: 'number', value: 3 } },
    })
  })
  test('are read by a downstream where they say how', async () => {
    const feed = external('feed', {
      partitions: daily({ start: '2026-01-01' }),
      read: ({ partition }) => `feed of ${partition.key}`,
    })
    const one = asset('one', { partitions: daily({ start: '2026-01-01' }), inputs: { feed } }, ({ feed: text }) => text)
    expect(await t.h.materialize([one], ['one'], ['2026-01-01'])).toMatchObject({ state: 'succeeded' })
    const [made] = await t.h.store.assets.latest([{ asset: 'one', partition: '2026-01-01' }])
    expect(await t.h.values.read(one, '2026-01-01', made!.value!)).toBe('feed of 2026-01-01')
  })
  test('the version that was observed is part of what depends on it', async () => {
    let version = 'v1'
    const feed = external('feed', { observe: () => ({ dataVersion: version }) })
    const after = asset('after', { deps: [feed], codeVersion: '1' }, () => 1)
    const versions: (string | undefined)[] = []
    for (const next of ['v1', 'v1', 'v2']) {
      version = next
      await t.h.materialize([after], ['feed', 'after'])
      versions.push((await latest('after'))?.dataVersion)
    }
    expect(versions[0]).toBe(versions[1])
    expect(versions[1]).not.toBe(versions[2])
  })
})

describe('virtual assets', () => {
  test('hold nothing: their function is called when somebody reads them', async () => {
    let calls = 0
    const raw = asset('raw', () => 2)
    const view = asset('view', { virtual: true, inputs: { raw } }, ({ raw: n }) => {
      calls++
      return n * 10
    })
    const end = asset('end', { inputs: { view } }, ({ view: n }) => n + 1)
    const run = await t.h.materialize([end], ['raw', 'view', 'end'])
    expect(run).toMatchObject({ state: 'succeeded' })
    expect(calls).toBe(1)
    expect((await t.h.store.steps.list(run.run)).map(({ name }) => name)).toEqual(['raw', 'end'])
    expect(await t.h.values.read(end, null, (await latest('end'))!.value!)).toBe(21)
  })
})

describe('metadata', () => {
  test('has a type, given or told by looking', async () => {
    const a = asset('a', {}, (_, { metadata }) => {
      metadata({
        n: 1,
        text: 'x',
        flag: true,
        at: new Date(5),
        where: new URL('https://example.com/x'),
        any: { deep: [1] },
      })
      metadata({
        n: 2,
        md: meta.markdown('# x'),
        path: meta.path('/a'),
        table: meta.table([{ a: 1 }]),
        schema: meta.schema([{ name: 'a', type: 'number' }]),
        from: meta.columnLineage({ a: [{ asset: 'raw', column: 'b' }] }),
        image: meta.image('image/svg+xml', new TextEncoder().encode('<svg/>')),
      })
      return 1
    })
    await t.h.materialize([a], ['a'])
    expect((await latest('a'))?.metadata).toEqual({
      n: { type: 'number', value: 2 },
      text: { type: 'text', value: 'x' },
      flag: { type: 'boolean', value: true },
      at: { type: 'timestamp', value: 5 },
      where: { type: 'url', value: 'https://example.com/x' },
      any: { type: 'json', value: { deep: [1] } },
      md: { type: 'markdown', value: '# x' },
      path: { type: 'path', value: '/a' },
      table: { type: 'table', rows: [{ a: 1 }] },
      schema: { type: 'schema', columns: [{ name: 'a', type: 'number' }] },
      from: { type: 'columnLineage', columns: { a: [{ asset: 'raw', column: 'b' }] } },
      image: { type: 'image', mediaType: 'image/svg+xml', data: 'PHN2Zy8+' },
    })
  })
  test('what is none is refused, by name', async () => {
    const a = asset('a', {}, (_, { metadata }) => metadata({ fn: (() => 1) as never }))
    expect(await t.h.materialize([a], ['a'])).toMatchObject({
      state: 'failed',
      error: { cause: { message: expect.stringContaining('"fn"') as string } },
    })
  })
  test('a table says how many rows it has', async () => {
    const a = asset('a', { columns: z.object({ n: z.number() }) }, function* (_, { metadata }) {
      for (let n = 0; n < 5; n++) yield { n }
      metadata({ last: 4 })
    })
    await t.h.materialize([a], ['a'])
    expect((await latest('a'))?.metadata).toEqual({
      rows: { type: 'number', value: 5 },
      last: { type: 'number', value: 4 },
    })
  })
})

describe('data versions', () => {
  test('are a hash of the code version and of the inputs', async () => {
    const version = async (codeVersion: string, given: number): Promise<string | undefined> => {
      const raw = asset('raw', {}, (_, context) => {
        context.dataVersion(`raw ${given}`)
        return given
      })
      const made = asset('made', { codeVersion, inputs: { raw } }, ({ raw: n }) => n)
      await t.h.materialize([made], ['raw', 'made'])
      return (await latest('made'))?.dataVersion
    }
    const first = await version('1', 1)
    expect(await version('1', 1)).toBe(first)
    expect(await version('2', 1)).not.toBe(first)
    expect(await version('1', 2)).not.toBe(first)
    expect((await latest('made'))?.inputVersions).toEqual({ raw: 'raw 2' })
  })
  test('tell what was read: through a view, and where there was nothing', async () => {
    const raw = asset('raw', {}, (_, context) => {
      context.dataVersion('raw 1')
      return 1
    })
    const view = asset('view', { virtual: true, inputs: { raw } }, ({ raw: n }) => n + 1)
    const never = asset('never', () => 1)
    const made = asset('made', { inputs: { view, never: never.optional() } }, ({ view: n }) => n)
    await t.h.materialize([made], ['raw', 'made'])
    expect((await latest('made'))?.inputVersions).toEqual({ raw: 'raw 1', never: '' })
  })

  test('without a code version are new each time', async () => {
    const a = asset('a', () => 1)
    await t.h.materialize([a], ['a'])
    const first = (await latest('a'))?.dataVersion
    await t.h.materialize([a], ['a'])
    expect((await latest('a'))?.dataVersion).not.toBe(first)
  })
})
