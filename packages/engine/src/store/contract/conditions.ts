import { expect, test } from 'vitest'
import { aMaterialization, drop, id, ok, queued, running, types, type WithStore } from './rows.ts'

const state = (isMoving: boolean) => JSON.stringify({ requested: false, isMoving, kind: 'none', nodes: {} })
const tree = { op: 'missing', true: true, asked: true } as const
const evaluation = (entity: string, at: number, run: string | null = null) => ({
  entity,
  at,
  requested: run !== null,
  run,
  error: null,
  tree: JSON.stringify(tree),
})
const decide = (from: number, over: object = {}) =>
  ({ change: 'conditions.decide', from, at: 1000 + from, states: [], gone: [], evaluations: [], ...over }) as const

export function conditions(the: WithStore): void {
  const head = () => the().conditions.head()
  const states = (after = 0) => the().conditions.states(after)

  test('what is remembered changes with each look that is decided', async () => {
    expect(await head()).toMatchObject({ version: 0, at: null, lastEvent: 0 })
    const first = [
      { entity: 'a', state: state(true) },
      { entity: 'b', state: state(false) },
    ]
    expect(await the().commit([decide(0, { states: first })])).toEqual([ok])
    expect(await head()).toMatchObject({ version: 1, at: 1000 })
    expect(await states()).toEqual(first)
    const second = [{ entity: 'b', state: state(true) }]
    expect(await the().commit([decide(1, { states: second, gone: ['a'] })])).toEqual([ok])
    expect(await states()).toEqual(second)
    expect([await states(1), await states(2)]).toEqual([second, []])
    expect(Math.abs((await head()).now - Date.now())).toBeLessThan(3_600_000)
  })

  test('of two who look at the same one decides, runs and cursor and all', async () => {
    const cursor = (from: number | null, to: number) =>
      ({ change: 'cursor.move', name: 'conditions', from, to }) as const
    expect(await the().commit([[decide(0), cursor(null, 5), queued(1)]])).toEqual([ok])
    expect(await the().commit([[decide(0), cursor(null, 6), queued(2)]])).toEqual([drop('WATERMARK_MOVED')])
    expect(await the().commit([[decide(1), cursor(4, 6), queued(2)]])).toEqual([drop('WATERMARK_MOVED')])
    expect([await the().runs.get(id(2)), (await head()).version]).toEqual([null, 1])
    expect(await the().commit([[decide(1), cursor(5, 6), queued(2)]])).toEqual([ok])
    expect((await the().runs.get(id(2)))?.id).toBe(id(2))
  })

  test('trees are kept in their order, newest first', async () => {
    const evaluations = [
      evaluation('a', 1000),
      evaluation('b', 1000, id(1)),
      { ...evaluation('a', 2000), error: { name: 'SluiceError', code: 'CONFLICT', message: 'no' } },
    ]
    await the().commit([decide(0, { evaluations })])
    const all = await the().conditions.evaluations({ entity: 'a' })
    expect(all).toMatchObject([
      { entity: 'a', at: 2000, requested: false, run: null, error: { code: 'CONFLICT' }, tree },
      { entity: 'a', at: 1000, error: null },
    ])
    expect(await the().conditions.evaluations({ entity: 'a', before: all[0]!.id })).toEqual([all[1]])
    expect(await the().conditions.evaluations({ entity: 'a', limit: 1 })).toEqual([all[0]])
    const latest = await the().conditions.latest(['a', 'b', 'c'])
    expect(latest.map(({ entity, at, run }) => [entity, at, run])).toEqual([
      ['a', 2000, null],
      ['b', 1000, id(1)],
    ])
    expect(await the().conditions.latest([])).toEqual([])
  })

  test('old trees go, the newest of each stays', async () => {
    const evaluations = [evaluation('a', 1000), evaluation('a', 2000), evaluation('b', 1000)]
    await the().commit([decide(0, { evaluations })])
    const { ids } = await the().history.old({ of: 'evaluations', before: 5000, limit: 10 })
    expect(ids).toHaveLength(1)
    await the().commit([{ change: 'history.forget', of: 'evaluations', ids, before: 5000 }])
    expect(await the().conditions.evaluations({ entity: 'a' })).toMatchObject([{ at: 2000 }])
    expect(await the().conditions.evaluations({ entity: 'b' })).toHaveLength(1)
  })

  test('pauses are what was said last', async () => {
    const pause = (entity: string, paused: boolean | null) => ({ change: 'conditions.pause', entity, paused }) as const
    await the().commit([pause('', true), pause('a', true), pause('b', true)])
    await the().commit([pause('a', false), pause('b', null)])
    expect(await the().conditions.pauses()).toEqual([
      { entity: '', paused: true },
      { entity: 'a', paused: false },
    ])
  })

  test('what is known of assets: slices, and the newest record with its run', async () => {
    const target = { kind: 'assets', selection: '*', assets: ['orders', 'days'], partitions: ['x', 'y'] } as const
    const run = await running(the(), 1, { target, tags: { team: 'data' } })
    const record = (step: number, over: object) =>
      ({ change: 'asset.record', epoch: 1, materialization: aMaterialization(run, step, over) }) as const
    await the().commit([
      record(1, { asset: 'days', partition: 'x', at: 3000 }),
      record(2, { asset: 'days', partition: 'y', at: 3500 }),
      record(3, { asset: 'days', partition: 'x', kind: 'observation', at: 4000 }),
      record(4, { asset: 'orders', at: 5000 }),
    ])
    const known = await the().conditions.known(['orders', 'days', 'none'])
    const days = known.find(({ asset }) => asset === 'days')!
    expect(days.made.toSorted()).toEqual(['x', 'y'])
    expect(days).toMatchObject({
      seen: ['x'],
      newest: { kind: 'materialization', partition: 'y', run, at: 3500, of: { target, tags: { team: 'data' } } },
      newestSeen: { kind: 'observation', partition: 'x', at: 4000 },
    })
    expect(known.find(({ asset }) => asset === 'orders')).toMatchObject({
      made: [''],
      seen: [],
      newest: { partition: null },
      newestSeen: null,
    })
    expect(known).toHaveLength(2)
    expect(await the().conditions.known([])).toEqual([])
  })

  test('runs of assets that are not over, the newest first', async () => {
    const target = { kind: 'assets', selection: '*', assets: ['orders'], partitions: null } as const
    const tests = {
      kind: 'checks',
      selection: '*',
      assets: ['orders'],
      checks: ['orders:full'],
      partitions: null,
    } as const
    const [first, over] = [await running(the(), 1, { target }), await running(the(), 2, { target })]
    await running(the(), 3)
    await the().commit([
      { change: 'run.end', run: over, epoch: 1, state: 'succeeded', error: null, result: null, at: 5000 },
      queued(4, {}, { target: tests }),
      queued(5),
    ])
    const ids = async (before?: string) => (await the().conditions.active(before)).map((one) => one.id)
    expect([await ids(), await ids(id(4)), await ids(first)]).toEqual([[id(4), first], [first], []])
  })

  test('that keys of a dynamic set came or went is told', async () => {
    const add = { change: 'partitions.add', name: 'customers', keys: ['eu'], at: 1000 } as const
    const remove = { change: 'partitions.remove', name: 'customers', keys: ['eu', 'us'] } as const
    await the().commit([add])
    await the().commit([add])
    await the().commit([remove])
    await the().commit([remove])
    const events = await the().events.list({})
    expect(types(events)).toEqual(['partitions.changed', 'partitions.changed'])
    expect(events[0]).toMatchObject({ at: 1000, data: { name: 'customers' } })
  })
}
