import { type FlowEnd, type Schema, approval, currentRun, currentStep, flow, step, task } from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import { type as ark } from 'arktype'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { answerApproval } from '../index.ts'
import { titleOf } from './launch.ts'
import { withHarness } from './with-harness.ts'

const t = withHarness(openSqliteInProcess)

describe.each([
  ['Zod', z.object({ days: z.number().default(7), region: z.enum(['eu', 'us']) })],
  ['Valibot', v.object({ days: v.optional(v.number(), 7), region: v.picklist(['eu', 'us']) })],
  ['ArkType', ark({ days: 'number = 7', region: "'eu' | 'us'" })],
] as const)('params by %s', (_, params) => {
  const sync = flow(
    'sync',
    { params: params as Schema },
    (given: { days: number; region: string }) => `${given.region} ${given.days}`,
  )
  test('are validated, and defaults filled in', async () => {
    expect(await t.h.run(sync, { region: 'eu' })).toMatchObject({ state: 'succeeded', value: 'eu 7' })
  })
  test('that do not fit are named', async () => {
    expect(await t.h.run(sync, { region: 'asia', days: 1 })).toMatchObject({
      state: 'failed',
      error: { code: 'PARAMS_INVALID', message: expect.stringContaining('region') as string },
    })
    expect(await t.h.run(sync)).toMatchObject({ state: 'failed', error: { code: 'PARAMS_INVALID' } })
  })
  test('that are unknown are named', async () => {
    const end = await t.h.run(sync, { region: 'eu', dayz: 1 })
    expect(end).toMatchObject({
      state: 'failed',
      error: { code: 'PARAMS_UNKNOWN', message: expect.stringContaining('dayz') as string },
    })
  })
})

describe('a flow', () => {
  test('without params refuses those it gets', async () => {
    expect(
      await t.h.run(
        flow('none', () => 1),
        { x: 1 },
      ),
    ).toMatchObject({ state: 'failed', error: { code: 'PARAMS_UNKNOWN' } })
  })

  test('inside a flow is a subtree of the same run, with its own params, retries and failure', async () => {
    let tries = 0
    const inner = flow('inner', { params: z.object({ n: z.number() }), retries: 1 }, async ({ n }) => {
      await step('once', () => n)
      if (++tries === 1) throw new Error('first')
      return n * 2
    })
    const outer = flow('outer', async () => [await inner({ n: 4 }), currentRun()?.name, currentStep()?.name ?? null])
    const end = await t.h.run(outer)
    expect(end).toMatchObject({ value: [8, 'outer', null] })
    expect(
      (await t.h.store.steps.list(end.run)).map(({ name, kind, parent, state, attempt }) => [
        name,
        kind,
        parent,
        state,
        attempt,
      ]),
    ).toEqual([
      ['inner', 'flow', 0, 'succeeded', 2],
      ['once', 'step', 1, 'succeeded', 1],
    ])
    const bad = flow('bad', () => inner({ n: 'x' as never }))
    expect(await t.h.run(bad)).toMatchObject({ state: 'failed', error: { code: 'PARAMS_INVALID' } })
  })

  test('has a title made of its params', () => {
    expect(titleOf('sync {region} since {since.day} {n}', { region: 'eu', n: [1] })).toBe(
      'sync eu since {since.day} [1]',
    )
    expect(titleOf(undefined, { a: 1 })).toBeNull()
  })
})

