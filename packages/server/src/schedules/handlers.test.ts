import { type Client, createClient } from '@sluice/api/client'
import type { CodeRequest } from '@sluice/api/workers'
import { type Snapshot, asset, collect, daily, flow, job, oneOf, schedule, sensor, snapshotOf } from '@sluice/core'
import type { Store } from '@sluice/engine'
import { openSqliteInProcess } from '@sluice/storage'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { askedWorker } from '../fixtures/asked-worker.ts'
import { type Server, openServer } from '../server.ts'

let store: Store
let server: Server
let client: Client
const said: string[] = []

const sync = flow('sync', () => 1)
const definitions = [
  job('by-day', { target: sync, partitions: daily({ start: '2026-01-01' }), params: () => undefined as never }),
  job('by-name', { target: sync, partitions: oneOf(['eu', 'us']), params: () => undefined as never }),
  asset('orders', () => 1),
  schedule('nightly', { cron: '30 2 * * *', timeZone: 'Europe/Madrid', target: sync, tags: { a: '1' } }),
  schedule('asking', { every: '1d', target: sync, params: () => ({}), paused: true }),
  sensor('files', { targets: [sync], every: '1h', paused: true }, () => ({})),
]
const answer = (request: CodeRequest): unknown => {
  const run = { target: 'sync', params: '{"n":1}', title: 'one', once: 'w', tags: {}, partition: null, limits: null }
  if (request.request === 'tick') return { runs: [run] }
  if (request.request === 'look')
    return { runs: [run], cursor: '"next"', keys: [{ name: 'c', add: ['acme'], remove: [] }] }
  return { params: '{"n":2}', title: 'two', tags: ['t'], limits: [] }
}
const deploy = (all: readonly unknown[] = definitions): Snapshot => snapshotOf(collect(all))

beforeEach(async () => {
  said.length = 0
  store = await openSqliteInProcess(':memory:')
  server = await openServer({ store, port: 0, version: '0.1.0', say: (_, text) => said.push(text) })
  client = createClient({ url: server.url })
  askedWorker(server, deploy(), answer)
  await vi.waitUntil(async () => (await client.schedules.list()).schedules.length === 2, 5000)
})
afterEach(async () => {
  await server.close()
  await store.close()
})

const nightly = { location: 'main', name: 'nightly' }
const mine = { location: 'main', name: 'mine' }

