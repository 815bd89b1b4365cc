import { expect, test } from 'vitest'
import type { Change } from '../changes.ts'
import { aCheck, drop, ok, running, type WithStore } from './rows.ts'

type Move = Extract<Change, { change: 'freshness.move' }>

export function freshness(the: WithStore): void {
  const move = (from: Move['from'], to: Move['to'], at: number, over: Partial<Move> = {}): Move => ({
    change: 'freshness.move',
    asset: 'orders',
    location: 'main',
    madeAt: 7,
    tell: true,
    ...over,
    from,
    to,
    at,
  })

  test('freshness.move: once, from what it was, with an event where it is told', async () => {
    const first = move(null, 'passed', 10, { tell: false })
    expect(await the().commit([first, first, move('warned', 'failed', 11)])).toEqual([
      ok,
      drop('WATERMARK_MOVED'),
      drop('WATERMARK_MOVED'),
    ])
    expect(await the().freshness.list()).toEqual([{ asset: 'orders', state: 'passed', since: 10 }])
    expect(await the().commit([move('passed', 'failed', 20), move('passed', 'failed', 21)])).toEqual([
      ok,
      drop('WATERMARK_MOVED'),
    ])
    await the().commit([move(null, 'unknown', 5, { asset: 'a', madeAt: null })])
    expect(await the().freshness.list()).toEqual([
      { asset: 'a', state: 'unknown', since: 5 },
      { asset: 'orders', state: 'failed', since: 20 },
    ])
    expect(await the().events.list({ types: ['freshness.changed'] })).toMatchObject([
      { asset: 'orders', at: 20, run: null, data: { location: 'main', from: 'passed', to: 'failed', madeAt: 7 } },
      { asset: 'a', data: { from: null, to: 'unknown', madeAt: null } },
    ])
    expect(await the().commit([move('failed', null, 30, { tell: false })])).toEqual([ok])
    expect((await the().freshness.list()).map(({ asset }) => asset)).toEqual(['a'])
  })

  test('checks that failed: the newest of each check and slice counts', async () => {
    const run = await running(the(), 1)
    const results = [
      aCheck(run, 1, { check: 'a', partition: 'x', passed: false }),
      aCheck(run, 2, { check: 'a', partition: 'y', passed: false }),
      aCheck(run, 3, { check: 'b', partition: 'x', passed: false }),
      aCheck(run, 4, { check: 'a', partition: 'x', passed: true }),
      aCheck(run, 5, { check: 'b', partition: 'y', passed: null }),
      aCheck(run, 6, { check: 'a', asset: 'other', passed: false }),
    ]
    await the().commit(results.map((result) => ({ change: 'check.record', epoch: 1, result })))
    const failed = async (limit?: number) =>
      (await the().checks.failed('orders', limit === undefined ? undefined : { limit })).map(({ step }) => step)
    expect(await failed()).toEqual([3, 2])
    expect(await failed(1)).toEqual([3])
  })
}
