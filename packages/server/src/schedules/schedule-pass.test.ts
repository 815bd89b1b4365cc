import type { Requested } from '@sluice/api/workers'
import { type Run, SluiceError, asset, daily, flow, grid, job, oneOf, schedule } from '@sluice/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Deciding, openDeciding } from '../fixtures/deciding.ts'

const at = (text: string): number => Temporal.Instant.from(`2026-01-01T${text}Z`).epochMilliseconds
const MINUTE = 60_000

let its: Deciding
beforeEach(async () => {
  its = await openDeciding('2026-01-01T00:00:00Z')
})
afterEach(() => its.close())

const byText = (a: unknown, b: unknown): number => (String(a) < String(b) ? -1 : 1)
const sync = flow('sync', () => 1)
const runs = async (): Promise<readonly Run[]> => (await its.store.runs.list({ limit: 1000 })).toReversed()
const dueTimes = async () =>
  (await runs()).map(({ cause }) => new Date(cause.scheduledFor!).toISOString().slice(11, 19))
const ticks = async (name = 'hourly') => {
  const list = await its.store.ticks.list({ kind: 'schedule', location: 'main', name, limit: 1000 })
  return list.toReversed().map(({ outcome, count, runs: ids, reason, error }) => ({
    outcome,
    count,
    runs: ids.length,
    reason,
    error: error?.code ?? null,
  }))
}

/** Lets time pass as a server lives through it. */
async function live(scheduler: { pass(): Promise<number> }, until: string, step = MINUTE / 4): Promise<void> {
  for (; its.now < at(until); its.now = Math.min(its.now + step, at(until))) await scheduler.pass()
  while ((await scheduler.pass()) > 0);
}

describe('what is due', () => {
  test('is launched once, under the time that it was due, with what the job says', async () => {
    const eu = job('eu', { target: sync, tags: { region: 'eu' }, pool: 'heavy' })
    await its.deploy([schedule('hourly', { cron: '0 * * * *', target: eu, tags: { by: 'clock' } })])
    await live(its.scheduler(), '02:30:00')
    expect(await dueTimes()).toEqual(['01:00:00', '02:00:00'])
    expect((await runs())[0]).toMatchObject({
      job: 'eu',
      tags: { region: 'eu', by: 'clock' },
      terms: { pool: 'heavy', location: 'main' },
      cause: { by: 'schedule', name: 'hourly' },
      state: 'waiting',
    })
    expect(await ticks()).toMatchObject([
      { outcome: 'launched', runs: 1 },
      { outcome: 'launched', runs: 1 },
    ])
  })

  test('is launched by one of several servers', async () => {
    await its.deploy(Array.from({ length: 20 }, (_, n) => schedule(`s${n}`, { cron: '* * * * *', target: sync })))
    const servers = [its.scheduler(), its.scheduler(), its.scheduler()]
    for (let n = 0; n < 40; n++) {
      its.now += MINUTE / 4
      await Promise.all(servers.map((one) => one.pass()))
    }
    const made = (await runs()).map(({ cause }) => `${cause.name} ${cause.scheduledFor}`)
    expect(made).toHaveLength(200)
    expect(new Set(made).size).toBe(200)
  })

  test('waits while it is paused, and what would have been due then never comes', async () => {
    await its.deploy([schedule('hourly', { cron: '0 * * * *', target: sync })])
    const scheduler = its.scheduler()
    const pause = (paused: boolean | null) =>
      its.store.commit([{ change: 'schedule.pause', location: 'main', name: 'hourly', paused, at: its.now }])
    await pause(true)
    await live(scheduler, '03:30:00')
    expect(await runs()).toEqual([])
    await pause(false)
    await live(scheduler, '04:30:00')
    expect(await dueTimes()).toEqual(['04:00:00'])
  })

  test('code that says paused, and code that takes it back', async () => {
    await its.deploy([schedule('hourly', { cron: '0 * * * *', target: sync, paused: true })])
    const scheduler = its.scheduler()
    await live(scheduler, '02:30:00')
    await its.deploy([schedule('hourly', { cron: '0 * * * *', target: sync })])
    scheduler.changed()
    await live(scheduler, '03:30:00')
    expect(await dueTimes()).toEqual(['03:00:00'])
  })

  test('starts later where it has jitter, under the same tick', async () => {
    await its.deploy([schedule('hourly', { cron: '0 * * * *', target: sync, jitter: '10m' })])
    await live(its.scheduler(), '03:30:00')
    const later = (await runs()).map(({ waitingFor, cause }) =>
      waitingFor?.for === 'time' ? waitingFor.until - cause.scheduledFor! : 0,
    )
    expect(await dueTimes()).toEqual(['01:00:00', '02:00:00', '03:00:00'])
    expect(new Set(later).size).toBe(3)
    expect(later.every((ms) => ms >= 0 && ms < 10 * MINUTE)).toBe(true)
  })

  test('makes the slice that ended at the tick, of a grid all of them', async () => {
    const days = daily({ start: '2025-12-01' })
    const sales = asset('sales', { partitions: days }, () => 1)
    const regions = asset('regions', { partitions: grid({ day: days, region: oneOf(['eu', 'us']) }) }, () => 1)
    await its.deploy([
      sales,
      regions,
      schedule('hourly', { cron: '0 1 * * *', target: sales }),
      schedule('grid', { cron: '0 1 * * *', target: regions }),
    ])
    await live(its.scheduler(), '01:30:00')
    expect(
      (await runs()).map(({ target }) => target.kind === 'assets' && target.partitions?.join()).toSorted(byText),
    ).toEqual(['2025-12-31', '2025-12-31|eu,2025-12-31|us'])
  })

  test('what cannot be launched is a failed tick that says why, and the next is tried', async () => {
    await its.deploy([schedule('hourly', { cron: '0 * * * *', target: 'group:none' })])
    await live(its.scheduler(), '02:30:00')
    expect(await ticks()).toMatchObject([{ outcome: 'failed', error: 'SELECTION_EMPTY' }, { outcome: 'failed' }])
    expect(its.said.join('\n')).toContain('group:none')
  })
})

