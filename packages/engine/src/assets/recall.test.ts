import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asset } from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import { expect, test } from 'vitest'
import { harness } from '../runs/harness.ts'

test('a run that goes on reads what it made itself, whatever another run made since', async () => {
  const home = await mkdtemp(join(tmpdir(), 'sluice-recall-'))
  const store = await openSqliteInProcess(':memory:')
  const h = await harness(store, home)
  let made = 0
  const up = asset('up', () => ++made)
  let crash: (() => Promise<void>) | undefined
  const down = asset('down', { inputs: { up } }, async ({ up: value }) => {
    await crash?.()
    return value
  })
  crash = async () => {
    crash = undefined
    const run = (await store.runs.list({}))[0]!
    const end = {
      change: 'run.end',
      run: run.id,
      epoch: run.epoch,
      state: 'crashed',
      error: null,
      result: null,
    } as const
    await store.commit([{ ...end, at: Date.now() }])
    throw new Error('its process is gone')
  }
  const { run } = await h.materialize([up, down], ['up', 'down'])
  expect((await h.materialize([up], ['up'])).state).toBe('succeeded')
  expect(made).toBe(2)
  expect((await h.resume(run, [up, down])).state).toBe('succeeded')
  const [latest] = await store.assets.latest([{ asset: 'down', partition: null }])
  expect(latest!.run).toBe(run)
  expect(await h.values.read(down, null, latest!.value!)).toBe(1)
  await store.close()
  await rm(home, { recursive: true })
})
