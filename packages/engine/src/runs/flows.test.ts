import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { flow, log, sleep, step, task } from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Harness, harness } from './harness.ts'

let home: string
let h: Harness
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sluice-engine-'))
  h = await harness(await openSqliteInProcess(':memory:'), home)
})
afterEach(async () => {
  await h.store.close()
  await rm(home, { recursive: true })
})

const double = task('double', (n: number) => n * 2)

describe('a flow', () => {
  test('returns what its function returns, and journals each step', async () => {
    const end = await h.run(flow('sum', async () => (await double.map([1, 2, 3])).reduce((a, b) => a + b, 0)))
    expect(end).toMatchObject({ state: 'succeeded', value: 12 })
    const steps = await h.store.steps.list(end.run)
    expect(steps.map(({ name, state, args, seq }) => ({ name, state, args, seq }))).toEqual([
      { name: 'double', state: 'succeeded', args: '[1]', seq: 1 },
      { name: 'double', state: 'succeeded', args: '[2]', seq: 2 },
      { name: 'double', state: 'succeeded', args: '[3]', seq: 3 },
    ])
  })

  test('fails with what it throws; the caller of a step gets its error decoded', async () => {
    const bad = task('bad', async () => {
      throw Object.assign(new TypeError('no good'), { code: 'BAD', at: new Date(0) })
    })
    const end = await h.run(
      flow('f', async () => {
        try {
          await bad()
        } catch (error) {
          expect(error).toMatchObject({ name: 'TypeError', code: 'BAD', at: new Date(0) })
          throw error
        }
      }),
    )
    expect(end).toMatchObject({ state: 'failed', error: { code: 'BAD', message: 'no good' } })
    expect((await h.store.steps.list(end.run))[0]).toMatchObject({
      state: 'failed',
      attempt: 1,
      error: { code: 'BAD' },
    })
  })

  test('retries a step, and the journal says so', async () => {
    let tries = 0
    const flaky = task('flaky', { retries: { max: 2, delay: '1ms' } }, () => {
      if (++tries < 3) throw new Error(`try ${tries}`)
      return tries
    })
    const end = await h.run(flow('f', () => flaky()))
    expect(end).toMatchObject({ state: 'succeeded', value: 3 })
    expect((await h.store.steps.list(end.run))[0]).toMatchObject({ state: 'succeeded', attempt: 3 })
    expect((await h.store.events.list({ run: end.run })).filter((e) => e.type === 'step.retrying')).toHaveLength(2)
  })

  test('a timeout fails the attempt, and what it does late publishes nothing', async () => {
    const late = Promise.withResolvers<void>()
    let refused: unknown
    const slow = task('slow', { timeout: '20ms' }, async () => {
      await late.promise
      await double(7).catch((error: unknown) => (refused = error))
      return 'late'
    })
    const end = await h.run(
      flow('f', async () => {
        const outcome = await slow.settled()
        late.resolve()
        await sleep('20ms')
        return outcome
      }),
    )
    expect(end).toMatchObject({ state: 'succeeded', value: { ok: false, error: { code: 'STEP_TIMEOUT' } } })
    expect(refused).toMatchObject({ code: 'ATTEMPT_CLOSED' })
    expect((await h.store.steps.list(end.run)).map(({ name, state }) => [name, state])).toEqual([
      ['slow', 'failed'],
      ['sleep', 'succeeded'],
    ])
  })

  test('retried as a whole, it finds what succeeded and tries again what failed', async () => {
    const seen: string[] = []
    const good = task('good', () => void seen.push('good'))
    const bad = task('bad', () => {
      seen.push('bad')
      if (seen.length < 3) throw new Error('once')
    })
    const end = await h.run(
      flow('f', { retries: 1 }, async () => {
        await good()
        await bad()
        return seen.length
      }),
    )
    expect(end).toMatchObject({ state: 'succeeded' })
    expect(seen).toEqual(['good', 'bad', 'bad'])
  })

  test('a failure that nobody awaits is a warning', async () => {
    const bad = task('bad', () => Promise.reject(new Error('alone')))
    const end = await h.run(
      flow('f', async () => {
        void bad()
        await step('other', () => 1)
        return 'done'
      }),
    )
    expect(end).toMatchObject({ state: 'succeeded', value: 'done' })
    const events = await h.store.events.list({ run: end.run })
    expect(events.filter((e) => e.type === 'step.warning').map((e) => e.data)).toMatchObject([
      { code: 'STEP_UNAWAITED' },
    ])
  })

  test('lines that are logged belong to their step', async () => {
    const talks = task('talks', () => log.info('hello', { n: 1 }))
    const end = await h.run(flow('f', () => talks()))
    expect(await h.store.logs.list({ run: end.run })).toMatchObject([
      { step: 1, attempt: 1, level: 'info', message: 'hello', data: '{"n":1}' },
    ])
  })

  test('large results go to a file', async () => {
    const big = task('big', () => 'x'.repeat(20_000))
    const end = await h.run(flow('f', async () => (await big()).length))
    expect(end).toMatchObject({ value: 20_000 })
    expect((await h.store.steps.list(end.run))[0]!.result).toMatchObject({ io: 'files' })
  })

  test('equal calls behind an untracked await need a key', async () => {
    const wait = task('wait', () => new Promise<void>((resolve) => setTimeout(resolve, 20)))
    const end = await h.run(
      flow('f', async () => {
        const branch = async (): Promise<void> => {
          await new Promise((resolve) => setTimeout(resolve, 1))
          await wait()
        }
        await Promise.all([branch(), branch()])
      }),
    )
    expect(end).toMatchObject({ state: 'failed', error: { code: 'STEP_IDENTITY_AMBIGUOUS' } })
  })
})
