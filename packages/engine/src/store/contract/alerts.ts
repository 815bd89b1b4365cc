import type { AlertMessage } from '@sluice/core'
import { expect, test } from 'vitest'
import { anEvent, claim, drop, id, ok, queued, types, type WithStore } from './rows.ts'

const message: AlertMessage = { id: 'e1-5', kind: 'test', at: 5, title: 'A test', text: 'A test.', data: { a: 1 } }
const add = (name: string, at = 1000) =>
  ({ change: 'alert.add', alert: { id: name, location: 'main', channel: 'webhook', message }, at }) as const
const take = (alert: string, attempts: number, until: number) =>
  ({ change: 'alert.take', alert, attempts, until }) as const

export function alerts(the: WithStore): void {
  const due = async (now: number) => (await the().alerts.due(now, 10)).map((one) => one.id)

  test('an alert is kept until it has left, tried by one at a time', async () => {
    expect(await the().commit([add('a'), add('a', 9000), add('b', 2000)])).toEqual([ok, ok, ok])
    expect(await the().alerts.due(1500, 10)).toEqual([
      {
        id: 'a',
        location: 'main',
        channel: 'webhook',
        message,
        state: 'waiting',
        attempts: 0,
        nextAt: 1000,
        error: null,
        createdAt: 1000,
        endedAt: null,
      },
    ])
    expect(await due(2000)).toEqual(['a', 'b'])
    expect(await the().commit([take('a', 0, 3000), take('a', 0, 3000)])).toEqual([ok, drop('LEASED')])
    expect(await due(2999)).toEqual(['b'])
    // Whoever tried it was killed: it is due again, and the one before decides nothing more.
    expect(await due(3000)).toEqual(['b', 'a'])
    const decide = { change: 'alert.decide', alert: 'a', error: null, nextAt: 0, at: 4000 } as const
    expect(
      await the().commit([
        take('a', 1, 5000),
        { ...decide, attempts: 1, state: 'sent' },
        { ...decide, attempts: 2, state: 'waiting', error: 'HTTP 500', nextAt: 7000 },
      ]),
    ).toEqual([ok, drop('LEASED'), ok])
    expect((await the().alerts.list({}))[1]).toMatchObject({ id: 'a', error: 'HTTP 500', nextAt: 7000, endedAt: null })
    await the().commit([
      take('a', 2, 9000),
      { ...decide, attempts: 3, state: 'sent' },
      take('a', 3, 9000),
      take('b', 0, 9000),
      { ...decide, alert: 'b', attempts: 1, state: 'failed', error: 'no' },
    ])
    expect(await due(99_000)).toEqual([])
    expect((await the().alerts.list({ limit: 1 })).map((one) => [one.id, one.state])).toEqual([['b', 'failed']])
    expect((await the().alerts.list({ before: 'b' })).map((one) => [one.id, one.state, one.endedAt])).toEqual([
      ['a', 'sent', 4000],
    ])
  })

  test('a consumer moves its cursor once, with what it made of the events', async () => {
    const move = (from: number | null, to: number) => ({ change: 'cursor.move', name: 'alerts', from, to }) as const
    expect(await the().events.cursor('alerts')).toBeNull()
    expect(await the().commit([move(null, 3), move(null, 4), [move(3, 7), add('a')], [move(3, 8), add('b')]])).toEqual([
      ok,
      drop('WATERMARK_MOVED'),
      ok,
      drop('WATERMARK_MOVED'),
    ])
    expect(await the().events.cursor('alerts')).toBe(7)
    expect(await due(99_000)).toEqual(['a'])
    const event = anEvent({ type: 'hook.failed' })
    await the().commit([
      { change: 'event.add', epoch: 0, event: anEvent() },
      { change: 'event.add', epoch: 0, event },
    ])
    expect(types(await the().events.list({ types: ['hook.failed', 'run.failed'] }))).toEqual(['hook.failed'])
  })

  test('what fails by itself leaves an event: ticks, code, workers', async () => {
    const failed = {
      scheduledFor: 2000,
      decidedAt: 2001,
      outcome: 'failed' as const,
      reason: null,
      error: { name: 'Error', code: 'TICK_FAILED', message: 'no' },
      runs: [],
      count: 1,
    }
    const its = { location: 'main', name: 'nightly' }
    const problem = (message: string | null) =>
      ({
        change: 'location.problem',
        location: 'main',
        problem: message === null ? null : { code: 'LOAD_FAILED', message, at: 3000 },
      }) as const
    const machine = { host: 'box', pid: 1, node: '26', sluice: '0' }
    const join = (worker: string, lease: number) =>
      ({
        change: 'worker.join',
        worker: {
          id: worker,
          name: 'w',
          pool: 'default',
          slots: 1,
          draining: false,
          versions: { main: ['1'] },
          machine,
        },
        lease,
      }) as const
    const decided = { revision: 0, from: 1000, to: 2000, ticks: [failed, { ...failed, outcome: 'skipped' } as const] }
    await the().commit([
      { change: 'schedule.put', ...its, origin: 'code', spec: {}, fingerprint: 'f', at: 1000 },
      { change: 'schedule.decide', ...its, ...decided },
      { change: 'sensor.put', location: 'main', name: 'files', spec: {}, at: 1 },
      { change: 'sensor.lease', location: 'main', name: 'files', by: 'a', lease: 60_000 },
      {
        change: 'sensor.decide',
        location: 'main',
        name: 'files',
        by: 'a',
        nextAt: 1,
        failures: 3,
        tick: failed,
      },
      problem('one'),
      problem('two'),
      problem(null),
      problem('three'),
      join('w1', -1000),
      join('w2', 60_000),
      queued(1),
      claim(id(1), 0, 'w1'),
      { change: 'worker.leave', worker: 'w1', expired: true, at: 4000 },
      { change: 'worker.leave', worker: 'w2', expired: false, at: 4000 },
    ])
    const events = await the().events.list({ types: ['tick.failed', 'location.failed', 'worker.lost'] })
    expect(events.map(({ type, at, data }) => [type, at, data])).toEqual([
      [
        'tick.failed',
        2001,
        { kind: 'schedule', ...its, scheduledFor: 2000, failures: null, code: 'TICK_FAILED', message: 'no' },
      ],
      [
        'tick.failed',
        2001,
        {
          kind: 'sensor',
          location: 'main',
          name: 'files',
          scheduledFor: 2000,
          failures: 3,
          code: 'TICK_FAILED',
          message: 'no',
        },
      ],
      ['location.failed', 3000, { location: 'main', code: 'LOAD_FAILED', message: 'one' }],
      ['location.failed', 3000, { location: 'main', code: 'LOAD_FAILED', message: 'three' }],
      [
        'worker.lost',
        4000,
        { worker: 'w1', name: 'w', pool: 'default', host: 'box', locations: ['main'], runs: [id(1)] },
      ],
    ])
  })
}