describe('schedules by the API', () => {
  test('are listed in pages, with what they are and when they tick next', async () => {
    const first = await client.schedules.list({ limit: 1 })
    expect(first.schedules).toMatchObject([{ name: 'asking', paused: true, overridden: false, next: null, last: null }])
    const rest = await client.schedules.list({ limit: 1, cursor: first.next! })
    expect(rest).toMatchObject({ next: null, schedules: [{ name: 'nightly', origin: 'code', paused: false }] })
    expect(rest.schedules[0]!.next).toBeGreaterThan(Date.now() - 2000)
    await expect(client.schedules.get({ location: 'main', name: 'nope' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('a pause outlasts a deploy, and is taken back', async () => {
    const { schedule: one } = await client.schedules.pause({ ...nightly, body: { paused: true } })
    expect(one).toMatchObject({ paused: true, overridden: true, next: null })
    await server.context.locations.activate('main', 'v1')
    expect((await client.schedules.get(nightly)).schedule).toMatchObject({ paused: true, overridden: true })
    const { schedule: again } = await client.schedules.pause({ ...nightly, body: { paused: null } })
    expect(again).toMatchObject({ paused: false, overridden: false })
  })

  test('are made and changed at run time, kept apart from those of the code, and tick', async () => {
    const { schedule: made } = await client.schedules.put({
      ...mine,
      body: { every: '1s', target: 'sync', params: { n: 2 }, tags: { by: 'me' }, catchUp: { all: 3 } },
    })
    expect(made).toMatchObject({ origin: 'api', paused: false })
    await expect.poll(async () => (await client.ticks.list({ name: 'mine' })).ticks.length, { timeout: 60_000 }).toBe(2)
    const [run] = (await client.runs.list()).runs
    expect(run).toMatchObject({ params: '{"n":2}', title: 'two', tags: { by: 'me', t: '' }, cause: { by: 'schedule' } })
    // A deploy leaves it, and takes away what the code no longer has.
    await server.context.locations.register(
      { location: 'main', version: 'v2', snapshot: deploy([sync]), entries: [], git: null },
      null,
    )
    await server.context.locations.activate('main', 'v2')
    expect((await client.schedules.list()).schedules.map(({ name }) => name)).toEqual(['mine'])
    expect(await client.schedules.remove(mine)).toEqual({ removed: true })
    expect((await client.schedules.list()).schedules).toEqual([])
  })

  test('of a job whose params are made from a slice launch the one that had ended at the tick', async () => {
    const body = { every: '1s', target: 'by-day', tags: { by: 'me' } } as const
    expect((await client.schedules.put({ ...mine, body })).schedule).toMatchObject({
      spec: { asks: true, params: null },
    })
    const tested = await client.schedules.test({ ...mine, body: { scheduledFor: Date.UTC(2026, 0, 5, 3) } })
    expect(tested.runs).toMatchObject([{ partition: '2026-01-04', params: '{"n":2}', tags: { by: 'me', t: '' } }])
    // Before the first slice there is nothing to launch.
    expect((await client.schedules.test({ ...mine, body: { scheduledFor: 0 } })).runs).toEqual([])
    await expect
      .poll(async () => (await client.runs.list({ job: 'by-day' })).runs.length, { timeout: 60_000 })
      .toBeGreaterThan(0)
    const [run] = (await client.runs.list({ job: 'by-day' })).runs
    expect(run).toMatchObject({ params: '{"n":2}', cause: { by: 'schedule', name: 'mine' } })
    expect(run!.tags['sluice/partition']).toMatch(/^20\d\d-/)
    const refused = (target: string, more = {}) => client.schedules.put({ ...mine, body: { ...body, target, ...more } })
    await expect(refused('by-name')).rejects.toMatchObject({ code: 'PARTITION_REQUIRED' })
    await expect(refused('by-day', { params: { n: 1 } })).rejects.toMatchObject({ code: 'PARAMS_UNKNOWN' })
  })

  test('what cannot be is refused with its place', async () => {
    const put = (body: object) => client.schedules.put({ ...mine, body: { target: 'sync', ...body } })
    await expect(put({ cron: '99 * * * *' })).rejects.toMatchObject({ code: 'CRON_INVALID' })
    await expect(put({})).rejects.toMatchObject({ code: 'DEFINITION_INVALID' })
    await expect(put({ cron: '* * * * *', target: 'nothing' })).rejects.toMatchObject({ code: 'TARGET_UNKNOWN' })
    await expect(put({ cron: '* * * * *', timeZone: 'Mars' })).rejects.toMatchObject({ code: 'DEFINITION_INVALID' })
    await expect(
      client.schedules.put({ ...nightly, body: { cron: '* * * * *', target: 'sync' } }),
    ).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(client.schedules.remove(nightly)).rejects.toMatchObject({ code: 'CONFLICT' })
    expect((await put({ cron: '0 0 31 2 *' })).warnings.join()).toContain('never comes')
  })

  test('a preview marks what daylight saving does', async () => {
    const [from, to] = [Date.UTC(2026, 2, 28), Date.UTC(2026, 2, 31)]
    expect(await client.schedules.preview({ ...nightly, from, to })).toEqual({
      timeZone: 'Europe/Madrid',
      ticks: [
        {
          at: Date.UTC(2026, 2, 28, 1, 30),
          local: '2026-03-28T02:30:00+01:00',
          daylight: null,
          meant: '2026-03-28T02:30:00',
        },
        {
          at: Date.UTC(2026, 2, 29, 1),
          local: '2026-03-29T03:00:00+02:00',
          daylight: 'gap',
          meant: '2026-03-29T02:30:00',
        },
        {
          at: Date.UTC(2026, 2, 30, 0, 30),
          local: '2026-03-30T02:30:00+02:00',
          daylight: null,
          meant: '2026-03-30T02:30:00',
        },
      ],
      changes: [{ at: Date.UTC(2026, 2, 29, 1), from: '2026-03-29T02:00', to: '2026-03-29T03:00', kind: 'gap' }],
      next: null,
    })
    const elsewhere = await client.schedules.preview({ ...nightly, from, to, timeZone: 'UTC' })
    expect(elsewhere.ticks[0]!.local).toBe('2026-03-28T01:30:00+00:00')
    await expect(client.schedules.preview({ ...nightly, timeZone: 'Mars' })).rejects.toMatchObject({
      code: 'DEFINITION_INVALID',
    })
  })

  test('a test launches nothing and leaves no tick', async () => {
    const scheduledFor = Date.UTC(2026, 0, 1)
    const asking = await client.schedules.test({ location: 'main', name: 'asking', body: { scheduledFor } })
    expect(asking).toMatchObject({
      scheduledFor,
      skipped: null,
      runs: [{ params: '{"n":1}', once: 'w', title: 'one' }],
    })
    expect(await client.schedules.test({ ...nightly, body: {} })).toMatchObject({
      runs: [{ target: 'sync', tags: { a: '1' } }],
    })
    expect(await client.sensors.test({ location: 'main', name: 'files', body: {} })).toMatchObject({
      cursor: '"next"',
      keys: [{ name: 'c', add: ['acme'] }],
      runs: [{ once: 'w' }],
    })
    expect([await client.runs.list(), await client.ticks.list()]).toEqual([
      { runs: [], next: null },
      { ticks: [], next: null },
    ])
    expect((await client.sensors.get({ location: 'main', name: 'files' })).sensor).toMatchObject({ cursor: null })
  })

  test('ticks are found by what came of them, in pages', async () => {
    const tick = (n: number, outcome: 'launched' | 'skipped') => ({
      scheduledFor: n,
      decidedAt: n,
      outcome,
      reason: null,
      error: null,
      runs: [],
      count: 1,
    })
    const { watermark, revision } = (await store.schedules.get('main', 'nightly'))!
    const ticks = Array.from({ length: 30 }, (_, n) => tick(n, n % 3 === 0 ? 'skipped' : 'launched'))
    await store.commit([{ change: 'schedule.decide', ...nightly, revision, from: watermark, to: watermark + 1, ticks }])
    const first = await client.ticks.list({ name: 'nightly', outcome: 'skipped', limit: 6 })
    const rest = await client.ticks.list({ name: 'nightly', outcome: 'skipped', limit: 6, cursor: first.next! })
    expect([...first.ticks, ...rest.ticks].map(({ scheduledFor }) => scheduledFor)).toEqual(
      Array.from({ length: 10 }, (_, n) => 27 - n * 3),
    )
    expect(rest.next).toBeNull()
  })
})
