import { asset, daily, dynamic, eager, onCron, when } from 'sluice'
import { expect, test } from 'vitest'
import { type WatchedConditions, watchConditions } from './watch-conditions.ts'
import { fakeClock } from './fake-clock.ts'

const raw = asset('raw', () => 1)
const clean = asset(
  'clean',
  { inputs: { raw }, condition: eager({ retry: { max: 1, delay: '5m' } }) },
  ({ raw: n }) => n,
)
const mart = asset('mart', { inputs: { clean }, condition: eager() }, ({ clean: n }) => n)

test('what is requested, in which runs, why, and what comes of it', async () => {
  await using its = await watchConditions([mart])
  expect((await its.look()).runs).toEqual([])
  await its.make(raw)
  const { runs, why } = await its.look()
  expect(runs).toMatchObject([{ assets: ['clean', 'mart'], partitions: null, checks: [] }])
  expect(why(clean)).toContain('  ✓ something new has not been dealt with')
  expect((await its.look()).runs).toEqual([])
  await its.begin(runs[0]!)
  its.pass('1m')
  await its.make(raw)
  expect((await its.look()).runs).toEqual([])
  await its.succeed(runs[0]!)
  // The run had begun before raw was made again.
  expect((await its.look()).runs).toMatchObject([{ assets: ['clean', 'mart'] }])
})

test('a request that failed is made again when its time has come', async () => {
  await using its = await watchConditions([clean])
  await its.make(raw)
  const [run] = (await its.look()).runs
  await its.fail(run!)
  expect((await its.look()).runs).toEqual([])
  its.pass('4m')
  expect((await its.look()).runs).toEqual([])
  its.pass('2m')
  expect((await its.look()).runs).toHaveLength(1)
})

test('the clock, partitions, keys and checks', async () => {
  const days = asset('days', { partitions: daily({ start: '2026-01-01' }), condition: eager() }, () => 1)
  const of = asset('of', { partitions: dynamic('customers'), condition: when.missing() }, () => 1)
  const hourly = asset('hourly', { condition: onCron('0 * * * *') }, () => 1).checks({
    fine: { condition: when.checkFailed().newlyTrue(), run: () => ({ passed: true }) },
  })
  await using its = await watchConditions([days, of, hourly], { clock: fakeClock('2026-01-03T00:00:00Z') })
  expect((await its.look()).runs).toMatchObject([{ assets: ['days'], partitions: ['2026-01-02'] }])
  await its.addKeys('customers', 'eu', 'us')
  expect((await its.look()).runs).toMatchObject([{ assets: ['of'], partitions: ['eu', 'us'] }])
  its.pass('1h')
  const [run] = (await its.look()).runs
  expect(run).toMatchObject({ assets: ['hourly'] })
  await its.succeed(run!)
  await its.check(hourly, 'fine', false)
  expect((await its.look()).runs).toMatchObject([{ checks: ['hourly:fine'], assets: [] }])
})

test('what code says is asked at each look', async () => {
  let isOpen = false
  const open = when.custom('open', {}, ({ asset: name }) => name === 'own' && isOpen)
  const own = asset('own', { condition: open.newlyTrue() }, () => 1)
  await using its = await watchConditions([own])
  expect((await its.look()).runs).toEqual([])
  isOpen = true
  expect((await its.look()).runs).toMatchObject([{ assets: ['own'] }])
  const bad = asset('own', { condition: when.custom('open', {}, () => 5 as never) }, () => 1)
  await using other = await watchConditions([bad])
  await expect(other.look()).rejects.toThrow('Condition "open" must give true, false, or a list of keys')
})

test('what cannot happen is refused', async () => {
  const days = asset('days', { partitions: daily({ start: '2026-01-01' }), condition: eager() }, () => 1)
  await using its = await watchConditions([days])
  await expect(its.make(days)).rejects.toMatchObject({ code: 'PARTITION_REQUIRED' })
  await expect(its.make(mart)).rejects.toMatchObject({ code: 'ASSET_UNKNOWN' })
  await expect(its.begin({ id: 'r1', assets: [], checks: [], partitions: null })).rejects.toMatchObject({
    code: 'RUN_UNKNOWN',
  })
})

test('partitions and checks are typed by the definition', () => {
  const checked = raw.checks({ fine: () => ({ passed: true }) })
  const use = (its: WatchedConditions) => {
    // @ts-expect-error -- there is no such check
    void its.check(checked, 'other', true)
    // @ts-expect-error -- it is not partitioned
    void its.make(raw, '2026-01-01')
    return its.check(checked, 'fine', true)
  }
  expect(use).toBeTypeOf('function')
})
