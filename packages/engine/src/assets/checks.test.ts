import { type CheckOptions, asset, daily, resource, use } from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import { describe, expect, test } from 'vitest'
import { withHarness } from '../runs/with-harness.ts'

const t = withHarness(openSqliteInProcess)

async function statesOf(run: string): Promise<unknown[]> {
  return (await t.h.store.steps.list(run)).map(({ name, state, reason }) => [name, state, reason])
}
const failing: CheckOptions<number> = { run: () => ({ passed: false, metadata: { nulls: 3 } }) }

describe('a check', () => {
  test('gets the stored value, and its result is kept with its facts', async () => {
    const a = asset('a', () => ({ at: new Date(0) })).checks({
      old: ({ value }) => ({ passed: value.at.getTime() === 0, metadata: { year: value.at.getUTCFullYear() } }),
    })
    const end = await t.h.materialize([a], ['a'])
    expect(end).toMatchObject({ state: 'succeeded' })
    expect(await t.h.store.checks.latest('a')).toMatchObject([
      {
        check: 'old',
        passed: true,
        severity: 'error',
        blocking: false,
        metadata: { year: { type: 'number', value: 1970 } },
      },
    ])
  })

  test('that throws is tried again as it says, and ends at its timeout; what did not pass is no failure', async () => {
    let [tries, runs] = [0, 0]
    const opened: string[] = []
    const db = resource('db', {
      open: () => ({ rows: 2 + opened.push('open') }),
      close: () => void opened.push('close'),
    })
    const a = asset('a', () => 1).checks({
      flaky: {
        retries: { max: 2, delay: '1ms' },
        run: async () => {
          const { rows } = await use(db)
          if (++tries < 3) throw new Error('away')
          return { passed: rows === 3 }
        },
      },
      wrong: { retries: 2, run: () => ({ passed: (runs += 1) < 0 }) },
      hangs: { timeout: '5ms', run: () => new Promise(() => {}) },
    })
    const end = await t.h.materialize([a], ['a'])
    expect(end).toMatchObject({ state: 'failed' })
    const steps = (await t.h.store.steps.list(end.run)).map(({ name, state, attempt, error }) => [
      name,
      [state, attempt, error?.code],
    ])
    expect(Object.fromEntries(steps)).toMatchObject({
      'a:flaky': ['succeeded', 3, undefined],
      'a:wrong': ['succeeded', 1, undefined],
      'a:hangs': ['failed', 1, 'STEP_TIMEOUT'],
    })
    expect([tries, runs, opened]).toEqual([3, 1, ['open', 'close']])
    const bad = { retries: -1, run: () => ({ passed: true }) }
    expect(() => asset('b', () => 1).checks({ bad })).toThrow('Check "b:bad"')
  })

  test('that blocks holds back what depends on the asset, and fails the run', async () => {
    const a = asset('a', () => 1).checks({ some: { ...failing, blocking: true } })
    const b = asset('b', { inputs: { a } }, ({ a: n }) => n)
    const c = asset('c', { inputs: { a: a.optional() } }, ({ a: n }) => n)
    const end = await t.h.materialize([b, c], ['a', 'b', 'c'])
    expect(end).toMatchObject({ state: 'failed', error: { cause: { code: 'CHECK_FAILED' } } })
    expect(await statesOf(end.run)).toEqual([
      ['a', 'succeeded', null],
      ['a:some', 'failed', 'did not pass'],
      ['b', 'upstream_failed', 'check a:some did not pass'],
      ['c', 'succeeded', null],
    ])
    expect(await t.h.store.assets.latest([{ asset: 'a', partition: null }])).toHaveLength(1)
  })

  test.each([
    ['one that does not block', failing],
    ['a warning', { ...failing, severity: 'warn' }],
    ['a warning that says it blocks', { ...failing, severity: 'warn', blocking: true }],
  ] as const)('%s holds nothing back and fails nothing', async (_, check) => {
    const a = asset('a', () => 1).checks({ some: check })
    const b = asset('b', { inputs: { a } }, ({ a: n }) => n)
    const end = await t.h.materialize([b], ['a', 'b'])
    expect(end).toMatchObject({ state: 'succeeded' })
    expect((await t.h.store.steps.list(end.run)).find(({ name }) => name === 'b')).toMatchObject({ state: 'succeeded' })
    expect(await t.h.store.checks.ofRun(end.run)).toMatchObject([
      { passed: false, metadata: { nulls: { type: 'number', value: 3 } } },
    ])
  })

  test('that throws is a failed step, and holds back only where it blocks', async () => {
    const broken = (): never => {
      throw new Error('cannot tell')
    }
    const a = asset('a', () => 1).checks({ some: { run: broken }, must: { run: broken, blocking: true } })
    const b = asset('b', { inputs: { a } }, ({ a: n }) => n)
    const end = await t.h.materialize([b], ['a', 'b'])
    expect(end).toMatchObject({ state: 'failed', error: { message: '2 steps failed: a:some, a:must.' } })
    expect((await statesOf(end.run)).at(-1)).toEqual(['b', 'upstream_failed', 'check a:must did not pass'])
  })

  test('that answers nothing is an error that says what to return', async () => {
    const a = asset('a', () => 1).checks({ some: () => ({}) as never })
    expect(await t.h.materialize([a], ['a'])).toMatchObject({
      state: 'failed',
      error: { cause: { code: 'DEFINITION_INVALID' } },
    })
  })

  test('does not run where the asset was not made', async () => {
    const a = asset('a', (): number => {
      throw new Error('no')
    }).checks({ some: { ...failing, blocking: true } })
    const end = await t.h.materialize([a], ['a'])
    expect(await statesOf(end.run)).toEqual([
      ['a', 'failed', null],
      ['a:some', 'upstream_failed', 'a failed'],
    ])
  })

  test('runs for each partition by itself', async () => {
    const a = asset('a', { partitions: daily({ start: '2026-01-01' }) }, (_, { partition }) => partition.key).checks({
      first: {
        blocking: true,
        run: ({ value, partition }) => ({ passed: value === '2026-01-01' && value === partition }),
      },
    })
    const b = asset('b', { partitions: daily({ start: '2026-01-01' }), inputs: { a } }, ({ a: key }) => key)
    const end = await t.h.materialize([b], ['a', 'b'], ['2026-01-01', '2026-01-02'])
    expect(end.state).toBe('failed')
    expect(await t.h.store.assets.partitions('b')).toEqual(['2026-01-01'])
    expect((await t.h.store.checks.latest('a', '2026-01-02'))[0]).toMatchObject({ passed: false })
  })
})
