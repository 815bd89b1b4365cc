import { expect, test } from 'vitest'
import { claim, create, end, id, running, type WithStore } from './rows.ts'

export function runReads(the: WithStore): void {
  const ids = async (q: Parameters<ReturnType<WithStore>['runs']['list']>[0]) =>
    (await the().runs.list(q)).map((run) => run.id)

  test('runs.find: exact, unique prefix, latest; nothing for none or several', async () => {
    expect(await the().runs.find('latest')).toBeNull()
    await the().commit([create(1, { id: 'rabc1' }), create(2, { id: 'rabd2' }), create(3, { id: 'rabd2x' })])
    expect((await the().runs.find('rabc'))?.id).toBe('rabc1')
    expect((await the().runs.find('rabd2'))?.id).toBe('rabd2')
    expect((await the().runs.find('latest'))?.id).toBe('rabd2x')
    expect(await Promise.all(['ra', 'rx', '', 'rabd'].map((prefix) => the().runs.find(prefix)))).toEqual([
      null,
      null,
      null,
      null,
    ])
    expect(await the().runs.get('rab')).toBeNull()
  })

  test('runs.list: newest first, in pages', async () => {
    await the().commit([1, 2, 3, 4, 5].map((nth) => create(nth)))
    expect(await ids({})).toEqual([5, 4, 3, 2, 1].map(id))
    expect(await ids({ limit: 2 })).toEqual([5, 4].map(id))
    expect(await ids({ limit: 2, before: id(4) })).toEqual([3, 2].map(id))
  })

  test('runs.list: every filter, and all of them together', async () => {
    const target = { kind: 'assets', selection: '*', assets: ['orders', 'sums'], partitions: null } as const
    await the().commit([
      create(1, { tags: { team: 'data', tier: '1' } }),
      create(2, { tags: { team: 'web' }, name: 'clean' }),
      create(3, { target, name: '*' }),
      create(4, { title: 'Load 100%_of it' }),
      claim(id(1)),
    ])
    expect(await ids({ states: ['running'] })).toEqual([id(1)])
    expect(await ids({ states: ['running', 'waiting'] })).toEqual([4, 3, 2, 1].map(id))
    expect(await ids({ states: [] })).toEqual([])
    expect(await ids({ name: 'clean' })).toEqual([id(2)])
    expect(await ids({ tag: 'team' })).toEqual([2, 1].map(id))
    expect(await ids({ tag: 'team=data' })).toEqual([id(1)])
    expect(await ids({ asset: 'sums' })).toEqual([id(3)])
    expect(await ids({ text: 'CLEA' })).toEqual([id(2)])
    expect(await ids({ text: '100%_' })).toEqual([id(4)])
    expect(await ids({ text: '%' })).toEqual([id(4)])
    expect(await ids({ text: '0001' })).toEqual([id(1)])
    expect(await ids({ tag: 'team', name: 'sync', states: ['running'], text: 'syn', before: id(2) })).toEqual([id(1)])
  })

  test('runs.active: those that somebody holds', async () => {
    await the().commit([create(1)])
    const canceling = await running(the(), 2)
    const held = await running(the(), 3)
    const ended = await running(the(), 4)
    await the().commit([{ change: 'run.cancel', run: canceling, at: 1 }, end(ended, 1, 'failed')])
    expect((await the().runs.active()).map((run) => run.id)).toEqual([canceling, held])
  })

  test('runs.resumable: the newest of its equals, if it crashed', async () => {
    const same = { kind: 'flow', name: 'sync', params: null, entry: 'flows.ts' }
    expect(await the().runs.resumable(same)).toBeNull()
    const first = await running(the(), 1)
    const second = await running(the(), 2)
    await the().commit([end(first, 1, 'crashed'), end(second, 1, 'crashed')])
    expect((await the().runs.resumable(same))?.id).toBe(second)
    expect(await the().runs.resumable({ ...same, params: '1' })).toBeNull()
    expect(await the().runs.resumable({ ...same, entry: null })).toBeNull()
    expect(await the().runs.resumable({ ...same, kind: 'task' })).toBeNull()
    await the().commit([create(3, { params: '1' }), create(4, { name: 'other' })]) // others do not count
    expect((await the().runs.resumable(same))?.id).toBe(second)
    await the().commit([create(5)])
    expect(await the().runs.resumable(same)).toBeNull()
  })

  test('runs.resumable tells partitions apart where they are given', async () => {
    const target = (partitions: readonly string[] | null) =>
      ({ kind: 'assets', selection: '*', assets: ['a'], partitions }) as const
    const one = await running(the(), 1, { target: target(['k1']), name: '*' })
    await the().commit([end(one, 1, 'crashed')])
    const same = { kind: 'assets', name: '*', params: null, entry: 'flows.ts' }
    expect((await the().runs.resumable({ ...same, partitions: ['k1'] }))?.id).toBe(one)
    expect(await the().runs.resumable({ ...same, partitions: ['k2'] })).toBeNull()
    expect(await the().runs.resumable({ ...same, partitions: null })).toBeNull()
    expect((await the().runs.resumable(same))?.id).toBe(one)
    await the().commit([create(2, { target: target(['k2']), name: '*' })])
    expect((await the().runs.resumable({ ...same, partitions: ['k1'] }))?.id).toBe(one)
  })
}
