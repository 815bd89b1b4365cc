import type { Run, RunRetries } from '@sluice/core'
import { type Store, whyRun } from '@sluice/engine'
import { openSqliteInProcess } from '@sluice/storage'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ends as endsIn, expectOneRetry, launched as launchedIn } from '../fixtures/retried.ts'
import { retryPass } from './retry-pass.ts'

let store: Store
let time: number
beforeEach(async () => {
  store = await openSqliteInProcess(':memory:')
  time = 1_000_000
  await pass()
})
afterEach(() => store.close())

const pass = () => retryPass({ store, now: () => time, random: () => 0 })
const runs = async () => (await store.runs.list({ limit: 100 })).toReversed()
const last = async () => (await runs()).at(-1)!

const launched = (runRetries: RunRetries) => launchedIn(store, runRetries, time++)
const ends = (run: Run, state: Parameters<typeof endsIn>[2]) => endsIn(store, run, state, time++)

test.each(['failure', 'start'] as const)('a chain from the %s ends after its retries', async (from) => {
  const first = await launched({ max: 2, from })
  await ends(first, 'failed')
  expect([await pass(), await pass()]).toEqual([1, 0])
  const second = await last()
  await ends(second, 'crashed')
  expect(await pass()).toBe(1)
  const third = await last()
  await ends(third, 'failed')
  expect(await pass()).toBe(0)
  expect((await runs()).map(({ cause, retryOf }) => [cause.name, cause.retry, retryOf])).toEqual([
    [undefined, undefined, null],
    [first.id, 1, from === 'failure' ? first.id : null],
    [second.id, 2, from === 'failure' ? second.id : null],
  ])
})

test.each(['failure', 'start'] as const)('servers that see the same end make one retry, from the %s', async (from) => {
  await expectOneRetry([store, store], from)
})

test('a crashed run is followed once, also where it is resumed and fails later', async () => {
  const run = await launched({ max: 3 })
  await ends(run, 'crashed')
  expect(await pass()).toBe(1)
  await ends({ ...run, epoch: 1 }, 'failed')
  await pass()
  expect((await runs()).length).toBe(2)
})

test('nothing follows a cancel, nor what ended before the first server', async () => {
  await ends(await launched({ max: 3 }), 'canceled')
  expect(await pass()).toBe(0)
  const old = await openSqliteInProcess(':memory:')
  const other = store
  store = old
  await ends(await launched({ max: 3 }), 'failed')
  expect([await pass(), await pass()]).toEqual([0, 0])
  await old.close()
  store = other
})

test('it waits in the queue until its delay is over, and says so', async () => {
  const run = await launched({ max: 5, delay: '10s' })
  await ends(run, 'failed')
  await pass()
  const again = await last()
  const until = time - 1 + 10_000
  expect(again.waitingFor).toEqual({ for: 'retry', until })
  const why = await whyRun(store, again, time)
  expect(why.says).toMatch(/^It is retrying in /)
  expect(why.notes[0]).toBe(`It is retry 1 of 5, of the run ${run.id}. It goes on at ${new Date(until).toISOString()}.`)
  await store.commit([{ change: 'queue.due', at: until - 1 }])
  expect(await store.queue.next('default', 1)).toEqual([])
  await store.commit([{ change: 'queue.due', at: until }])
  expect(await store.queue.next('default', 1)).toMatchObject([{ run: again.id }])
})
