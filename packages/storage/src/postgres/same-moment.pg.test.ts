import type { Change } from '@sluice/engine/store'
import { create } from '@sluice/engine/rows'
import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openPostgres, type SharedStore } from '../postgres.ts'
import { aDatabase, server } from '../testing.ts'

let database: Awaited<ReturnType<typeof aDatabase>>
let sql: pg.Client
let store: SharedStore

describe.runIf(server !== undefined)('decisions of the same moment', () => {
  beforeEach(async () => {
    database = await aDatabase()
    sql = database.sql
    store = await openPostgres(database.url)
  })
  afterEach(async () => {
    await store.close()
    await database.drop()
  })

  const machine = { host: 'h', pid: 1, node: '26', sluice: '0' }
  const worker = { id: 'w1', name: 'w', pool: 'default', slots: 1, draining: false, versions: {}, machine }
  const claim = { change: 'run.claim', run: 'r1', from: 0, owner: 'w1', at: 1, codeVersion: null } as const
  const given: Change = { ...claim, bySession: true }
  const waits = async (): Promise<void> =>
    vi.waitFor(async () => {
      const text = `select 1 from pg_locks join pg_stat_activity using (pid) where not granted and query ~ 'workers|schedules'`
      expect((await sql.query(text)).rowCount).toBeGreaterThan(0)
    })

  test('a session that ends while a run is given to it: the run is not given', async () => {
    await store.commit([{ change: 'worker.join', worker, lease: 9_000 }, create('r1')])
    await sql.query('begin')
    await sql.query(`delete from workers where id = 'w1'`)
    const claimed = store.commit([given])
    await waits()
    await sql.query('commit')
    expect(await claimed).toEqual([{ ok: false, code: 'WORKER_UNKNOWN' }])
    expect((await store.runs.get('r1'))?.state).toBe('waiting')
  })

  test('a run that is given to a session while that ends: the run is given back', async () => {
    await store.commit([{ change: 'worker.join', worker, lease: 9_000 }, create('r1')])
    // What a claim writes, up to its commit.
    await sql.query('begin')
    await sql.query(`update workers set slots = slots where id = 'w1'`)
    await sql.query(`update runs set state = 'running', epoch = 1, owner = 'w1' where id = 'r1'`)
    const left = store.commit([{ change: 'worker.leave', worker: 'w1', expired: false, at: 5 }])
    await waits()
    await sql.query('commit')
    expect(await left).toEqual([{ ok: true }])
    expect(await store.runs.get('r1')).toMatchObject({ state: 'waiting', owner: null })
  })

  test.each([
    ['a pause', { change: 'schedule.pause', location: 'main', name: 'hourly', paused: null, at: 5 }],
    [
      'new code',
      { change: 'schedule.put', location: 'main', name: 'hourly', origin: 'code', spec: {}, fingerprint: 'f', at: 5 },
    ],
  ] as const)('%s while a tick is decided: the watermark does not go back', async (_, change) => {
    const put = {
      change: 'schedule.put',
      location: 'main',
      name: 'hourly',
      origin: 'code',
      spec: {},
      at: 10,
    } as const
    await store.commit([{ ...put, fingerprint: 'f' }])
    await sql.query('begin')
    await sql.query(`update schedules set watermark = 14`)
    const changed = store.commit([change])
    await waits()
    await sql.query('commit')
    expect(await changed).toEqual([{ ok: true }])
    expect((await store.schedules.list())[0]?.watermark).toBe(14)
  })
})
