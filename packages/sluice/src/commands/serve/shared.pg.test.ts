import { type ChildProcess, spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Client, createClient } from '@sluice/api/client'
import { aDatabase, server } from '@sluice/storage/testing'
import { afterEach, beforeEach, describe, expect, onTestFailed, test, vi } from 'vitest'
import { type RealProject, realProject, command } from '../../../fixtures/real-project.ts'

/** The second step of each run waits until it may go on. */
const pipeline = `
import { appendFileSync, existsSync } from 'node:fs'
import { flow, task } from 'sluice'
import { z } from 'zod'
const page = task('page', async (n: number) => {
  appendFileSync(process.env.EXECUTED!, n + '\\n')
  while (n % 2 === 1 && !existsSync(process.env.EXECUTED + '.go')) await new Promise((resolve) => setTimeout(resolve, 50))
  return n
})
const params = z.object({ n: z.number() })
export const sync = flow('sync', { params }, async ({ n }) => (await page(n * 2)) + (await page(n * 2 + 1)))
`

describe.runIf(server !== undefined)('two servers on one database', () => {
  let database: Awaited<ReturnType<typeof aDatabase>>
  let project: RealProject
  let executed: string
  const processes: ChildProcess[] = []

  beforeEach(async () => {
    database = await aDatabase()
    project = await realProject()
    executed = join(project.folder, 'executed')
    await project.write({ 'pipeline.ts': pipeline, '.env': `EXECUTED=${executed}\n` })
  })
  afterEach(async () => {
    for (const child of processes.splice(0)) child.kill('SIGKILL')
    await project.remove()
    await database.drop()
  })

  function start(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const child = spawn(process.execPath, [command, ...args], {
      cwd: project.folder,
      env: { ...process.env, ...env },
      detached: true,
    })
    processes.push(child)
    let text = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (more: string) => (text += more))
    onTestFailed(() => void process.stderr.write(`sluice ${args.slice(0, 2).join(' ')} said:\n${text}\n`))
    return { child, printed: () => text }
  }

  async function startServer(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const started = start(['server', '--port', '0', '--lease', '4s', ...args], env)
    const found = () => /answers at (http:\/\/[^/]+)/.exec(started.printed())?.[1]
    await expect.poll(found, { timeout: 60_000 }).toBeTruthy()
    return { ...started, url: found()!, client: createClient({ url: found()! }) }
  }
  const workerOf = ({ url }: { url: string }, name: string) =>
    start(['worker', 'pipeline.ts', '--server', url, '--name', name, '--slots', '4', '--activate'])
  const ready = (client: Client, count: number) =>
    vi.waitUntil(async () => (await client.workers.list()).workers.length === count, { timeout: 60_000, interval: 100 })

  const active = (client: Client) =>
    vi.waitUntil(async () => (await client.locations.list()).locations[0]?.active, { timeout: 60_000, interval: 100 })

  test('fifty runs on two servers and three workers, each once: a server and a worker that are killed lose none', async () => {
    const a = await startServer(['--store', database.url])
    const b = await startServer([], { SLUICE_STORE: database.url })
    const [, ofB, victim] = [workerOf(a, 'a'), workerOf(b, 'b'), workerOf(b, 'c')]
    await ready(b.client, 3)
    await active(b.client)
    // The code checks the params, and may take longer than it is given on a busy machine: asked again, it is the same run.
    const launch = async (n: number): Promise<string> => {
      const { client } = n % 2 ? a : b
      const body = { target: 'sync', params: { n }, once: `run ${n}` }
      for (let tries = 1; ; tries++) {
        const asked = await client.runs.launch({ body }).catch((error: unknown) => {
          if (tries === 10) throw error
        })
        if (asked) return asked.run.id
      }
    }
    const runs: string[] = []
    for (let n = 0; n < 50; n++) runs.push(await launch(n))
    const lines = async () => (await readFile(executed, 'utf8').catch(() => '')).trim().split('\n').map(Number)
    // Every slot holds a run whose first step is committed, and whose second one goes on.
    const goingOn = async () => (await lines()).filter((n) => n % 2 === 1).length
    await expect.poll(goingOn, { timeout: 120_000 }).toBeGreaterThanOrEqual(12)
    a.child.kill('SIGKILL')
    victim.child.kill('SIGKILL')
    await writeFile(`${executed}.go`, '')

    const list = async () => (await b.client.runs.list({ limit: 100 })).runs
    await expect
      .poll(async () => (await list()).filter(({ state }) => state === 'succeeded').length, { timeout: 120_000 })
      .toBe(50)
    const ended = await list()
    expect(new Set(ended.map(({ id }) => id))).toEqual(new Set(runs))
    // What was committed ran once; steps in flight at the moment of the kill ran again, elsewhere.
    const times = (n: number, all: readonly number[]) => all.filter((one) => one === n).length
    const all = await lines()
    for (let n = 0; n < 100; n += 2) expect([n, times(n, all)]).toEqual([n, 1])
    expect(new Set(all).size).toBe(100)
    expect(ended.filter(({ epoch }) => epoch > 1).length).toBeGreaterThanOrEqual(8)
    const { rows } = await database.sql.query<{ run: string }>(
      `select run from events where type = 'run.succeeded' group by run having count(*) > 1`,
    )
    expect(rows).toEqual([])
    expect((await database.sql.query('select from slots')).rowCount).toBe(0)
    expect((await database.sql.query('select from queue')).rowCount).toBe(0)
    expect(ofB.child.exitCode).toBeNull()
  })

  test('a cancel that is asked of one server reaches the worker of another', async () => {
    await project.write({
      'pipeline.ts': `import { flow } from 'sluice'
        export const sync = flow('sync', async () => { await new Promise((resolve) => setTimeout(resolve, 60_000)) })`,
    })
    const a = await startServer(['--store', database.url])
    const b = await startServer(['--store', database.url])
    workerOf(a, 'a')
    await ready(b.client, 1)
    await active(b.client)
    const { run } = await b.client.runs.launch({ body: { target: 'sync' } })
    const state = async () => (await b.client.runs.get({ run: run.id })).run.state
    await expect.poll(state, { timeout: 60_000 }).toBe('running')
    await b.client.runs.cancel({ run: run.id })
    await expect.poll(state, { timeout: 60_000 }).toBe('canceled')
  })
})
