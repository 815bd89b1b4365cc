import type { Run, RunTarget } from '@sluice/core'
import { type Store, newRun } from '@sluice/engine'
import { openSqliteInProcess } from '@sluice/storage'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ends } from '../fixtures/retried.ts'
import { mendedBy } from './mended.ts'

let store: Store
let time: number
beforeEach(async () => {
  store = await openSqliteInProcess(':memory:')
  time = 1_000_000
})
afterEach(() => store.close())

async function ran(state: 'failed' | 'succeeded', target: RunTarget, over: Partial<Run> = {}): Promise<Run> {
  const run = { ...newRun({ target, params: null, entry: null, now: (time += 10) }), ...over }
  await store.commit([{ change: 'run.create', run }])
  await ends(store, run, state, (time += 10))
  return run
}
const sync: RunTarget = { kind: 'flow', name: 'sync' }
const days = (...partitions: string[]): RunTarget => ({ kind: 'assets', selection: 'raw', assets: ['raw'], partitions })

test('what failed is made good by a later run of the same that succeeded, and the newest is told', async () => {
  await ran('succeeded', sync)
  const run = await ran('failed', sync)
  expect(await mendedBy(store, run)).toBeNull()
  await ran('failed', sync)
  await ran('succeeded', sync)
  const newest = await ran('succeeded', sync)
  expect(await mendedBy(store, run)).toBe(newest.id)
})

test('not by one with other params, of another job, of other partitions', async () => {
  const given = await ran('failed', sync, { params: '{"n":1}', job: 'eu' })
  const day = await ran('failed', days('a'))
  const both = await ran('failed', days('a', 'b'))
  await ran('succeeded', sync, { params: '{"n":2}', job: 'eu' })
  await ran('succeeded', sync, { params: '{"n":1}', job: 'us' })
  await ran('succeeded', days('b'))
  for (const run of [given, day, both]) expect(await mendedBy(store, run)).toBeNull()
  const [same, one, two] = [
    await ran('succeeded', sync, { params: '{"n":1}', job: 'eu' }),
    await ran('succeeded', days('a')),
    await ran('succeeded', days('a', 'b')),
  ]
  expect([await mendedBy(store, given), await mendedBy(store, day), await mendedBy(store, both)]).toEqual([
    same.id,
    one.id,
    two.id,
  ])
})
