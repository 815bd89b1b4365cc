import { type AnyAsset, SluiceError, asset, daily, dynamic, eager, hourly, onMissing, ref, when } from '@sluice/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Looking, MINUTE, openLooking } from '../fixtures/looking.ts'

let the: Looking
beforeEach(async () => {
  the = await openLooking('2026-01-01T12:00:00Z')
})
afterEach(() => the.close())

const a = asset('a', () => 1)
const below = (name: string, ...deps: readonly AnyAsset[]) => asset(name, { deps, condition: eager() }, () => 1)

describe('the runs of one look', () => {
  const counts = async () =>
    (await the.requested()).map(({ target }) => ('assets' in target ? target.assets.length : 0))

  test('a chain is one, a diamond is one, two that do not hang together are two', async () => {
    const [b1, c1] = [below('b1', a), below('c1', a)]
    const d = below('d', b1, c1)
    const chain = [below('e1')]
    for (let n = 2; n <= 5; n += 1) chain.push(below(`e${n}`, chain.at(-1)!))
    await the.its.deploy([a, b1, c1, d, ...chain])
    await the.make('a')
    await the.look()
    expect((await counts()).toSorted((left, right) => left - right)).toEqual([3, 5])
    await the.work()
    await the.look()
    expect(await counts()).toHaveLength(2)
  })

  test('another pool is another run, after the first', async () => {
    const b = asset('b', { deps: [a], condition: eager(), pool: 'heavy' }, () => 1)
    await the.its.deploy([a, b, below('c', b)])
    await the.make('a')
    await the.look()
    expect(await the.targets()).toEqual(['b'])
    expect((await the.requested())[0]!.terms!.pool).toBe('heavy')
    await the.work()
    await the.look()
    expect(await the.targets()).toEqual(['b', 'c'])
  })

  test('hourly to daily: one for each hour, and the day when its hours are there', async () => {
    const hours = asset('hours', { partitions: hourly({ start: '2026-01-01' }), condition: onMissing() }, () => 1)
    const days = asset(
      'days',
      { partitions: daily({ start: '2026-01-01' }), deps: [hours], condition: eager() },
      () => 1,
    )
    await the.its.deploy([hours, days])
    const both = new Set(['hours', 'days'])
    the.its.now = Date.parse('2026-01-01T00:59:00Z')
    for (let n = 0; n < 24; n += 1) {
      await the.look()
      await the.work(both)
      the.its.now = Date.parse('2026-01-01T01:00:00Z') + n * 60 * MINUTE
      expect(await the.waiting()).toEqual([])
    }
    await the.look()
    expect((await the.targets()).at(-1)).toBe('hours 2026-01-01-23:00')
    expect(await the.targets()).toHaveLength(24)
    await the.work(both)
    await the.look()
    expect((await the.targets()).slice(24)).toEqual(['days 2026-01-01'])
  })

  test('two locations: each its own, the second when the first is made', async () => {
    const b = below('b', a)
    await the.its.deploy([a, b], { second: [below('c', ref('b'))] })
    await the.make('a')
    await the.look()
    expect((await the.requested()).map(({ terms }) => terms!.location)).toEqual(['main'])
    await the.work()
    await the.look()
    expect((await the.requested()).map(({ terms, name }) => [terms!.location, name])).toEqual([
      ['main', 'b'],
      ['second', 'c'],
    ])
  })

  test('keys that are added to a dynamic set are one run', async () => {
    const of = asset('of', { partitions: dynamic('customers'), condition: eager() }, () => 1)
    await the.its.deploy([of])
    await the.look()
    await the.its.store.commit([{ change: 'partitions.add', name: 'customers', keys: ['us', 'eu'], at: the.its.now }])
    await the.look()
    expect(await the.targets()).toEqual(['of eu,us'])
    the.its.now += MINUTE
    await the.its.store.commit([{ change: 'partitions.add', name: 'customers', keys: ['br'], at: the.its.now }])
    await the.look()
    expect(await the.targets()).toEqual(['of eu,us', 'of br'])
  })

  test('what cannot be one run says why, once, and harms no other', async () => {
    const [b1, c1] = ['1', '2'].map((value) =>
      asset(`b${value}`, { deps: [a], condition: eager(), env: { MODE: value } }, () => 1),
    ) as [AnyAsset, AnyAsset]
    const d = asset('d', { deps: [b1, c1], condition: eager() }, () => 1)
    await the.its.deploy([a, b1, c1, d, below('other', a)])
    await the.make('a')
    await the.look()
    await the.after(MINUTE)
    expect(await the.targets()).toEqual(['other'])
    expect(the.its.said.filter((text) => text.includes('MODE'))).toHaveLength(1)
    const trees = await the.its.store.conditions.evaluations({ entity: 'b1' })
    expect(trees.find(({ error }) => error !== null)).toMatchObject({
      requested: true,
      run: null,
      error: { code: 'CONFLICT' },
    })
  })
})

describe('conditions of checks, and of code', () => {
  test('a check is run apart from its asset', async () => {
    const b = asset('b', () => 1).checks({
      fine: { condition: when.missing().newlyTrue(), run: () => ({ passed: true }) },
    })
    await the.its.deploy([b])
    await the.look()
    expect((await the.requested()).map(({ target }) => target)).toMatchObject([{ kind: 'checks', checks: ['b:fine'] }])
  })

  test('code is asked by a worker; where there is none, nothing is decided', async () => {
    let isOpen = false
    const open = when.custom('open', { every: '1m' }, () => isOpen)
    await the.its.deploy([asset('b', { condition: open.newlyTrue() }, () => 1)])
    await the.look()
    expect(await the.its.store.conditions.head()).toMatchObject({ version: 0 })
    const asked: unknown[] = []
    the.its.code = async (request) => {
      asked.push(request)
      return [isOpen] as never
    }
    the.its.now += 2_000
    await the.conditions.pass()
    await expect
      .poll(() => the.after(0).then(async () => (await the.its.store.conditions.head()).version))
      .toBeGreaterThan(0)
    expect(await the.targets()).toEqual([])
    isOpen = true
    the.its.now += 2 * MINUTE
    await expect.poll(() => the.after(0).then(() => the.targets())).toEqual(['b'])
    expect(asked[0]).toMatchObject({ request: 'condition', condition: 'open', assets: ['b'] })
    the.its.code = async () => {
      throw new SluiceError('STEP_FAILED', 'no market')
    }
    the.its.now += 2 * MINUTE
    await expect.poll(() => the.after(0).then(() => the.its.said.join())).toContain('Condition "open" failed')
    expect(await the.targets()).toEqual(['b'])
  })
})
