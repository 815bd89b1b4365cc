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
    expect(await collectable(5000)).toEqual(['second']) // the run goes on
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
