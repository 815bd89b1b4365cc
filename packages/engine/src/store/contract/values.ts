import { expect, test } from 'vitest'
import type { StoredValue } from '@sluice/core'
import { aMaterialization, aStep, claim, create, drop, end, id, ok, record, running, type WithStore } from './rows.ts'

const file = (ref: string): StoredValue => ({ io: 'files', ref, bytes: 1, rows: null })

export function values(the: WithStore): void {
  test('partitions: keys in the order they were added, each once', async () => {
    const keys = () => the().partitions.keys('customers')
    const add = (...added: string[]) =>
      the().commit([{ change: 'partitions.add', name: 'customers', keys: added, at: 1 }])
    expect(await keys()).toEqual([])
    expect(await add('b', 'a', 'b')).toEqual([ok])
    await add('a', 'c')
    expect(await keys()).toEqual(['b', 'a', 'c'])
    expect(await the().commit([{ change: 'partitions.remove', name: 'customers', keys: ['b', 'z'] }])).toEqual([ok])
    await add('b')
    expect(await keys()).toEqual(['a', 'c', 'b'])
    const page = await the().partitions.page('customers', { limit: 2 })
    expect(page.map(({ key }) => key)).toEqual(['a', 'c'])
    const rest = await the().partitions.page('customers', { after: page[1]!.id, limit: 2 })
    expect(rest.map(({ key }) => key)).toEqual(['b'])
    expect([await the().partitions.count('customers'), await the().partitions.count('other')]).toEqual([3, 0])
    expect(await the().partitions.keys('other')).toEqual([])
  })

  test('cache: the last result wins, until it expires; writes are fenced', async () => {
    const run = await running(the(), 1)
    const put = (step: number, at: number, expiresAt: number | null, epoch = 1) =>
      ({ change: 'cache.put', epoch, run, step, key: 'k', value: { inline: String(step) }, at, expiresAt }) as const
    expect(await the().cache.get('k', 0)).toBeNull()
    expect(await the().commit([put(1, 10, null), put(9, 11, null, 3)])).toEqual([ok, drop('STALE_EPOCH')])
    expect(await the().cache.get('k', 99)).toEqual({ run, step: 1, value: { inline: '1' } })
    await the().commit([put(2, 20, 30)])
    await the().commit([put(1, 10, null)]) // sent again
    expect(await the().cache.get('k', 29)).toEqual({ run, step: 2, value: { inline: '2' } })
    expect(await the().cache.get('k', 30)).toBeNull()
    expect(await the().cache.get('other', 1)).toBeNull()
  })

  test('blobs: pieces by number, sent again and removed; listed by the beginning of their names', async () => {
    const put = (ref: string, piece: number, text: string) => ({ change: 'blob.put', ref, piece, text }) as const
    expect(
      await the().commit([put('v/a', 0, 'one'), put('v/a', 1, 'twö'), put('v/b', 0, ''), put('w', 0, 'x')]),
    ).toEqual([ok, ok, ok, ok])
    await the().commit([put('v/a', 0, 'one')])
    expect(await the().blobs.piece('v/a', 0)).toBe('one')
    expect(await the().blobs.piece('v/a', 1)).toBe('twö')
    expect(await the().blobs.piece('v/a', 2)).toBeNull()
    expect(await the().blobs.piece('v/b', 0)).toBe('')
    expect(await the().blobs.list({ prefix: 'v/' })).toEqual(['v/a', 'v/b'])
    expect(await the().blobs.list({ prefix: 'v/', after: 'v/a', limit: 1 })).toEqual(['v/b'])
    expect(await the().commit([{ change: 'blob.remove', refs: ['v/a', 'none'] }])).toEqual([ok])
    expect(await the().blobs.list({ prefix: '' })).toEqual(['v/b', 'w'])
    expect(await the().blobs.piece('v/a', 1)).toBeNull()
  })

  test('values.collectable: only what nothing needs, one row for each value', async () => {
    const old = await running(the(), 1)
    const made = (step: number, ref: string, over = {}) =>
      ({
        change: 'asset.record',
        epoch: 1,
        materialization: aMaterialization(old, step, { value: file(ref), at: 10, ...over }),
      }) as const
    await the().commit([
      made(1, 'first'),
      made(2, 'second'),
      made(3, 'newest'),
      made(4, 'slice', { partition: 'p' }),
      record(aStep(old, 1, { result: file('first') })),
      record(aStep(old, 5, { result: file('step') })),
      record(aStep(old, 6, { result: file('cached') })),
      record(aStep(old, 7, { result: file('shared') })),
      record(aStep(old, 8)),
      { change: 'cache.put', epoch: 1, run: old, step: 6, key: 'k', value: file('cached'), at: 1, expiresAt: 2000 },
    ])
    const collectable = async (before: number, limit = 100) =>
      (await the().values.collectable({ before, limit })).map(({ value }) => (value as { ref: string }).ref).toSorted()
    expect(await collectable(5000)).toEqual([]) // the run goes on
    await the().commit([end(old, 1, 'failed', 100)])
    const retry = await running(the(), 2)
    await the().commit([{ change: 'run.adopt', run: retry, epoch: 1, from: old }])
    await the().commit([end(retry, 1, 'crashed', 100)]) // it may be continued: what it adopted stays
    expect(await collectable(5000)).toEqual(['second'])
    await the().commit([{ change: 'run.cancel', run: retry, at: 110 }])
    expect(await collectable(5000)).toEqual(['cached', 'first', 'second', 'shared', 'step'])
    expect(await collectable(1500)).toEqual(['first', 'second', 'shared', 'step'])
    expect(await collectable(105)).toEqual(['second'])
    expect(await collectable(10)).toEqual([])
    expect(await collectable(5000, 2)).toHaveLength(2)
    const rows = await the().values.collectable({ before: 5000, limit: 100 })
    expect(rows.find((row) => (row.value as { ref: string }).ref === 'first')).toMatchObject({
      materialization: expect.any(Number),
      name: 'orders',
    })
    expect(rows.find((row) => (row.value as { ref: string }).ref === 'step')).toEqual({
      run: old,
      step: 5,
      name: 'page',
      value: file('step'),
    })
  })

  test('values.collectable: what is past so many versions, by what had settled, by manager, by run', async () => {
    const runs = [await running(the(), 1), await running(the(), 2), await running(the(), 3), await running(the(), 4)]
    const made = (nth: number, ref: string, over = {}) =>
      ({
        change: 'asset.record',
        epoch: 1,
        materialization: aMaterialization(runs[nth]!, 1, { value: file(ref), at: 10 * (nth + 1), ...over }),
      }) as const
    await the().commit([
      made(0, 'a1'),
      made(1, 'a2'),
      made(2, 'a3'),
      made(0, 'p1', { partition: 'p' }),
      made(1, 'p2', { partition: 'p', value: { ...file('p2'), io: 'other' } }),
      made(0, 'all', { asset: 'sums', partition: 'x' }),
      made(0, 'all', { asset: 'sums', partition: 'y' }),
      made(1, 'x2', { asset: 'sums', partition: 'x' }),
    ])
    const collectable = async (newer: number, settled: number, more = {}) =>
      (await the().values.collectable({ before: 0, limit: 9, versions: { newer, settled }, ...more }))
        .map(({ value }) => (value as { ref: string }).ref)
        .toSorted()
    expect(await collectable(1, 99)).toEqual([]) // the runs go on
    for (const run of runs) await the().commit([end(run, 1, 'succeeded', 50)])
    expect(await collectable(1, 99)).toEqual(['a1', 'a2', 'p1']) // one slice still has 'all'
    expect(await collectable(2, 99)).toEqual(['a1'])
    expect(await collectable(3, 99)).toEqual([])
    expect(await collectable(Infinity, 99)).toEqual([])
    expect(await collectable(1, 30)).toEqual(['a1', 'p1']) // whoever began at 30 may have read a2
    expect(await collectable(1, 20)).toEqual([])
    expect(await collectable(1, 99, { io: 'files' })).toEqual(['a1', 'a2', 'p1'])
    expect(await collectable(1, 99, { io: 'other' })).toEqual([])
    expect(await collectable(1, 99, { run: runs[2] })).toEqual(['a1', 'a2'])
    expect(await collectable(1, 99, { run: runs[3] })).toEqual([])
    expect(await collectable(9, 99, { run: runs[1], before: 20 })).toEqual(['a1', 'p1'])
  })

  test('values.dropped: gone from every row that shares it; a retry runs that step again', async () => {
    const old = await running(the(), 1)
    await the().commit([
      { change: 'asset.record', epoch: 1, materialization: aMaterialization(old, 1, { value: file('a') }) },
      record(aStep(old, 1, { result: file('a') })),
      record(aStep(old, 2, { result: file('b') })),
      record(aStep(old, 3)),
      { change: 'cache.put', epoch: 1, run: old, step: 2, key: 'k', value: file('b'), at: 1, expiresAt: null },
      { change: 'run.end', run: old, epoch: 1, state: 'succeeded', error: null, result: file('b'), at: 1 },
    ])
    const materialization = (await the().assets.history('orders'))[0]!.id
    const dropped = {
      change: 'values.dropped',
      materializations: [materialization],
      steps: [
        { run: old, step: 2 },
        { run: old, step: 99 },
      ],
    } as const
    expect(await the().commit([dropped, dropped])).toEqual([ok, ok])
    expect((await the().steps.list(old)).map((step) => [step.state, step.result])).toEqual([
      ['succeeded', null],
      ['succeeded', null],
      ['succeeded', { inline: '3' }],
    ])
    expect(await the().assets.history('orders')).toMatchObject([{ value: null }])
    expect(await the().runs.get(old)).toMatchObject({ result: null })
    expect(await the().cache.get('k', 0)).toBeNull()
    expect(await the().values.collectable({ before: 1e15, limit: 9 })).toEqual([])
    const retry = await running(the(), 2)
    await the().commit([{ change: 'run.adopt', run: retry, epoch: 1, from: old }])
    expect((await the().steps.list(retry)).map((step) => step.step)).toEqual([3])
  })

  test('values.collectable and dropped know the result of a run as its step 0', async () => {
    const run = await running(the(), 1)
    await the().commit([
      { change: 'run.end', run, epoch: 1, state: 'succeeded', error: null, result: file('r'), at: 1 },
    ])
    expect(await the().values.collectable({ before: 5000, limit: 9 })).toEqual([
      { run, step: 0, name: 'sync', value: file('r') },
    ])
    expect(await the().values.live([{ run, epoch: 1, step: 0, attempt: 1 }])).toEqual([true])
    await the().commit([{ change: 'values.dropped', materializations: [], steps: [{ run, step: 0 }] }])
    expect(await the().values.live([{ run, epoch: 1, step: 0, attempt: 1 }])).toEqual([false])
  })

  test('values.live: what the journal refers to, or a run may still publish', async () => {
    const run = await running(the(), 1)
    await the().commit([
      record(aStep(run, 1, { attempt: 2, result: file('a') })),
      record(aStep(run, 2)),
      { change: 'asset.record', epoch: 1, materialization: aMaterialization(run, 3, { value: file('b') }) },
      create(2),
    ])
    const slot = (step: number, attempt = 1, epoch = 1, of = run) => ({ run: of, epoch, step, attempt })
    const slots = [
      slot(1, 2),
      slot(1, 1),
      slot(2),
      slot(3),
      slot(9),
      slot(1, 2, 2),
      slot(1, 1, 1, id(2)),
      slot(1, 1, 1, id(9)),
    ]
    expect(await the().values.live(slots)).toEqual([true, true, true, true, true, true, true, false])
    await the().commit([end(run, 1, 'crashed')])
    expect(await the().values.live(slots)).toEqual([true, false, false, true, false, false, true, false])
    await the().commit([claim(run, 1)])
    expect(await the().values.live(slots)).toEqual([true, false, false, true, false, true, true, false])
    expect(await the().values.live([])).toEqual([])
  })
}