describe('hooks', () => {
  const hooked = (body: () => unknown) => {
    const seen: [string, FlowEnd][] = []
    const note = (name: string) => (end: FlowEnd) => void seen.push([name, end])
    const made = flow(
      'f',
      { onSuccess: note('success'), onFailure: note('failure'), onCancel: note('cancel'), onCrash: note('crash') },
      body as () => Promise<unknown>,
    )
    return { made, seen }
  }
  test('after a success and a failure, once, with the run', async () => {
    const good = hooked(() => 1)
    const end = await t.h.run(good.made)
    expect(good.seen).toMatchObject([['success', { run: end.run, flow: 'f', state: 'succeeded', error: undefined }]])
    const bad = hooked(() => Promise.reject(Object.assign(new Error('no'), { code: 'NO' })))
    await t.h.run(bad.made)
    expect(bad.seen).toMatchObject([['failure', { state: 'failed', error: { code: 'NO', message: 'no' } }]])
  })
  test('after a cancel', async () => {
    const started = Promise.withResolvers<string>()
    const canceled = hooked(() => {
      started.resolve(currentRun()!.id)
      return new Promise(() => {})
    })
    const running = t.h.run(canceled.made)
    const run = await started.promise
    await t.h.store.commit([{ change: 'run.cancel', run, at: Date.now() }])
    expect(await running).toMatchObject({ state: 'canceled', error: { code: 'RUN_CANCELED' } })
    expect(canceled.seen).toMatchObject([['cancel', { state: 'canceled' }]])
    expect(await t.h.store.runs.get(run)).toMatchObject({ state: 'canceled' })
  })
  test('of a flow inside a flow', async () => {
    const inner = hooked(() => 1)
    await t.h.run(flow('outer', () => inner.made()))
    expect(inner.seen).toMatchObject([['success', { flow: 'f', state: 'succeeded' }]])
  })
  test('one that throws is an event, and changes nothing', async () => {
    const end = await t.h.run(flow('f', { onSuccess: () => Promise.reject(new Error('hook')) }, () => 1))
    expect(end).toMatchObject({ state: 'succeeded' })
    expect((await t.h.store.events.list({ run: end.run })).filter(({ type }) => type === 'hook.failed')).toMatchObject([
      { data: { hook: 'onSuccess', message: 'hook' } },
    ])
  })
})

describe('what a flow comes to', () => {
  const bad = task('bad', () => Promise.reject(new Error('bad')))
  test.each<[string, () => unknown, string]>([
    ['an awaited failure that is not caught fails it', () => bad(), 'failed'],
    ['one that is caught does not', () => bad().catch(() => 1), 'succeeded'],
    ['one that is settled does not', () => bad.settled(), 'succeeded'],
    ['one of several awaited at once does', () => Promise.all([bad(), step('good', () => 1)]), 'failed'],
    ['Promise.allSettled does not', async () => (await Promise.allSettled([bad()])).length, 'succeeded'],
    ['a promise that is returned is awaited', () => step('s', () => bad()), 'failed'],
  ])('%s', async (_, body, state) => {
    expect(await t.h.run(flow('f', body as () => Promise<unknown>))).toMatchObject({ state })
  })
})

describe('approval', () => {
  test('waits for a person, whose answer is journaled; one that does not fit is refused', async () => {
    const asks = flow('asks', async () => {
      const { yes, by } = await approval('go', { schema: z.object({ yes: z.boolean() }) })
      return [yes, by]
    })
    const running = t.h.run(asks)
    await expect.poll(async () => (await t.h.store.runs.active()).length).toBe(1)
    const { id } = (await t.h.store.runs.active())[0]!
    await expect
      .poll(async () => (await t.h.store.steps.list(id))[0]?.waitingFor)
      .toEqual({ for: 'person', request: 'go' })
    await answerApproval(t.h.store, { run: id, name: 'go', value: { yes: 'perhaps' }, by: 'ann', at: 1 })
    await answerApproval(t.h.store, { run: id, name: 'other', value: { yes: false }, by: 'ann', at: 2 })
    await answerApproval(t.h.store, { run: id, name: 'go', value: { yes: true }, by: 'bob', at: 3 })
    expect(await running).toMatchObject({ state: 'succeeded', value: [true, 'bob'] })
    await expect(answerApproval(t.h.store, { run: id, name: 'go', value: {}, by: 'x', at: 4 })).rejects.toMatchObject({
      code: 'RUN_NOT_RESUMABLE',
    })
    await expect(
      answerApproval(t.h.store, { run: 'none', name: 'go', value: {}, by: 'x', at: 4 }),
    ).rejects.toMatchObject({ code: 'RUN_UNKNOWN' })
  })
  test('has a time limit', async () => {
    const end = await t.h.run(flow('asks', () => approval('go', { schema: z.object({}), timeout: '10ms' })))
    expect(end).toMatchObject({ state: 'failed', error: { code: 'STEP_TIMEOUT' } })
  })
  test('launch() from a run without workers says so', async () => {
    const other = flow('other', () => 1)
    expect(await t.h.run(flow('f', () => other.launch()))).toMatchObject({
      state: 'failed',
      error: { code: 'RUN_REQUIRED' },
    })
  })
})
