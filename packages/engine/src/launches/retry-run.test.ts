import type { Run, RunRetries } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { aRun, terms } from '../store/contract/rows.ts'
import { retryRun } from './retry-run.ts'

const failed = (runRetries: RunRetries, over: Partial<Run> = {}): Run =>
  aRun(1, {
    state: 'failed',
    endedAt: 5000,
    params: '{"n":1}',
    tags: { team: 'data' },
    job: 'nightly',
    owners: ['a@example.com'],
    terms: terms({ priority: 7, pool: 'heavy', runRetries }),
    ...over,
  })
const after = (run: Run, now = 6000) => retryRun(run, now, 0.5)

describe('the run that follows', () => {
  test('is the same again, adopts what succeeded, and says which retry it is', () => {
    const before = failed({ max: 3 })
    const { target, params, tags, job, owners, terms: its } = before
    expect(after(before)).toMatchObject({
      adopt: { from: before.id },
      run: {
        target,
        params,
        tags,
        job,
        owners,
        terms: its,
        state: 'waiting',
        waitingFor: { for: 'worker' },
        epoch: 0,
        retryOf: before.id,
        cause: { by: 'retry', name: before.id, retry: 1 },
      },
    })
  })
  test('from the start adopts nothing', () => {
    const before = failed({ max: 1, from: 'start' })
    const again = after(before)
    expect([again?.adopt, again?.run.retryOf, again?.run.cause.name]).toEqual([null, null, before.id])
  })
  test('waits from the end of the one before, longer each time', () => {
    const retries = { max: 4, delay: '10s', backoff: 'doubling' } as const
    const waits = [0, 1, 2].map(
      (retry) =>
        after(failed(retries, { cause: { by: 'retry', name: 'r', ...(retry > 0 && { retry }) } }))?.run.waitingFor,
    )
    expect(waits).toEqual([15_000, 25_000, 45_000].map((until) => ({ for: 'retry', until })))
    expect(after(failed(retries), 60_000)?.run.waitingFor).toEqual({ for: 'worker' })
    expect(after(failed({ max: 2, delay: ['1m', '2m'], jitter: 'full' }))?.run.waitingFor).toEqual({
      for: 'retry',
      until: 35_000,
    })
  })
  test('of a run that crashed for good', () => {
    expect(after(failed({ max: 1 }, { state: 'crashed' }))?.run.cause.retry).toBe(1)
  })
  test('is counted along its chain, and anew after a retry that somebody asked for', () => {
    const chain = (retry?: number) =>
      after(failed({ max: 2 }, { cause: { by: 'retry', name: 'r', ...(retry !== undefined && { retry }) } }))?.run.cause
        .retry
    expect([chain(), chain(1), chain(2)]).toEqual([1, 2, undefined])
  })
})

test.each<[string, Run]>([
  ['a run without the option', aRun(1, { state: 'failed', terms: terms() })],
  ['a run of its own process', aRun(1, { state: 'failed' })],
  ['none are wanted', failed({ max: 0 })],
  ['a canceled run', failed({ max: 1 }, { state: 'canceled' })],
  ['a run that somebody canceled and that failed meanwhile', failed({ max: 1 }, { cancelRequested: true })],
  ['a success', failed({ max: 1 }, { state: 'succeeded' })],
  ['a crashed run that was resumed', failed({ max: 1 }, { state: 'running' })],
  [
    'a failure that no retry can help',
    failed({ max: 1 }, { error: { name: 'SluiceError', code: 'PARAMS_INVALID', message: 'n is missing' } }),
  ],
])('nothing follows %s', (_, run) => {
  expect(after(run)).toBeNull()
})
