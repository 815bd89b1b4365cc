import type { Run } from '@sluice/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RunQuery } from '../ports.ts'
import { aRun, claim, create, end, id, running, type WithStore } from './rows.ts'

/** The time whose runs begin with this id. */
const idAt = (run: string): number => Number.parseInt(run.slice(1, 10), 36)

/** The filters of a list of runs, asked of one. */
function passes(run: Run, q: RunQuery): boolean {
  const contains = (text: string | null): boolean => text?.toLowerCase().includes(q.text!.toLowerCase()) === true
  const [tag, value] = q.tag?.split('=') ?? []
  const { target } = run
  const partitions = ('partitions' in target && target.partitions) || []
  return [
    q.states === undefined || q.states.includes(run.state),
    q.job === undefined || run.job === q.job,
    q.name === undefined || run.name === q.name,
    tag === undefined || (run.tags[tag] !== undefined && (value === undefined || run.tags[tag] === value)),
    q.owner === undefined || run.owners.includes(q.owner),
    q.asset === undefined || ('assets' in target && target.assets.includes(q.asset)),
    q.partition === undefined || partitions.includes(q.partition),
    q.text === undefined || run.id.startsWith(q.text) || contains(run.name) || contains(run.title),
    q.since === undefined || idAt(run.id) >= q.since,
    q.until === undefined || idAt(run.id) < q.until,
    q.before === undefined || run.id < q.before,
  ].every(Boolean)
}

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
    expect(await ids({ text: id(1) })).toEqual([id(1)])
    expect(await ids({ text: id(1).slice(0, -1) })).toEqual([4, 3, 2, 1].map(id))
    expect(await ids({ text: '0001' })).toEqual([])
    expect(await ids({ tag: 'team', name: 'sync', states: ['running'], text: 'syn', before: id(2) })).toEqual([id(1)])
  })

  test('runs.list: filters of any width, alone and together, give what asking every run gives', async () => {
    const made = Array.from({ length: 240 }, (_, n) =>
      aRun(n + 1, {
        state: n % 7 === 0 ? 'failed' : n % 11 === 0 ? 'crashed' : 'succeeded',
        job: `job-${n % 5}`,
        name: n < 20 ? 'old' : `job-${n % 5}`,
        title: n % 3 === 0 ? `Load part ${n} of 240` : null,
        tags: { team: n % 2 === 0 ? 'data' : 'web', ...(n === 100 && { urgent: '' }) },
        owners: [`team:${n % 4}`],
        ...(n % 6 === 0 && {
          target: {
            ...(n % 12 === 0 ? { kind: 'checks' as const, checks: ['a:good'] } : { kind: 'assets' as const }),
            selection: '*',
            assets: ['a', `b${n % 10}`],
            partitions: [`k"${n % 9}`, `k${n}`],
          },
        }),
      }),
    )
    await the().commit(made.map((run) => ({ change: 'run.create', run })))
    const choices: Readonly<Record<keyof RunQuery, readonly unknown[]>> = {
      states: [['failed'], ['failed', 'crashed', 'running'], ['running']],
      job: ['job-1', 'gone'],
      name: ['old', 'job-2'],
      tag: ['team', 'team=web', 'urgent', 'gone'],
      owner: ['team:3'],
      asset: ['a', 'b8', 'gone'],
      partition: ['k"3', 'k12', 'gone'],
      text: ['LOAD', 'job-', 'of 2', 'part 12', 'zz', id(1).slice(0, -2)],
      since: [idAt(id(50))],
      until: [idAt(id(200))],
      before: [id(150)],
      limit: [7, 1000],
    }
    const names = Object.keys(choices) as (keyof RunQuery)[]
    const values = fc.record(Object.fromEntries(names.map((name) => [name, fc.constantFrom(...choices[name])])), {
      requiredKeys: [],
    })
    await fc.assert(
      fc.asyncProperty(values, async (q: RunQuery) => {
        const expected = made
          .filter((run) => passes(run, q))
          .toReversed()
          .map((run) => run.id)
        expect(await ids(q)).toEqual(expected.slice(0, q.limit ?? 50))
      }),
      { numRuns: 80 },
    )
  })

  test('runs.counts: by time and state, whatever the filter', async () => {
    const made = Array.from({ length: 90 }, (_, n) => ({
      ...aRun(n + 1, {
        state: n % 7 === 0 ? 'failed' : 'succeeded',
        job: `job-${n % 3}`,
        tags: n % 4 === 0 ? { team: 'data' } : {},
        owners: [`team:${n % 2}`],
      }),
      id: `r${(1_000_000 + n * 1_000).toString(36).padStart(9, '0')}${n}`,
      createdAt: 1_000_000 + n * 1_000,
    }))
    await the().commit(made.map((run) => ({ change: 'run.create', run })))
    const queries: Omit<RunQuery, 'before' | 'limit'>[] = [
      {},
      { states: ['failed'] },
      { states: [] },
      { job: 'job-1' },
      { tag: 'team', states: ['failed', 'crashed'] },
      { owner: 'team:1', job: 'job-2', since: 1_020_500 },
      { text: 'job-' },
      { name: 'gone' },
    ]
    for (const q of queries) {
      const found = await the().runs.counts({ ...q, until: 1_080_000, parts: 7 })
      expect(found).toMatchObject({ since: q.since ?? 1_000_000, until: 1_080_000 })
      expect(found.counts).toEqual(
        Array.from({ length: 7 }, (_, part) => {
          const since = found.since + part * found.width
          const times = { since, until: Math.min(1_080_000, since + found.width) }
          const own = made.filter((run) => passes(run, { ...q, ...times }))
          const states = Object.entries(Object.groupBy(own, ({ state }) => state))
          return { from: since, states: Object.fromEntries(states.map(([s, runs]) => [s, runs.length])), isMore: false }
        }),
      )
    }
    const many = Array.from({ length: 1_001 }, (_, n) => ({
      ...aRun(n + 1, { owners: ['many'] }),
      id: `r${(2_000_000).toString(36).padStart(9, '0')}${String(n).padStart(4, '0')}`,
    }))
    await the().commit(many.map((run) => ({ change: 'run.create', run })))
    const { counts } = await the().runs.counts({ owner: 'many', since: 1_900_000, until: 2_100_000, parts: 2 })
    expect(counts).toMatchObject([
      { states: {}, isMore: false },
      { states: { waiting: 1_000 }, isMore: true },
    ])
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
