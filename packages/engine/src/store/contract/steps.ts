import type { Step } from '@sluice/core'
import { expect, test } from 'vitest'
import { aStep, claim, create, drop, end, id, ok, record, running, type WithStore } from './rows.ts'

export function stepChanges(the: WithStore): void {
  test('step.record stores every column', async () => {
    const run = await running(the(), 1)
    const steps = [
      aStep(run, 1, {
        parent: 0,
        kind: 'asset',
        key: '2026-01-01',
        state: 'failed',
        waitingFor: null,
        attempt: 3,
        floor: 4,
        after: 2,
        tracked: false,
        args: '[1]',
        upstream: [1, 2],
        result: null,
        error: { name: 'Error', code: 'X', message: 'm', cause: { name: 'E', code: 'Y', message: 'n' } },
        reason: 'why',
        cachedFrom: { run: 'r0', step: 9 },
        tags: ['a', 'b'],
      }),
      aStep(run, 2, { result: { io: 'files', ref: { path: 'a/b' }, bytes: 12, rows: 3 } }),
      aStep(run, 3, {
        state: 'waiting',
        waitingFor: { for: 'retry', until: 5 },
        seq: null,
        endedAt: null,
        startedAt: null,
        result: null,
      }),
      aStep(run, 4, { result: { inline: '' }, upstream: [] }),
    ]
    expect(await the().commit(steps.map((step) => record(step)))).toEqual([ok, ok, ok, ok])
    expect(await the().steps.list(run)).toEqual(steps)
    expect(await the().steps.get(run, 2)).toEqual(steps[1])
    expect(await the().steps.get(run, 9)).toBeNull()
    expect(await the().steps.counts(run)).toEqual({ failed: 1, succeeded: 2, waiting: 1 })
  })

  test('a step moves on until it has an outcome, which stays', async () => {
    const run = await running(the(), 1)
    const at = (state: 'waiting' | 'running', attempt = 1) =>
      record(aStep(run, 1, { state, attempt, seq: null, result: null, endedAt: null }))
    expect(await the().commit([at('waiting'), at('running'), at('waiting', 2), at('running', 2)])).toEqual([
      ok,
      ok,
      ok,
      ok,
    ])
    expect(await the().steps.get(run, 1)).toMatchObject({ state: 'running', attempt: 2 })
    expect(await the().commit([at('running', 1)])).toEqual([drop('STEP_ENDED')]) // given up
    expect(await the().commit([record(aStep(run, 1, { seq: 1, attempt: 1 }))])).toEqual([drop('STEP_ENDED')])
    expect(await the().commit([record(aStep(run, 1, { seq: 1, attempt: 2 }))])).toEqual([ok])
    expect(await the().commit([record(aStep(run, 1, { seq: 1, attempt: 2, state: 'failed' }))])).toEqual([
      drop('STEP_ENDED'),
    ])
    expect(await the().commit([record(aStep(run, 1, { seq: 2, attempt: 3 }))])).toEqual([drop('STEP_ENDED')])
    expect(await the().steps.get(run, 1)).toMatchObject({ state: 'succeeded', attempt: 2, seq: 1 })
  })

  test('steps that are sent again change nothing', async () => {
    const run = await running(the(), 1)
    const changes = [
      record(aStep(run, 1, { state: 'running', seq: null, result: null })),
      record(aStep(run, 1)),
      record(aStep(run, 2)),
    ]
    expect(await the().commit(changes)).toEqual([ok, ok, ok])
    const before = await the().steps.list(run)
    expect(await the().commit(changes)).toEqual([ok, ok, ok])
    expect(await the().steps.list(run)).toEqual(before)
  })

  test('fences: another epoch, an ended run, an unknown run; the rest of the batch is kept', async () => {
    const run = await running(the(), 1)
    const ended = await running(the(), 2)
    await the().commit([end(ended, 1, 'succeeded')])
    expect(
      await the().commit([
        record(aStep(run, 1)),
        record(aStep(run, 2), 0),
        record(aStep(ended, 1)),
        record(aStep(id(9), 1)),
        record(aStep(run, 3), 2),
        record(aStep(run, 4)),
      ]),
    ).toEqual([ok, drop('STALE_EPOCH'), drop('RUN_ENDED'), drop('RUN_UNKNOWN'), drop('STALE_EPOCH'), ok])
    expect((await the().steps.list(run)).map((step) => step.step)).toEqual([1, 4])
    expect(await the().steps.list(ended)).toEqual([])
  })

  test('a new epoch replaces what has no outcome, from its first attempt on', async () => {
    const run = await running(the(), 1)
    await the().commit([
      record(aStep(run, 1, { state: 'running', attempt: 3, seq: null, result: null })),
      record(aStep(run, 2)),
      record(aStep(run, 3, { state: 'canceled', seq: null, result: null })),
      end(run, 1, 'crashed'),
      claim(run, 1),
    ])
    const again = (step: number) => record(aStep(run, step, { epoch: 2, seq: step + 10 }), 2)
    expect(await the().commit([again(1), again(2), again(3)])).toEqual([ok, drop('STEP_ENDED'), ok])
    expect(
      (await the().steps.list(run)).map(({ epoch, attempt, seq, state }) => ({ epoch, attempt, seq, state })),
    ).toEqual([
      { epoch: 2, attempt: 1, seq: 11, state: 'succeeded' },
      { epoch: 1, attempt: 1, seq: 2, state: 'succeeded' },
      { epoch: 2, attempt: 1, seq: 13, state: 'succeeded' },
    ])
  })

  test('steps.list: chunks, in order of number', async () => {
    const run = await running(the(), 1)
    const other = await running(the(), 2)
    const numbers = Array.from({ length: 5203 }, (_, index) => index + 1)
    await the().commit(numbers.toReversed().map((step) => record(aStep(run, step))))
    await the().commit([record(aStep(other, 1))])
    const first = await the().steps.list(run)
    const rest = await the().steps.list(run, { after: 5000 })
    expect(first).toHaveLength(5000)
    expect([...first, ...rest].map((step) => step.step)).toEqual(numbers)
    expect((await the().steps.list(run, { after: 3, limit: 2 })).map((step) => step.step)).toEqual([4, 5])
    expect(await the().steps.list(run, { after: 5203 })).toEqual([])
  })

  test('steps.journal: what a resume needs of the same chunks, by column', async () => {
    const run = await running(the(), 1)
    const value = { io: 'files', ref: 'x', bytes: 1, rows: null }
    const error = { name: 'E', code: 'STEP_FAILED', message: 'no' }
    const steps = [
      aStep(run, 1, { floor: 3, attempt: 2, state: 'waiting', waitingFor: { for: 'retry', until: 9 }, seq: null }),
      aStep(run, 2, { parent: 1, tracked: false, result: value }),
      aStep(run, 3, { state: 'failed', error, result: null }),
      aStep(run, 4, { state: 'skipped', reason: 'why', result: null, startedAt: null }),
    ]
    await the().commit(steps.map((step) => record(step)))
    const long = [aStep(run, 5, { result: { inline: `"${'é'.repeat(200)}"` } })]
    await the().commit(long.map((step) => record(step)))
    expect((await the().steps.journal(run, { after: 4 })).result).toEqual(['unread'])
    const page = await the().steps.journal(run, { after: 0, limit: 4 })
    for (const [name, column] of Object.entries(page))
      expect(column).toEqual(steps.map((step) => step[name as keyof Step]))
    expect(Object.keys(page)).toHaveLength(14)
    expect((await the().steps.journal(run, { after: 1, limit: 2 })).step).toEqual([2, 3])
    expect((await the().steps.journal(run, { after: 5 })).step).toEqual([])
  })

  test('run.adopt copies successes by number, and calls above them without an outcome', async () => {
    const old = await running(the(), 1)
    const value = { io: 'files', ref: 'x', bytes: 1, rows: null }
    const steps = [
      aStep(old, 1, { kind: 'flow', state: 'failed', seq: 5, attempt: 2, result: null }),
      aStep(old, 2, { parent: 1, seq: 3, args: '[2]', tags: ['t'], result: value, attempt: 4 }),
      aStep(old, 3, { parent: 1, seq: 4, state: 'failed', result: null }),
      aStep(old, 4, { seq: 1, after: 2, tracked: false }),
      aStep(old, 5, { state: 'running', seq: null, result: null }),
      aStep(old, 6, { parent: 5, state: 'running', seq: null, result: null }),
      aStep(old, 7, { parent: 6, seq: 2 }),
      aStep(old, 8, { state: 'skipped', seq: 6, result: null }),
      aStep(old, 9, { parent: 8, state: 'canceled', seq: null, result: null }),
    ]
    await the().commit([...steps.map((step) => record(step)), end(old, 1, 'failed')])
    const run = await running(the(), 2, { retryOf: old })
    const adopt = { change: 'run.adopt', run, epoch: 1, from: old } as const
    expect(await the().commit([{ ...adopt, epoch: 0 }])).toEqual([drop('STALE_EPOCH')])
    expect(await the().commit([adopt])).toEqual([ok])
    const call = {
      state: 'waiting',
      attempt: 1,
      floor: 0,
      seq: null,
      startedAt: null,
      endedAt: null,
      result: null,
    } as const
    const expected = [
      { ...steps[0]!, run, ...call },
      { ...steps[1]!, run },
      { ...steps[3]!, run },
      { ...steps[4]!, run, ...call },
      { ...steps[5]!, run, ...call },
      { ...steps[6]!, run },
    ]
    expect(await the().steps.list(run)).toEqual(expected)
    await the().commit([record(aStep(run, 5, { seq: 9 }))]) // the call above is made, and has an outcome
    expect(await the().commit([adopt])).toEqual([ok]) // sent again
    expect(await the().steps.list(run)).toEqual(expected.with(3, aStep(run, 5, { seq: 9 })))
    expect(await the().steps.list(old)).toEqual(steps)
  })

  test('a retry of chosen steps: they, what is below and what is above them is not settled', async () => {
    const old = await running(the(), 1)
    const [top, chosen, below, beside] = [
      aStep(old, 1, { seq: 4 }),
      aStep(old, 2, { parent: 1, seq: 2 }),
      aStep(old, 3, { parent: 2, seq: 1 }),
      aStep(old, 4, { parent: 1, seq: 3 }),
    ]
    await the().commit([top, chosen, below, beside].map((step) => record(step)))
    await the().commit([end(old, 1, 'succeeded')])
    const run = id(2)
    const adopt = { change: 'run.adopt', run, epoch: 0, from: old, without: [2] } as const
    expect(await the().commit([[create(2, { retryOf: old }), adopt]])).toEqual([ok])
    const steps = await the().steps.list(run)
    expect(steps.map(({ step, state, seq }) => [step, state, seq])).toEqual([
      [1, 'waiting', null],
      [4, 'succeeded', 3],
    ])
  })
}
