import { expect, test } from 'vitest'
import { anEvent, drop, id, ok, queued, type WithStore } from './rows.ts'

const its = { location: 'main', name: 'nightly' }
const put = (over: object = {}) =>
  ({
    change: 'schedule.put',
    ...its,
    origin: 'code',
    spec: { cron: '0 2 * * *' },
    fingerprint: 'f1',
    at: 1000,
    ...over,
  }) as const
const tick = (scheduledFor: number, runs: readonly string[] = []) => ({
  scheduledFor,
  decidedAt: scheduledFor + 1,
  outcome: 'launched' as const,
  reason: null,
  error: null,
  runs,
  count: 1,
})
const decide = (from: number, to: number, runs: readonly string[] = [], revision = 0) =>
  ({ change: 'schedule.decide', ...its, revision, from, to, ticks: [tick(to, runs)] }) as const

export function ticks(the: WithStore): void {
  const schedule = () => the().schedules.get('main', 'nightly')

  test('a schedule keeps its watermark and its pause over deploys', async () => {
    await the().commit([put()])
    expect(await schedule()).toEqual({
      ...its,
      origin: 'code',
      spec: { cron: '0 2 * * *' },
      fingerprint: 'f1',
      paused: null,
      retired: false,
      watermark: 1000,
      revision: 0,
    })
    await the().commit([
      { change: 'schedule.pause', ...its, paused: true, at: 1500 },
      put({ at: 2000, spec: { a: 1 } }),
    ])
    expect(await schedule()).toMatchObject({ paused: true, watermark: 1000, spec: { a: 1 } })
    await the().commit([put({ at: 3000, fingerprint: 'f2' })])
    expect(await schedule()).toMatchObject({ paused: true, watermark: 3000 })
    await the().commit([{ change: 'schedule.pause', ...its, paused: null, at: 4000 }])
    expect(await schedule()).toMatchObject({ paused: null, watermark: 4000 })
    await the().commit([{ change: 'schedule.remove', ...its }])
    expect(await schedule()).toMatchObject({ retired: true })
    await the().commit([put({ at: 5000, fingerprint: 'f2' })])
    expect(await schedule()).toMatchObject({ retired: false, watermark: 5000 })
    expect(await the().schedules.list('other')).toEqual([])
  })

  test('one that was made at run time is apart from those of the code', async () => {
    const mine = { name: 'mine', origin: 'api' } as const
    expect(await the().commit([put(mine), put({ name: 'mine' }), put(), put({ origin: 'api' })])).toEqual([
      ok,
      drop('NAME_TAKEN'),
      ok,
      drop('NAME_TAKEN'),
    ])
    await the().commit([{ change: 'schedule.remove', location: 'main', name: 'mine' }])
    expect((await the().schedules.list()).map(({ name }) => name)).toEqual(['nightly'])
    expect(await the().commit([{ change: 'schedule.remove', location: 'main', name: 'mine' }])).toEqual([
      drop('NAME_UNKNOWN'),
    ])
  })

  test('of two who decide the same tick one does, runs and all', async () => {
    await the().commit([put()])
    expect(await the().commit([[decide(1000, 2000, [id(1)]), queued(1)]])).toEqual([ok])
    expect(await the().commit([[decide(1000, 2000, [id(2)]), queued(2)]])).toEqual([drop('WATERMARK_MOVED')])
    expect(await the().runs.get(id(2))).toBeNull()
    expect(await schedule()).toMatchObject({ watermark: 2000 })
    await the().commit([decide(2000, 3000)])
    const all = await the().ticks.list({ kind: 'schedule', ...its })
    expect(all.map(({ scheduledFor, runs }) => [scheduledFor, runs])).toEqual([
      [3000, []],
      [2000, [id(1)]],
    ])
    expect((await the().ticks.list({ before: all[0]!.id })).map(({ scheduledFor }) => scheduledFor)).toEqual([2000])
  })

  test('what was decided before somebody changed the schedule is refused, of many each by itself', async () => {
    const changes = [
      { change: 'schedule.pause', ...its, paused: true, at: 1500 },
      { change: 'schedule.put', ...its, origin: 'code', spec: { b: 2 }, fingerprint: 'f', at: 1500 },
      { change: 'schedule.remove', ...its },
    ] as const
    const other = { location: 'main', name: 'yearly' }
    await the().commit([put(), { ...put(), ...other }])
    for (const [nth, change] of changes.entries()) {
      const { revision, watermark } = (await schedule())!
      await the().commit([change])
      const decided = decide(watermark, 2000, [id(1)], revision)
      const items = [
        [decided, queued(1)],
        [{ ...decided, ...other, revision: 0, from: 1000 + nth, to: 1001 + nth }, queued(10 + nth)],
        [{ ...decided, name: 'none' }, queued(2)],
      ] as const
      expect(await the().commit(items)).toEqual([drop('WATERMARK_MOVED'), ok, drop('NAME_UNKNOWN')])
      expect(await the().runs.get(id(10 + nth))).not.toBeNull()
      // The same once more is no change: a deploy does not undo what is decided just then.
      await the().commit([put()])
      const again = (await schedule())!
      await the().commit([{ ...put(), spec: again.spec }])
      expect(await schedule()).toEqual(again)
    }
    expect(await the().runs.get(id(1))).toBeNull()
  })

  test('a sensor is looked at by one at a time, and its cursor moves with what it launched', async () => {
    const sensor = { location: 'main', name: 'files' }
    const lease = (by: string, ms = 60_000) => ({ change: 'sensor.lease', ...sensor, by, lease: ms }) as const
    const look = (by: string, cursor?: string) =>
      ({
        change: 'sensor.decide',
        ...sensor,
        by,
        nextAt: 9000,
        failures: 0,
        tick: tick(2000, [id(1)]),
        ...(cursor !== undefined && { cursor }),
      }) as const
    await the().commit([{ change: 'event.add', epoch: 0, event: anEvent() }])
    await the().commit([{ change: 'sensor.put', ...sensor, spec: { every: '30s' }, at: 1000 }])
    expect(await the().sensors.get('main', 'files')).toMatchObject({ cursor: null, nextAt: 1000, failures: 0 })
    expect(await the().commit([lease('a'), lease('b'), lease('a')])).toEqual([ok, drop('LEASED'), ok])
    expect(
      await the().commit([
        [look('b', '1'), queued(2)],
        [look('a', '1'), queued(1)],
      ]),
    ).toEqual([drop('LEASED'), ok])
    expect(await the().sensors.get('main', 'files')).toMatchObject({ cursor: '1', nextAt: 9000, leasedBy: null })
    expect(await the().runs.get(id(2))).toBeNull()
    // A lease that has ended is free, and whoever had it decides nothing more.
    expect(await the().commit([lease('a', -1000), lease('b'), look('a')])).toEqual([ok, ok, drop('LEASED')])
    expect((await the().ticks.list({ kind: 'sensor' })).map(({ name }) => name)).toEqual(['files'])
    await the().commit([
      { change: 'sensor.pause', ...sensor, paused: true, at: 1 },
      { change: 'sensor.remove', ...sensor },
      { change: 'sensor.put', ...sensor, spec: {}, at: 1 },
    ])
    expect(await the().sensors.list('main')).toMatchObject([{ paused: true, retired: false, cursor: '1' }])
  })
}
