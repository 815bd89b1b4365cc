import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asset, flow } from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Harness, harness } from '../runs/harness.ts'
import { newRunId } from '../runs/launch.ts'
import { collectAfterRun } from './collect-after-run.ts'

let home: string
let h: Harness
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sluice-after-run-'))
  h = await harness(await openSqliteInProcess(':memory:'), home)
})
afterEach(async () => {
  await h.store.close()
  await rm(home, { recursive: true })
})

const made = asset('made', () => 'x')
const other = asset('other', () => 'x')
const count = async (name: string): Promise<number> => (await readdir(join(home, 'values', name))).length
const after = (run: string, config = {}, values = h.values): Promise<void> =>
  collectAfterRun({ store: h.store, values, run, config, home })
const materialize = async (definition: typeof made, times: number): Promise<string> => {
  let run = ''
  for (let n = 0; n < times; n++) ({ run } = await h.materialize([definition], [definition.name]))
  return run
}

test('of what a run made, the latest and the one before are kept, or as many as the configuration says', async () => {
  await materialize(other, 4)
  const run = await materialize(made, 5)
  await after(run, { keepVersions: 4 })
  expect(await count('made')).toBe(4)
  await after(run)
  expect([await count('made'), await count('other')]).toEqual([2, 4])
  await after(run, { keepVersions: 1 })
  expect(await count('made')).toBe(1)
})

test('what another run that goes on may have read is kept', async () => {
  await materialize(made, 1)
  const created = Date.now()
  let last = ''
  await h.run(
    flow('reader', async () => {
      last = await materialize(made, 3)
      await after(last, { keepVersions: 1 })
      expect(await count('made')).toBe(4)
    }),
  )
  expect(Date.now()).toBeGreaterThanOrEqual(created)
  await after(last, { keepVersions: 1 })
  expect(await count('made')).toBe(1)
})

test('once a day, what is too old anywhere goes too', async () => {
  const marker = join(home, 'values', 'collected')
  await materialize(other, 2)
  const run = await materialize(made, 1)
  const config = { keepValues: '0ms' } as const
  await after(run, config) // the first time of a store
  await after(run, config)
  expect(await count('other')).toBe(2)
  await utimes(marker, 0, 0)
  await after(run, config)
  expect(await count('other')).toBe(1)
})

test('it opens nothing, and never fails', async () => {
  await after(newRunId(0), {}, { ...h.values, opened: () => [] })
  expect(await readdir(home)).toEqual([])
  const run = await materialize(made, 3)
  const broken = { ...h.values, manager: () => Promise.reject(new Error('the place is gone')) }
  await after(run, {}, broken)
  expect(await count('made')).toBe(3)
  await mkdir(join(home, 'values', 'collected'))
  await writeFile(join(home, 'values', 'collected', 'in-the-way'), '')
  await utimes(join(home, 'values', 'collected'), 0, 0)
  await after(run)
  expect(await count('made')).toBe(2)
})
