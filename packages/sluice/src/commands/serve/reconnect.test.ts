import { readFile, writeFile } from 'node:fs/promises'
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type ServedProject, servedProject } from '../../../fixtures/served-project.ts'

const pipeline = `
import { appendFileSync as append } from 'node:fs'
const far = { pool: 'far' }
const page = task('page', async (n: number) => { note('page ' + n) })
export const talks = flow('talks', far, async () => {
  let line = 0
  const talking = setInterval(() => console.log('line ' + line++), 20)
  for (let n = 0; !existsSync('enough'); n++) {
    await page(n)
    await wait(20)
  }
  clearInterval(talking)
  console.log('last ' + line)
})
export const floods = flow('floods', far, async () => {
  const rest = 'x'.repeat(1000)
  note('floods')
  await opened('now')
  for (let n = 0; n < 3000; n++) {
    console.log(n + ' ' + rest)
    if (n % 100 === 0) {
      append('flood', n + '\\n')
      await wait(1)
    }
  }
})
export const stays = flow('stays', async () => {
  console.log('before the cut')
  await opened('went')
  console.log('while it was away')
  return 'all of it'
})
export const late = flow('late', { ...far, maxDuration: '3s' }, async () => {
  notePid()
  note('late')
  for (;;) await wait(100)
})
`

let project: ServedProject
let proxy: ReturnType<typeof proxyTo>
let cutUrl: string
beforeAll(async () => {
  project = await servedProject(pipeline)
  proxy = proxyTo(Number(new URL(project.url).port))
  cutUrl = await proxy.url()
  project.start([
    'worker',
    'pipeline.ts',
    '--pool',
    'far',
    '--name',
    'far-away',
    '--server',
    cutUrl,
    '--spool',
    '200 KB',
  ])
})
afterEach(() => proxy.restore())
afterAll(async () => {
  await project.remove()
  proxy.close()
})

/** A way to the server that can be cut. */
function proxyTo(port: number) {
  const open = new Set<Socket>()
  let isCut = false
  const server: Server = createServer((socket) => {
    if (isCut) return void socket.destroy()
    const up = connect(port, '127.0.0.1')
    for (const [one, other] of [
      [socket, up],
      [up, socket],
    ] as const) {
      open.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        open.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  return {
    url: () =>
      new Promise<string>((resolve) => {
        server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
      }),
    cut() {
      isCut = true
      for (const one of open) one.destroy()
    },
    restore: () => void (isCut = false),
    close: () => server.close(),
  }
}

const printed = async (run: { id: string }): Promise<string[]> => {
  const all: string[] = []
  for (let cursor: string | undefined; ;) {
    const { lines, next } = await project.client.runs.logs({ run: run.id, ...(cursor !== undefined && { cursor }) })
    all.push(...lines.filter(({ level }) => level === 'stdout').map(({ message }) => message))
    if (next === null) return all
    cursor = next
  }
}
/** The same at two looks, half a second apart. */
const settles = async (look: () => Promise<number>) => {
  let before = -1
  await expect.poll(async () => (await look()) === before || void (before = await look()), { interval: 500 }).toBe(true)
  return before
}
const noted = async (start: string) => (await project.notes()).filter((line) => line.startsWith(start))

test('while the connection is away no step passes, and nothing that was printed is lost', async () => {
  const run = await project.launch('talks')
  await expect.poll(async () => (await noted('page')).length).toBeGreaterThan(5)
  proxy.cut()
  const pages = await settles(async () => (await noted('page')).length)
  await writeFile(join(project.folder, 'enough'), '')
  proxy.restore()
  expect(await project.ended(run)).toMatchObject({ state: 'succeeded', epoch: 1, resumes: 0 })
  await expect.poll(async () => (await printed(run)).at(-1)).toMatch(/^last /)
  const lines = await printed(run)
  expect(lines).toEqual([...lines.slice(0, -1).keys()].map((n) => `line ${n}`).concat(`last ${lines.length - 1}`))
  const done = await noted('page')
  expect(done).toEqual([...done.keys()].map((n) => `page ${n}`))
  // The one in flight, and what began when its outcome was acknowledged.
  expect(done.length).toBeLessThanOrEqual(pages + 2)
})

test('more than may wait on disk makes what prints wait, and it arrives in the end', async () => {
  const run = await project.launch('floods')
  await expect.poll(() => noted('floods')).toHaveLength(1)
  proxy.cut()
  await writeFile(join(project.folder, 'now'), '')
  const file = join(project.folder, 'flood')
  const count = async () => (await readFile(file, 'utf8').catch(() => '')).split('\n').length - 1
  await expect.poll(count).toBeGreaterThan(0)
  const stuck = await settles(count)
  // 3 MB are to be printed; 200 KB wait on disk, and what is in pipes and sockets.
  expect(stuck).toBeLessThan(25)
  proxy.restore()
  expect(await project.ended(run)).toMatchObject({ state: 'succeeded', epoch: 1 })
  await expect.poll(async () => (await printed(run)).length).toBe(3000)
  expect((await printed(run)).map((line) => Number(line.split(' ')[0]))).toEqual([...Array(3000).keys()])
})

test('a run that its worker has ended meanwhile stays ended', async () => {
  const run = await project.launch('late')
  await expect.poll(() => noted('late')).toHaveLength(1)
  proxy.cut()
  const pid = await project.pidOf(run)
  const isAlive = (): boolean => {
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  }
  await expect.poll(isAlive).toBe(false)
  proxy.restore()
  expect(await project.ended(run)).toMatchObject({ state: 'failed', error: { code: 'RUN_TIMEOUT' }, epoch: 1 })
  expect(await noted('late')).toHaveLength(1)
})

test('what the worker had to say for itself is there when it is gone', async () => {
  const said = async () => (await project.client.workers.logs({ worker: 'far-away' })).lines.map((line) => line.message)
  await expect.poll(said).toContainEqual(expect.stringMatching(/^Connected: pool far/))
  const shown = await project.sluice(['workers', 'logs', 'far-away', '--server', project.url])
  expect(shown).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Connected: pool far') as string })
  const listed = await project.sluice(['workers', '--server', project.url])
  expect(listed.stdout).toMatch(/far-away +far +0 of 4 +real-project [0-9a-f]{12}/)
  await expect(project.client.workers.logs({ worker: 'nobody' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect((await said()).join('\n')).toContain('The connection to the server was lost')
})

test('a command that follows a run misses nothing of what happened while the server was away', async () => {
  const following = project.start(['run', 'stays', '--server', cutUrl])
  const exited = new Promise((resolve) => following.child.once('exit', resolve))
  await expect.poll(() => following.printed()).toContain('before the cut')
  const run = (await project.client.runs.list({ limit: 1 })).runs[0]!
  proxy.cut()
  await writeFile(join(project.folder, 'went'), '')
  expect((await project.ended(run)).state).toBe('succeeded')
  proxy.restore()
  expect(await exited).toBe(0)
  expect(following.printed()).toMatch(/while it was away\n[^]*stays succeeded[^]*all of it/)
})