describe('after downtime', () => {
  const policies = ['none', 'latest', 'all', { all: 2 }] as const
  const expected = { none: [], latest: ['05:00:00'], all: ['02:00:00', '03:00:00', '04:00:00', '05:00:00'] }
  test.each(policies)('catchUp %j: what was missed is said, and what was done', async (catchUp) => {
    await its.deploy([schedule('hourly', { cron: '0 * * * *', target: sync, catchUp })])
    await live(its.scheduler(), '01:30:00')
    its.now = at('05:30:00')
    const again = its.scheduler()
    await live(again, '05:31:00')
    const made = typeof catchUp === 'string' ? expected[catchUp] : ['04:00:00', '05:00:00']
    expect(await dueTimes()).toEqual(['01:00:00', ...made])
    const missed = (await ticks()).filter(({ outcome }) => outcome === 'missed')
    expect(missed.reduce((sum, { count }) => sum + count, 0)).toBe(4 - made.length)
    expect(its.said).toHaveLength(1)
    expect(its.said[0]).toContain('4 ticks from 2026-01-01 02:00 to 2026-01-01 05:00')
    await live(again, '06:30:00')
    expect(await dueTimes()).toEqual(['01:00:00', ...made, '06:00:00'])
    expect(its.said).toHaveLength(1)
  })

  test('a server that was away for a moment missed nothing', async () => {
    await its.deploy([schedule('hourly', { cron: '0 * * * *', target: sync, catchUp: 'none' })])
    await live(its.scheduler(), '00:59:58')
    its.now = at('01:00:06')
    await live(its.scheduler(), '01:00:07')
    expect(await dueTimes()).toEqual(['01:00:00'])
    expect(its.said).toEqual([])
  })

  test('a machine that slept, with the server in it', async () => {
    await its.deploy([schedule('hourly', { cron: '0 * * * *', target: sync, catchUp: 'none' })])
    const scheduler = its.scheduler()
    await live(scheduler, '00:30:00')
    its.now = at('03:30:00')
    await live(scheduler, '04:30:00')
    expect(await dueTimes()).toEqual(['04:00:00'])
    expect(its.said).toEqual([expect.stringContaining('3 ticks')])
  })

  test('a clock that goes back launches nothing twice', async () => {
    await its.deploy([schedule('hourly', { cron: '0 * * * *', target: sync })])
    const scheduler = its.scheduler()
    await live(scheduler, '02:30:00')
    its.now = at('01:30:00')
    await live(scheduler, '03:30:00')
    expect(await dueTimes()).toEqual(['01:00:00', '02:00:00', '03:00:00'])
  })
})

