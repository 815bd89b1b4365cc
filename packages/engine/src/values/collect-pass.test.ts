import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asset, flow, task } from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Harness, harness } from '../runs/harness.ts'
import { collectValues } from './collect-pass.ts'

let home: string
let h: Harness
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sluice-collect-'))
  h = await harness(await openSqliteInProcess(':memory:'), home)
})
afterEach(async () => {
  await h.store.close()
  await rm(home, { recursive: true })
})

const filesIn = async (folder: string): Promise<string[]> => (await readdir(join(home, 'values', folder))).sort()
const collect = (before: number, dryRun = false): ReturnType<typeof collectValues> =>
  collectValues({ store: h.store, values: h.values, managers: ['files'], before, dryRun })

test('what is no longer the newest goes, the newest stays, whatever its age', async () => {
  const made = asset('made', () => 'x')
  await h.materialize([made], ['made'])
  await h.materialize([made], ['made'])
  const [, oldest] = await h.store.assets.history('made')
  const later = Date.now() + 1_000
  expect(await collect(later, true)).toMatchObject({ old: 1 })
  expect(await filesIn('made')).toHaveLength(2)
  expect(await collect(later)).toMatchObject({ old: 1 })
  expect(await filesIn('made')).toHaveLength(1)
  expect(await filesIn('made')).not.toContain(`${oldest!.run}-1-1-1.json`)
  expect(await collect(later)).toMatchObject({ old: 0 })
})

test('what a lost attempt wrote is an orphan; what a young run may still publish is none', async () => {
  const big = task('big', () => 'x'.repeat(10_000))
  const { run } = await h.run(flow('f', () => big()))
  await writeFile(join(home, 'values', 'steps', 'big', `${run}-1-1-7.json`), 'left by an attempt that was given up')
  expect(await filesIn('steps/big')).toHaveLength(2)
  expect(await collect(0)).toMatchObject({ old: 0, orphans: 1 })
  expect(await filesIn('steps/big')).toEqual([`${run}-1-1-1.json`])
})

test('values of a run that was forgotten go, but for what is current, and what the cache holds', async () => {
  const made = asset('made', () => 'x')
  const big = task('big', () => 'x'.repeat(10_000))
  const cached = task('cached', { cache: true }, (n: number) => 'y'.repeat(10_000 + n))
  const { run: first } = await h.materialize([made], ['made'])
  const { run: second } = await h.run(
    flow('f', async () => {
      await big()
      return (await cached(1)).length
    }),
  )
  const before = Date.now() + 1_000
  expect(
    await h.store.commit([first, second].map((run) => ({ change: 'run.forget', run, before, rows: 100 }) as const)),
  ).toEqual([{ ok: true }, { ok: true }])
  expect(await collect(0)).toMatchObject({ old: 0, orphans: 1 })
  expect(await filesIn('made')).toHaveLength(1)
  expect(await filesIn('steps/big')).toEqual([])
  expect(await filesIn('steps/cached')).toHaveLength(1)
  const again = await h.run(flow('g', async () => (await cached(1)).length))
  expect(await h.store.steps.list(again.run)).toMatchObject([{ cachedFrom: { run: second } }])
})
