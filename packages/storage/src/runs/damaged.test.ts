import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { RunTerms } from '@sluice/core'
import type { Store } from '@sluice/engine/store'
import { create } from '@sluice/engine/rows'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSqliteInProcess } from '../sqlite/open-in-process.ts'

let folder: string
let store: Store
const terms = {
  location: 'main',
  pool: 'default',
  priority: 0,
  limits: [],
  onCodeChange: 'resume',
} as unknown as RunTerms
const id = (n: number): string => `r${String(n).padStart(9, '0')}x`

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-damaged-'))
  store = await openSqliteInProcess(join(folder, 'sluice.db'))
  await store.commit([1, 2, 3, 4, 5].map((n) => create(id(n), { terms })))
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

function damage(column: string, ...runs: number[]): void {
  const database = new DatabaseSync(join(folder, 'sluice.db'))
  for (const n of runs) database.prepare(`update runs set ${column} = '{"cut' where id = ?`).run(id(n))
  database.close()
}

test('a page is as long as without damaged runs: a shorter one would be taken for the last', async () => {
  damage('tags', 5, 3)
  expect((await store.runs.list({ limit: 2 })).map((run) => run.id)).toEqual([id(4), id(2)])
  expect((await store.runs.list({ limit: 5 })).map((run) => run.id)).toEqual([id(4), id(2), id(1)])
})

test('a damaged run is refused by its name, with what to do', async () => {
  damage('terms', 1)
  await expect(store.runs.get(id(1))).rejects.toMatchObject({
    code: 'STORE_CORRUPT',
    message: expect.stringContaining(`run ${id(1)} is damaged`) as string,
    hint: expect.stringContaining('sluice db check') as string,
  })
})

test('the end of a worker gives back what it held: a damaged run fails, and the others wait again', async () => {
  const worker = { id: 'w1', name: 'w', pool: 'default', slots: 4, draining: false, versions: {}, machine: {} as never }
  const claims = [1, 2].map(
    (n) => ({ change: 'run.claim', run: id(n), from: 0, owner: 'w1', at: 2, codeVersion: 'v' }) as const,
  )
  await store.commit([{ change: 'worker.join', worker, lease: 1000 }, ...claims])
  damage('terms', 1)
  expect(await store.commit([{ change: 'worker.leave', worker: 'w1', expired: false, at: 9 }])).toEqual([{ ok: true }])
  expect((await store.runs.get(id(2)))?.state).toBe('waiting')
  const raw = new DatabaseSync(join(folder, 'sluice.db'), { readOnly: true })
  expect(raw.prepare('select state, error from runs where id = ?').get(id(1))).toMatchObject({
    state: 'failed',
    error: expect.stringContaining('STORE_CORRUPT') as string,
  })
  raw.close()
  expect((await store.events.list({ run: id(1) })).at(-1)).toMatchObject({ type: 'run.failed' })
})
