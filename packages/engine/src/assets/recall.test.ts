import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AnyAsset, type IoFactory, asset } from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Harness, harness } from '../runs/harness.ts'
import type { Store } from '../store/ports.ts'
import { memory } from '../values/memory.ts'

let home: string
let store: Store
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sluice-recall-'))
  store = await openSqliteInProcess(':memory:')
})
afterEach(async () => {
  await store.close()
  await rm(home, { recursive: true })
})

/** Two assets, and a run of both that crashed when the first was made. */
async function crashed(h: Harness): Promise<{ run: string; definitions: readonly AnyAsset[]; made: () => number }> {
  let made = 0
  const up = asset('up', () => ++made)
  let crash: (() => Promise<void>) | undefined
  const down = asset('down', { inputs: { up } }, async ({ up: value }) => {
    await crash?.()
    return value
  })
  crash = async () => {
    crash = undefined
    const { id: run, epoch } = (await store.runs.list({}))[0]!
    await store.commit([{ change: 'run.end', run, epoch, state: 'crashed', error: null, result: null, at: Date.now() }])
    throw new Error('its process is gone')
  }
  const definitions = [up, down]
  const { run } = await h.materialize(definitions, ['up', 'down'])
  return { run, definitions, made: () => made }
}

/** Tells what was published: the run that made it. */
const watched = (published: string[]): IoFactory => {
  const inner = memory()
  return {
    name: inner.name,
    open: async (place) => ({
      ...(await inner.open(place)),
      published: async (ref, { name }) =>
        void published.push(`${name} ${JSON.stringify(ref).split('|')[2]!.split('-')[0]}`),
    }),
  }
}

test('a run that goes on reads what it made itself, whatever another run made since', async () => {
  const h = await harness(store, home)
  const { run, definitions, made } = await crashed(h)
  expect((await h.materialize(definitions, ['up'])).state).toBe('succeeded')
  expect(made()).toBe(2)
  expect((await h.resume(run, definitions)).state).toBe('succeeded')
  const [latest] = await store.assets.latest([{ asset: 'down', partition: null }])
  expect(latest!.run).toBe(run)
  expect(await h.values.read(definitions[1]!, null, latest!.value!)).toBe(1)
})

test('what it made is told again to what people look at', async () => {
  const published: string[] = []
  const h = await harness(store, home, [], undefined, watched(published))
  const { run, definitions } = await crashed(h)
  published.length = 0
  expect((await h.resume(run, definitions)).state).toBe('succeeded')
  expect(published).toEqual([`up ${run}`, `down ${run}`])
})

test('but not over what another run made since', async () => {
  const published: string[] = []
  const h = await harness(store, home, [], undefined, watched(published))
  const { run, definitions } = await crashed(h)
  await h.materialize(definitions, ['up'])
  published.length = 0
  await h.resume(run, definitions)
  expect(published).toEqual([`down ${run}`])
})
