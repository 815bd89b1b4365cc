import { type ChildProcess, fork, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ipcChannel } from '@sluice/engine/store'
import type { Store } from '@sluice/engine/store'
import { type Server, openServer } from '@sluice/server'
import { openSqliteInProcess } from '@sluice/storage'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type RealProject, realProject, command } from '../../../fixtures/real-project.ts'

const pipeline = `
import { appendFileSync } from 'node:fs'
import { flow, task } from 'sluice'
const note = (text: string) => appendFileSync('executed', text + '\\n')
const large = task('large', (n: number) => 'x'.repeat(n))
export const size = flow('size', async () => (await large(5_000_000)).length)
const page = task('page', async (n: number) => { note('page ' + n); await new Promise((go) => setTimeout(go, 150)); return n })
export const pages = flow('pages', async () => {
  console.log('printed')
  let sum = 0
  for (let n = 0; n < 12; n++) sum += await page(n)
  return sum
})
export const broken = flow('broken', async () => { throw new Error('on purpose') })
`

let project: RealProject
let store: Store
let server: Server
const workers: ChildProcess[] = []

/** A worker of a kind, started as its own process. */
const transports = {
  'a pipe': () => {
    const args = ['worker', 'pipeline.ts', '--ipc', '--activate']
    const child = fork(command, args, {
      cwd: project.folder,
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    const connection = server.connectWorker(ipcChannel(child, 'worker'))
    child.once('exit', () => void connection.gone())
    return child
  },
  'the network': () => {
    const args = [command, 'worker', 'pipeline.ts', '--server', server.url, '--activate']
    return spawn(process.execPath, args, { cwd: project.folder, stdio: ['ignore', 'ignore', 'pipe'] })
  },
} as const

describe.each(Object.entries(transports))('a worker over %s', (_, start) => {
  const startWorker = async (): Promise<ChildProcess> => {
    const child = start()
    workers.push(child)
    await expect.poll(async () => (await server.context.locations.list())[0]?.active).toBeTruthy()
    return child
  }
  const launch = async (target: string): Promise<string> =>
    (await server.launch({ target, cause: { by: 'person' } })).run.id
  const ended = async (run: string) => {
    await expect.poll(async () => (await store.runs.get(run))?.endedAt).toBeTruthy()
    return await store.runs.get(run)
  }
  const executed = async () =>
    (await readFile(join(project.folder, 'executed'), 'utf8').catch(() => '')).trim().split('\n')

  beforeEach(async () => {
    project = await realProject()
    await project.write({ 'pipeline.ts': pipeline })
    store = await openSqliteInProcess(join(project.folder, 'server.db'))
    server = await openServer({ store, port: 0, version: '0.1.0', lease: 5_000, say: () => {} })
  })
  afterEach(async () => {
    for (const one of workers.splice(0)) one.removeAllListeners('exit').kill('SIGKILL')
    await server.close()
    await store.close()
    await project.remove()
  })

  test('executes runs, however large their results; what they print and how they fail comes back', async () => {
    await startWorker()
    expect(await ended(await launch('size'))).toMatchObject({ state: 'succeeded', result: { inline: '5000000' } })
    const broken = await ended(await launch('broken'))
    expect(broken).toMatchObject({ state: 'failed', error: { message: 'on purpose' } })
    const run = await launch('pages')
    expect(await ended(run)).toMatchObject({ state: 'succeeded', result: { inline: '66' } })
    await expect.poll(async () => (await store.logs.list({ run })).map(({ message }) => message)).toContain('printed')
  })

  test('cancels', async () => {
    await startWorker()
    const run = await launch('pages')
    await expect.poll(executed).toContain('page 2')
    await server.context.store.commit([{ change: 'run.cancel', run, at: Date.now() }])
    expect((await ended(run))?.state).toBe('canceled')
    expect(await executed()).not.toContain('page 11')
  })

  test('drains: what it gives back goes on with another, and repeats nothing that was committed', async () => {
    const first = await startWorker()
    const run = await launch('pages')
    await expect.poll(executed).toContain('page 2')
    first.kill('SIGTERM')
    await new Promise((resolve) => first.once('exit', resolve))
    await startWorker()
    expect(await ended(run)).toMatchObject({ state: 'succeeded', resumes: 0 })
    expect((await executed()).filter((line) => line === 'page 0' || line === 'page 1')).toHaveLength(2)
  })

  test('is killed: its run goes on with another, uncounted', async () => {
    const first = await startWorker()
    const run = await launch('pages')
    await expect.poll(executed).toContain('page 2')
    first.kill('SIGKILL')
    await startWorker()
    expect(await ended(run)).toMatchObject({ state: 'succeeded', resumes: 0, epoch: 2 })
    expect((await executed()).filter((line) => line === 'page 0' || line === 'page 1')).toHaveLength(2)
  })
})
