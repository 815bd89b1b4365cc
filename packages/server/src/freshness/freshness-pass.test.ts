import { type Freshness, asset, collect, daily, external, snapshotOf } from '@sluice/core'
import { type Store, reportAsset } from '@sluice/engine'
import { openSqliteInProcess } from '@sluice/storage'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { incidentOf } from '../alerts/incident.ts'
import { openFreshnessPass } from './freshness-pass.ts'

const HOUR = 3_600_000
const start = Temporal.Instant.from('2026-03-01T00:00Z').epochMilliseconds
let store: Store
let now: number
let active: { location: string; version: string; snapshot: ReturnType<typeof snapshotOf> }[]

const deploy = (policies: Readonly<Record<string, Freshness | undefined>>): void => {
  const assets = Object.entries(policies).map(([name, freshness]) =>
    external(name, { ...(freshness && { freshness }) }),
  )
  active = [{ location: 'main', version: JSON.stringify(policies), snapshot: snapshotOf(collect(assets)) }]
}
const made = async (asset: string): Promise<void> => {
  const definition = active[0]!.snapshot.assets.find(({ name }) => name === asset)!
  await reportAsset(store, { definition, report: { what: 'materialization' }, by: 'test', now })
}
const openPass = () =>
  openFreshnessPass({ store, locations: { active: () => Promise.resolve(active) }, now: () => now })
const told = async (): Promise<unknown[]> =>
  (await store.events.list({ types: ['freshness.changed'] })).map(({ asset, at, data }) => {
    const { from, to } = data as { from: string | null; to: string }
    return `${asset} ${from} ${to} ${(at - start) / HOUR}`
  })

beforeEach(async () => {
  store = await openSqliteInProcess(':memory:')
  now = start
})
afterEach(() => store.close())

describe('freshness', () => {
  test('is told when it changes, on time, and only then', async () => {
    deploy({ a: { within: '10h', warn: '8h' }, b: { by: '0 9 * * *', lookback: '2h' }, c: undefined })
    const pass = openPass()
    await made('a')
    await made('b')
    await made('c')
    for (; now <= start + 30 * HOUR; now += HOUR / 2) {
      if (now === start + 20 * HOUR) await made('a')
      if (now === start + 7 * HOUR) await made('b')
      while ((await pass()) > 0);
    }
    expect(await told()).toEqual([
      'a null passed 0',
      'b null passed 0',
      'a passed warned 8.5',
      'a warned failed 10.5',
      'a failed passed 20',
      'a passed warned 28.5',
    ])
    while (now < start + 34 * HOUR) {
      now += HOUR
      await pass()
    }
    expect((await told()).at(-1)).toBe('b passed failed 33.5')
    expect(await store.freshness.list()).toMatchObject([
      { asset: 'a', state: 'failed' },
      { asset: 'b', state: 'failed' },
    ])
  })

  test('of two servers one tells, also after one began late', async () => {
    deploy({ a: { within: '1h' } })
    await made('a')
    const [one, two] = [openPass(), openPass()]
    await one()
    now += 2 * HOUR
    await Promise.all([one(), two()])
    await Promise.all([one(), two(), openPass()()])
    await made('a')
    await Promise.all([one(), two()])
    await Promise.all([one(), two()])
    expect(await told()).toEqual(['a null passed 0', 'a passed failed 2', 'a failed passed 2'])
  })

  test('what a first look finds is told, save that something was never made', async () => {
    deploy({ a: { within: '1h' }, b: { within: '9h' }, never: { within: '1h' } })
    await made('a')
    await made('b')
    now += 2 * HOUR
    await openPass()()
    expect(await told()).toEqual(['a null failed 2', 'b null passed 2'])
    expect((await store.freshness.list()).map(({ asset, state }) => [asset, state])).toEqual([
      ['a', 'failed'],
      ['b', 'passed'],
      ['never', 'unknown'],
    ])
  })

  test('a new policy counts at once, and one that is gone leaves nothing', async () => {
    deploy({ a: { within: '9h' }, b: { within: '9h' } })
    await made('a')
    const pass = openPass()
    await pass()
    now += 2 * HOUR
    deploy({ a: { within: '1h' } })
    await pass()
    expect((await told()).at(-1)).toBe('a passed failed 2')
    expect((await store.freshness.list()).map(({ asset }) => asset)).toEqual(['a'])
  })

  test('what a commit that failed did not store is told by the next pass', async () => {
    deploy({ a: { within: '1h' } })
    await made('a')
    let fails = false
    const commit: Store['commit'] = (changes) => (fails ? Promise.reject(new Error('disk')) : store.commit(changes))
    const pass = openFreshnessPass({
      store: { ...store, commit },
      locations: { active: () => Promise.resolve(active) },
      now: () => now,
    })
    await pass()
    now += 2 * HOUR
    fails = true
    await expect(pass()).rejects.toThrow('disk')
    fails = false
    await pass()
    expect((await told()).at(-1)).toBe('a passed failed 2')
  })

  test('forgetting what was made is seen', async () => {
    deploy({ a: { within: '1h' } })
    await made('a')
    const pass = openPass()
    await pass()
    await store.commit([{ change: 'asset.wipe', asset: 'a', partitions: null, history: 'keep', at: now }])
    await pass()
    expect(await told()).toEqual(['a null passed 0', 'a passed unknown 0'])
  })

  test('of partitions the latest has to be there in time: an old one that is made again mends nothing', async () => {
    const freshness = { within: '6h', warn: '2h', partition: 'latest' } as const
    const days = asset('days', { partitions: daily({ start: '2026-02-25' }), freshness }, () => 1)
    active = [{ location: 'main', version: '1', snapshot: snapshotOf(collect([days])) }]
    const make = (partition: string) =>
      reportAsset(store, {
        definition: active[0]!.snapshot.assets[0]!,
        report: { what: 'materialization', partition },
        by: 'test',
        now,
      })
    await make('2026-02-27')
    await make('2026-02-28')
    const pass = openPass()
    for (; now <= start + 40 * HOUR; now += HOUR / 2) {
      if (now === start + 28 * HOUR) await make('2026-02-25')
      if (now === start + 34 * HOUR) await make('2026-03-01')
      while ((await pass()) > 0);
    }
    expect(await told()).toEqual([
      'days null passed 0',
      'days passed warned 26.5',
      'days warned failed 30.5',
      'days failed passed 34',
    ])
  })

  test('being late is an incident, and being fresh again is none', async () => {
    deploy({ a: { within: '2h', warn: '1h' } })
    await made('a')
    const pass = openPass()
    for (const hours of [1.5, 1, 0]) {
      now += hours * HOUR
      if (hours === 0) await made('a')
      await pass()
    }
    const events = await store.events.list({ types: ['freshness.changed'] })
    const incidents = events.map((event) => incidentOf(event, { run: null, before: null }))
    expect(incidents.map((one) => one && [one.message.kind, one.message.title, one.locations])).toEqual([
      ['freshness.warned', 'a will be late soon', ['main']],
      ['freshness.failed', 'a is late', ['main']],
      null,
    ])
    expect(incidents[1]!.message.text).toContain('It was made last 2 h 30 min ago.')
  })
})
