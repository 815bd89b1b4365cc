import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type LogLine, type RunTarget, decode } from '@sluice/core'
import { claimRun, newRun, openValuePlaces } from '@sluice/engine'
import type { Store } from '@sluice/engine/store'
import { openSqliteInProcess } from '@sluice/storage'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RunAnswer } from './messages.ts'
import { type Child, type ChildOptions, startChild } from './supervisor.ts'

const entry = fileURLToPath(new URL('../fixtures/pipeline.ts', import.meta.url))
let root: string
let store: Store
let child: Child

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sluice-run-'))
  store = await openSqliteInProcess(join(root, 'sluice.db'))
})
afterEach(async () => {
  await child.kill()
  await store.close()
  await rm(root, { recursive: true })
})

/** As the command does: claims the run here, executes it there. */
async function execute(target: RunTarget, options: Partial<ChildOptions> = {}, resumed?: string) {
  const before =
    resumed === undefined ? newRun({ target, params: null, entry, now: Date.now() }) : (await store.runs.get(resumed))!
  const run = await claimRun(store, before, 'test', null, Date.now())
  child = startChild({ entries: [entry], root, store, ...options })
  const done = child.ask({
    request: 'run',
    run,
    fresh: resumed === undefined,
    environment: 'dev',
    config: null,
    values: 'files',
  }) as Promise<RunAnswer>
  return { run, done }
}

const valueOf = (answer: RunAnswer): unknown =>
  answer.state === 'succeeded' && answer.result && 'inline' in answer.result
    ? decode(answer.result.inline)
    : expect.fail(JSON.stringify(answer))

describe('a run in a child, over the store of its parent', () => {
  test('is journaled here and tells its logs', async () => {
    const lines: Omit<LogLine, 'id' | 'run'>[] = []
    const onMessage: ChildOptions['onMessage'] = (told) => told.message === 'log' && lines.push(told.line)
    const { run, done } = await execute({ kind: 'flow', name: 'sums' }, { onMessage })
    expect(valueOf(await done)).toEqual({
      doubled: [2, 4, 6],
      alone: 4,
      ownProcess: true,
      greeting: `hello from ${child.pid}`,
    })
    expect(await store.runs.get(run.id)).toMatchObject({ state: 'succeeded' })
    expect((await store.steps.list(run.id)).map(({ name, state }) => `${name} ${state}`)).toEqual([
      'double succeeded',
      'double succeeded',
      'double succeeded',
      'apart succeeded',
    ])
    expect(lines.map(({ message, step }) => `${step} ${message}`)).toEqual(['1 doubling', '2 doubling', '3 doubling'])
  })

  test('makes assets, whose values are below the project', async () => {
    const assets = ['numbers', 'total']
    const { done } = await execute({ kind: 'assets', selection: 'total', assets, partitions: null })
    expect(await done).toMatchObject({ state: 'succeeded' })
    const [total] = await store.assets.latest([{ asset: 'total', partition: null }])
    const values = openValuePlaces({ values: undefined, root, home: join(root, '.sluice'), readOnly: true })
    const { total: asset } = await import('../fixtures/pipeline.ts')
    expect(await values.read(asset, null, total!.value!)).toBe(6)
    await values.close()
  })

  test('fails with the error', async () => {
    const { run, done } = await execute({ kind: 'flow', name: 'breaks' })
    expect(await done).toMatchObject({ state: 'failed', error: { name: 'TypeError', message: 'nothing to sum' } })
    expect(await store.runs.get(run.id)).toMatchObject({ state: 'failed' })
  })

  test('is canceled by a word from its parent', async () => {
    const waiting = Promise.withResolvers<void>()
    const onMessage: ChildOptions['onMessage'] = (told) =>
      told.message === 'log' && told.line.message === 'waiting' && waiting.resolve()
    const { run, done } = await execute({ kind: 'flow', name: 'waits' }, { onMessage })
    await waiting.promise
    child.cancel()
    expect(await done).toMatchObject({ state: 'canceled' })
    expect(await store.runs.get(run.id)).toMatchObject({ state: 'canceled' })
  })

  test('that is killed goes on in another child, without its committed steps', async () => {
    const log = join(root, 'executions')
    const target = { kind: 'flow', name: 'dies' } as const
    const first = await execute(target, { env: { ...process.env, FIXTURE_LOG: log, FIXTURE_DIE: '1' } })
    await expect(first.done).rejects.toMatchObject({ code: 'CHILD_EXITED', data: { signal: 'SIGKILL' } })
    await store.commit([
      {
        change: 'run.end',
        run: first.run.id,
        epoch: first.run.epoch,
        state: 'crashed',
        error: null,
        result: null,
        at: Date.now(),
      },
    ])
    const second = await execute(target, { env: { ...process.env, FIXTURE_LOG: log } }, first.run.id)
    expect(valueOf(await second.done)).toEqual(['one', 'two'])
    expect(await readFile(log, 'utf8')).toBe('one\ntwo\n')
  })
})
