import { create } from '@sluice/engine/rows'
import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { check, openSqliteStore } from '../index.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-processes-'))
  path = join(folder, 'sluice.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const execArgv = ['--conditions=@sluice/source']
const writer = (id: string, steps: number) =>
  fork(new URL('../fixtures/writer.ts', import.meta.url), [path, id, String(steps)], { execArgv })

test('several processes make and write one file at once', async () => {
  const ids = ['ra', 'rb', 'rc']
  const ended = await Promise.all(ids.map((id) => once(writer(id, 200), 'exit')))
  expect(ended).toEqual(ids.map(() => [0, null]))
  const store = await openSqliteStore({ path })
  for (const id of ids) expect(await store.steps.counts(id)).toEqual({ succeeded: 200 })
  expect((await store.events.list({})).map((event) => event.id)).toEqual([1, 2, 3, 4, 5, 6])
  await store.close()
  expect(check(path)).toEqual([])
})

test('what was acknowledged survives SIGKILL, and the store is whole', async () => {
  const child = writer('ra', 1_000_000)
  let acknowledged = 0
  const killed = once(child, 'exit')
  child.on('message', (step: number) => {
    acknowledged = step
    if (step === 150) child.kill('SIGKILL')
  })
  expect(await killed).toEqual([null, 'SIGKILL'])
  const store = await openSqliteStore({ path })
  const { succeeded } = await store.steps.counts('ra')
  expect(succeeded).toBeGreaterThanOrEqual(acknowledged)
  expect(acknowledged).toBeGreaterThanOrEqual(150)
  await store.close()
  expect(check(path)).toEqual([])
})

test('the thread does not keep a process alive, but an answer that it waits for does', async () => {
  const program = `
    const { openSqliteStore } = await import(${JSON.stringify(new URL('../index.ts', import.meta.url).href)})
    const store = await openSqliteStore({ path: ${JSON.stringify(path)} })
    store.commit([${JSON.stringify(create('r1'))}]).then((answers) => console.log(JSON.stringify(answers)))`
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...execArgv,
    '--input-type=module',
    '--eval',
    program,
  ])
  expect(stdout).toBe('[{"ok":true}]\n')
})

test('a store in a thread that was closed refuses at once', async () => {
  const store = await openSqliteStore({ path })
  await store.close()
  await expect(store.commit([create('r1')])).rejects.toMatchObject({ code: 'STORE_FAILED' })
  await expect(store.runs.get('r1')).rejects.toMatchObject({ code: 'STORE_FAILED' })
})