describe('params by a function', () => {
  const asking = schedule('hourly', { cron: '0 * * * *', target: sync, tags: { a: '1' }, params: () => ({}) })
  const run = (over: object = {}) => ({
    target: 'sync',
    params: null,
    title: null,
    once: null,
    tags: {},
    partition: null,
    limits: null,
    ...over,
  })
  const deploy = async (code: (scheduledFor: number) => Requested | Promise<Requested>) => {
    its.code = async (request) => code((request as { scheduledFor: number }).scheduledFor)
    await its.deploy([asking])
    return its.scheduler()
  }

  test('several runs, with tags and words that make them once', async () => {
    const scheduler = await deploy((due) => ({
      runs: [
        run({ params: '{"n":1}', title: 'first' }),
        run({ once: 'word', tags: { b: '2' } }),
        run({ once: `${due}` }),
      ],
    }))
    await live(scheduler, '02:30:00')
    await expect.poll(async () => (await ticks()).length).toBe(2)
    expect((await runs()).map(({ params, title, tags }) => [params, title, tags])).toEqual(
      expect.arrayContaining([
        ['{"n":1}', 'first', { a: '1' }],
        [null, null, { a: '1', b: '2' }],
      ]),
    )
    expect(await runs()).toHaveLength(5)
    expect(await ticks()).toMatchObject([
      { outcome: 'launched', runs: 3 },
      { outcome: 'launched', runs: 3 },
    ])
  })

  test('a skip is kept with its reason', async () => {
    await live(await deploy(() => ({ skipped: 'holiday' })), '01:30:00')
    await expect.poll(() => ticks()).toMatchObject([{ outcome: 'skipped', reason: 'holiday', runs: 0 }])
  })

  test('what it throws is a failed tick, and harms no other schedule', async () => {
    const scheduler = await deploy((due) => {
      if (due === at('01:00:00')) throw new TypeError('no such customer')
      return { runs: [run()] }
    })
    await its.deploy([asking, schedule('plain', { cron: '0 * * * *', target: sync })])
    await live(scheduler, '02:30:00')
    await expect
      .poll(() => ticks())
      .toMatchObject([
        { outcome: 'failed', error: 'TICK_FAILED' },
        { outcome: 'launched', runs: 1 },
      ])
    expect(await ticks('plain')).toHaveLength(2)
    expect(its.said.join('\n')).toContain('no such customer')
  })

  test('without a worker the tick waits, and is decided when one comes', async () => {
    const scheduler = await deploy(() => ({ runs: [run()] }))
    const { code } = its
    its.code = null
    await live(scheduler, '01:00:05', 1000)
    expect(await ticks()).toEqual([])
    its.code = code
    await live(scheduler, '01:00:09', 1000)
    await expect.poll(() => ticks()).toMatchObject([{ outcome: 'launched' }])
    expect(its.said).toEqual([])
  })

  test('a process that dies under it is asked again, three times', async () => {
    let asked = 0
    const scheduler = await deploy(() => {
      asked += 1
      throw new SluiceError('CHILD_EXITED', 'The process ended.')
    })
    await live(scheduler, '01:00:30', 500)
    await expect.poll(() => ticks()).toMatchObject([{ outcome: 'failed', error: 'CHILD_EXITED' }])
    expect(asked).toBe(3)
  })

  test('ticks that come while the code is slow are in time', async () => {
    const slow = Promise.withResolvers<Requested>()
    const scheduler = await deploy((due) => (due === at('01:00:00') ? slow.promise : { runs: [run()] }))
    await its.deploy([schedule('hourly', { cron: '0 * * * *', target: sync, catchUp: 'none', params: () => ({}) })])
    await live(scheduler, '02:30:00')
    slow.resolve({ runs: [run()] })
    await expect.poll(async () => (await ticks()).length).toBe(1)
    await live(scheduler, '02:31:00')
    await expect.poll(() => dueTimes()).toEqual(['01:00:00', '02:00:00'])
  })
})
