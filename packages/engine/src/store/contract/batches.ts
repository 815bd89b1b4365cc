import { expect, test } from 'vitest'
import {
  aLine,
  aMaterialization,
  anEvent,
  aStep,
  claim,
  create,
  drop,
  end,
  id,
  ok,
  record,
  running,
  type WithStore,
} from './rows.ts'

export function batches(the: WithStore): void {
  test('an empty batch, and an empty array', async () => {
    expect(await the().commit([])).toEqual([])
    expect(await the().commit([[]])).toEqual([ok])
  })

  test('a batch sees what came before in it', async () => {
    expect(
      await the().commit([
        create(1),
        claim(id(1)),
        record(aStep(id(1), 1)),
        end(id(1), 1, 'succeeded'),
        record(aStep(id(1), 2)),
      ]),
    ).toEqual([ok, ok, ok, ok, drop('RUN_ENDED')])
  })

  test('an array stands or falls together, with the first reason; what is around it is kept', async () => {
    const run = await running(the(), 1)
    const asset = { change: 'asset.record', epoch: 1, materialization: aMaterialization(run, 1) } as const
    expect(
      await the().commit([
        record(aStep(run, 1)),
        [record(aStep(run, 2)), asset, record(aStep(run, 1, { seq: 9 })), record(aStep(run, 3), 7)],
        [record(aStep(run, 4)), { ...asset, materialization: aMaterialization(run, 4) }],
        record(aStep(run, 5)),
      ]),
    ).toEqual([ok, drop('STEP_ENDED'), ok, ok])
    expect((await the().steps.list(run)).map((step) => step.step)).toEqual([1, 4, 5])
    expect((await the().assets.history('orders')).map((it) => it.step)).toEqual([4])
    expect(await the().assets.summary()).toMatchObject([{ asset: 'orders', count: 1 }])
  })

  test('an array that fell leaves its run as it was', async () => {
    await the().commit([create(1)])
    expect(
      await the().commit([
        [claim(id(1)), record(aStep(id(1), 1)), record(aStep(id(9), 1))],
        record(aStep(id(1), 1)),
        claim(id(1), 0, 'o2'),
      ]),
    ).toEqual([drop('RUN_UNKNOWN'), drop('STALE_EPOCH'), ok])
    expect(await the().runs.get(id(1))).toMatchObject({ epoch: 1, owner: 'o2' })
    expect((await the().events.list({ run: id(1) })).map((event) => event.type)).toEqual(['run.created', 'run.started'])
  })

  test('many batches at once are answered each by its own', async () => {
    const run = await running(the(), 1)
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, index) =>
        the().commit(
          index % 3 === 0
            ? [record(aStep(run, index + 1), 5)]
            : [record(aStep(run, index + 1)), record(aStep(id(9), 1))],
        ),
      ),
    )
    expect(answers).toEqual(
      answers.map((_, index) => (index % 3 === 0 ? [drop('STALE_EPOCH')] : [ok, drop('RUN_UNKNOWN')])),
    )
    expect(await the().steps.counts(run)).toEqual({ succeeded: 200 })
  })

  test('a change that cannot be stored at all fails its own batch only, and leaves nothing', async () => {
    const run = await running(the(), 1)
    const broken = record(aStep(run, 2, { name: { not: 'text' } as never }))
    const [first, second, third] = await Promise.allSettled([
      the().commit([record(aStep(run, 1))]),
      the().commit([record(aStep(run, 3)), broken]),
      the().commit([record(aStep(run, 4))]),
    ])
    expect(first.status).toBe('fulfilled')
    expect(second.status).toBe('rejected')
    expect(third.status).toBe('fulfilled')
    expect((await the().steps.list(run)).map((step) => step.step)).toEqual([1, 4])
  })

  test('events and lines are kept in order, and paged', async () => {
    const run = await running(the(), 1)
    const event = { change: 'event.add', epoch: 1, event: anEvent({ run, step: 3, data: { a: [1, null] } }) } as const
    const log = (...messages: string[]) =>
      ({
        change: 'log.add',
        epoch: 1,
        run,
        lines: messages.map((message) => aLine(run, message, { step: 2, data: '{}' })),
      }) as const
    expect(await the().commit([event, log('a', 'b'), { ...event, epoch: 3 }, log('c')])).toEqual([
      ok,
      ok,
      drop('STALE_EPOCH'),
      ok,
    ])
    expect(await the().events.first()).toBe(1)
    const [created, started, warned] = await the().events.list({})
    expect(warned).toEqual({ ...event.event, id: warned!.id })
    expect(created!.id < started!.id && started!.id < warned!.id).toBe(true)
    expect(await the().events.list({ after: started!.id })).toEqual([warned])
    expect(await the().events.list({ run: id(9) })).toEqual([])
    expect(await the().events.list({ run, limit: 1 })).toEqual([created])
    const lines = await the().logs.list({ run })
    expect(lines.map((line) => line.message)).toEqual(['a', 'b', 'c'])
    expect(lines[0]).toEqual({ ...aLine(run, 'a', { step: 2, data: '{}' }), id: lines[0]!.id })
    expect((await the().logs.list({ run, after: lines[0]!.id, limit: 1 })).map((line) => line.message)).toEqual(['b'])
    expect(await the().logs.list({ run, step: 1 })).toEqual([])
    expect(await the().logs.counts(run)).toEqual({ 2: 3 })
    expect(await the().logs.counts(id(9))).toEqual({})
    expect(await the().logs.list({ run, step: 2 })).toEqual(lines)
  })

  test('lines are found by what they say', async () => {
    const run = await running(the(), 1)
    const lines = [
      aLine(run, 'Loaded 100% of it', { step: 1 }),
      aLine(run, 'loading', { step: 2 }),
      aLine(run, 'done', { step: 2, data: '{"what":"LOADED"}' }),
    ]
    await the().commit([{ change: 'log.add', epoch: 1, run, lines }])
    const [one, , three] = await the().logs.list({ run })
    const find = async (q: object) => (await the().logs.find({ run, text: 'loaded', ...q })).ids
    expect(await the().logs.find({ run, text: 'loaded' })).toEqual({ ids: [one!.id, three!.id], next: null })
    expect(await find({ step: 2 })).toEqual([three!.id])
    expect(await find({ after: one!.id })).toEqual([three!.id])
    expect(await find({ text: '0%' })).toEqual([one!.id])
    expect(await find({ text: '0_' })).toEqual([])
    expect(await find({ run: id(9) })).toEqual([])
  })

  test('events are read from the end too', async () => {
    const run = await running(the(), 1)
    await running(the(), 2)
    const types = async (q: object) => (await the().events.recent({ limit: 10, ...q })).events.map(({ type }) => type)
    const recent = await the().events.recent({ limit: 3 })
    expect(recent.events).toEqual((await the().events.list({})).toReversed().slice(0, 3))
    expect(recent.next).toBe(recent.events.at(-1)!.id)
    expect(await types({ before: recent.next! })).toEqual(['run.created'])
    expect(await the().events.recent({ limit: 10 })).toMatchObject({ next: null })
    expect(await types({ types: ['run.started'] })).toEqual(['run.started', 'run.started'])
    expect(await types({ types: ['run'], run })).toEqual(['run.started', 'run.created'])
    expect(await types({ types: ['tick', 'asset.failed'] })).toEqual([])
    expect(await types({ asset: 'orders' })).toEqual([])
  })

  test('a failure that a person knows of is remembered until that is taken back, or long ago', async () => {
    const day = 86_400_000
    const know = (failure: string, by: string | null, at: number) =>
      ({ change: 'failure.acknowledge', failure, by, at }) as const
    expect(await the().commit([know('a', 'ann', day), know('b', 'bob', 2 * day), know('a', 'cy', 3 * day)])).toEqual([
      ok,
      ok,
      ok,
    ])
    expect(await the().failures.acknowledged(10)).toEqual([
      { failure: 'a', by: 'cy', at: 3 * day },
      { failure: 'b', by: 'bob', at: 2 * day },
    ])
    await the().commit([know('a', null, 4 * day)])
    expect(await the().failures.acknowledged(10)).toMatchObject([{ failure: 'b' }])
    await the().commit([know('c', 'ann', 93 * day)])
    expect(await the().failures.acknowledged(10)).toMatchObject([{ failure: 'c' }])
  })

  test('numbered events and lines that are sent again are there once', async () => {
    const run = await running(the(), 1)
    const log = { change: 'log.add', epoch: 1, run, lines: [aLine(run, 'same'), aLine(run, 'same')] } as const
    const event = { change: 'event.add', epoch: 1, event: anEvent({ run }) } as const
    const batch = [
      { ...log, once: 1 },
      { ...event, once: 2 },
      { ...log, once: 3 },
    ]
    await the().commit(batch)
    expect(await the().commit(batch)).toEqual([ok, ok, ok])
    expect(await the().logs.list({ run })).toHaveLength(4)
    expect(await the().events.list({ run })).toHaveLength(3)
    await the().commit([log, log]) // without a number each is a new one
    expect(await the().logs.list({ run })).toHaveLength(8)
  })

  test('an event without a run needs no epoch', async () => {
    expect(
      await the().commit([{ change: 'event.add', epoch: 0, event: anEvent({ asset: 'orders', partition: 'p' }) }]),
    ).toEqual([ok])
    expect(await the().events.list({})).toMatchObject([{ run: null, asset: 'orders', partition: 'p' }])
  })
}
