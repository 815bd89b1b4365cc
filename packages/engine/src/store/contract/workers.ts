import { expect, test } from 'vitest'
import type { Change } from '../changes.ts'
import type { LocationReads } from '../ports.ts'
import { claim, deliver, drop, id, ok, queued, type WithStore } from './rows.ts'

const worker = (nth: number) => ({
  id: `w${nth}`,
  name: 'laptop',
  pool: 'default',
  slots: 4,
  draining: false,
  versions: { main: ['v1'] },
  machine: { host: 'laptop', pid: 7, node: '26.10.0', sluice: '0.0.0' },
})
const snapshot = {
  flows: [],
  tasks: [],
  jobs: [],
  assets: [],
  schedules: [],
  sensors: [],
  resources: [],
  limits: [],
} as never
const version = (name: string, createdAt: number) => ({
  location: 'main',
  version: name,
  snapshot,
  entries: ['flows.ts'],
  git: { commit: 'abc', dirty: false, message: null },
  ...(createdAt > 1 && { parts: { code: `c${createdAt}`, lockfile: 'l' } }),
  bundle: null,
  createdAt,
})

export function workers(the: WithStore): void {
  test('a worker joins, is renewed, and leaves', async () => {
    await the().commit([{ change: 'worker.join', worker: worker(1), lease: 20_000 }])
    const [joined] = await the().workers.list()
    expect(joined).toMatchObject(worker(1))
    expect(joined!.leaseUntil - joined!.joinedAt).toBe(20_000)
    expect(
      await the().commit([
        { change: 'worker.renew', worker: 'w1', lease: 30_000, draining: true, versions: { main: ['v1', 'v2'] } },
        { change: 'worker.renew', worker: 'w2', lease: 30_000 },
      ]),
    ).toEqual([ok, drop('WORKER_UNKNOWN')])
    expect(await the().workers.list()).toMatchObject([{ draining: true, versions: { main: ['v1', 'v2'] } }])
    expect(await the().commit([{ change: 'worker.leave', worker: 'w1', expired: false, at: 5 }])).toEqual([ok])
    expect(await the().workers.list()).toEqual([])
  })

  test('a run is given to a session that is there, and to no other', async () => {
    const given = { ...claim(id(1), 0, 'w1'), bySession: true } as Change
    await the().commit([queued(1)])
    expect(await the().commit([given])).toEqual([drop('WORKER_UNKNOWN')])
    expect((await the().runs.get(id(1)))?.state).toBe('waiting')
    await the().commit([{ change: 'worker.join', worker: worker(1), lease: 20_000 }])
    expect(await the().commit([given])).toEqual([ok])
    expect(await the().runs.get(id(1))).toMatchObject({ state: 'running', owner: 'w1' })
  })

  test('a run that waits for code is looked at again when a worker offers some', async () => {
    const wait = { for: 'worker', version: 'v9' } as const
    await the().commit([
      { change: 'worker.join', worker: worker(1), lease: 20_000 },
      queued(1),
      { change: 'queue.wait', run: id(1), epoch: 0, until: 99_000, waitingFor: wait },
    ])
    expect((await the().runs.get(id(1)))?.waitingFor).toEqual(wait)
    expect([await the().queue.next('default', 5), await the().slots.summary()]).toEqual([[], []])
    await the().commit([{ change: 'worker.renew', worker: 'w1', lease: 20_000, versions: { main: ['v9'] } }])
    expect((await the().queue.next('default', 5)).map(({ run }) => run)).toEqual([id(1)])
  })

  test('what a worker held goes back to the queue with its session, uncounted, and its slots are free', async () => {
    await the().commit([
      { change: 'worker.join', worker: worker(1), lease: 60_000 },
      queued(1),
      queued(2),
      deliver(1),
      claim(id(1), 0, 'w1'),
      deliver(2),
      claim(id(2), 0, 'w1'),
      { change: 'run.cancel', run: id(2), at: 1600 },
    ])
    expect((await the().runs.ofOwner('w1')).map((run) => run.id)).toEqual([id(1), id(2)])
    expect(await the().workers.expired()).toMatchObject({ workers: [] })
    expect(await the().commit([{ change: 'worker.leave', worker: 'w1', expired: true, at: 5 }])).toEqual([
      drop('WORKER_UNKNOWN'),
    ])
    await the().commit([{ change: 'worker.leave', worker: 'w1', expired: false, at: 1700 }])
    expect(await the().runs.get(id(1))).toMatchObject({ state: 'waiting', epoch: 1, resumes: 0, owner: null })
    expect(await the().runs.get(id(2))).toMatchObject({ state: 'canceled' })
    expect(await the().slots.held({})).toEqual([])
    expect((await the().queue.next('default', 5)).map(({ run }) => run)).toEqual([id(1)])
    // The old holder is told so by its epoch, once somebody else has claimed it.
    await the().commit([deliver(1, 10, 1800, 1), claim(id(1), 1, 'w2')])
    expect(await the().runs.get(id(1))).toMatchObject({ state: 'running', epoch: 2, owner: 'w2' })
  })

  test('a lease that has ended, by the clock of the store', async () => {
    await the().commit([{ change: 'worker.join', worker: worker(1), lease: -1000 }])
    const { now, workers: expired } = await the().workers.expired()
    expect(expired).toEqual(['w1'])
    expect(Math.abs(now - Date.now())).toBeLessThan(60_000)
    expect(await the().commit([{ change: 'worker.leave', worker: 'w1', expired: true, at: 5 }])).toEqual([ok])
  })

  test('versions are registered, one is active, and a failure to load is remembered until the next', async () => {
    const problem = { code: 'LOAD_FAILED', message: 'no', at: 3 }
    expect(
      await the().commit([
        { change: 'location.register', version: version('v1', 1) },
        { change: 'location.register', version: version('v2', 2) },
        { change: 'location.register', version: { ...version('v1', 9), bundle: 'sha' } },
        { change: 'location.activate', location: 'main', version: 'v2', at: 2 },
        { change: 'location.activate', location: 'main', version: 'v3', at: 2 },
        { change: 'location.problem', location: 'main', problem },
      ]),
    ).toEqual([ok, ok, ok, ok, drop('NAME_UNKNOWN'), ok])
    expect(await the().locations.list()).toEqual([{ name: 'main', active: 'v2', activatedAt: 2, problem }])
    expect(await the().locations.version('main', 'v1')).toEqual({ ...version('v1', 1), bundle: 'sha' })
    const versions = async (page?: Parameters<LocationReads['versions']>[1]) =>
      (await the().locations.versions('main', page)).map((one) => one.version)
    expect(await versions()).toEqual(['v2', 'v1'])
    await the().commit([{ change: 'location.register', version: version('v0', 2) }])
    expect(await versions({ limit: 2 })).toEqual(['v0', 'v2'])
    expect(await versions({ before: { createdAt: 2, version: 'v0' } })).toEqual(['v2', 'v1'])
    expect(await versions({ before: { createdAt: 1, version: 'v1' } })).toEqual([])
    await the().commit([{ change: 'location.activate', location: 'main', version: 'v1', at: 4 }])
    expect(await the().locations.list()).toMatchObject([{ active: 'v1', problem: null }])
  })

  test('an event says that another version became active, and which one was before', async () => {
    const activate = (to: string, at: number) =>
      the().commit([{ change: 'location.activate', location: 'main', version: to, at }])
    await the().commit([
      { change: 'location.register', version: version('v1', 1) },
      { change: 'location.register', version: version('v2', 1) },
    ])
    await activate('v1', 2)
    await activate('v1', 3)
    await activate('v3', 4)
    await activate('v2', 5)
    const events = await the().events.list({ types: ['location.activated'] })
    expect(events.map(({ at, data }) => [at, data])).toEqual([
      [2, { location: 'main', from: null, to: 'v1' }],
      [5, { location: 'main', from: 'v1', to: 'v2' }],
    ])
  })
}
