import { type ChildProcess, spawn } from 'node:child_process'
import { readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Client, createClient } from '@sluice/api/client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type RealProject, realProject, command } from '../../../fixtures/real-project.ts'

const size = 10_000_000
const pipeline = `
import { appendFileSync } from 'node:fs'
import { flow, task } from 'sluice'
const large = task('large', async (n: number) => {
  appendFileSync(process.env.EXECUTED!, process.env.WHERE + ' ' + n + '\\n')
  await new Promise((resolve) => setTimeout(resolve, 200))
  return String(n).repeat(${size})
})
export const collect = flow('collect', async () => {
  const sizes = []
  for (let n = 0; n < 5; n++) {
    const text = await large(n)
    sizes.push(text[0] + ' ' + text.length)
  }
  return sizes
})
`

// Three machines that share nothing but the network: three folders.
let machines: { server: RealProject; a: RealProject; b: RealProject }
let executed: string
const processes: ChildProcess[] = []

beforeEach(async () => {
  const [server, a, b] = [await realProject(), await realProject(), await realProject()]
  for (const one of [a, b]) await one.write({ 'pipeline.ts': pipeline })
  machines = { server, a, b }
  executed = join(server.folder, 'executed')
})
afterEach(async () => {
  for (const child of processes.splice(0)) child.kill('SIGKILL')
  for (const one of Object.values(machines)) await one.remove()
})

/** Starts the command in a group of its own, as a machine would; gives what it printed so far. */
function start(
  { folder }: RealProject,
  args: readonly string[],
  more: NodeJS.ProcessEnv = {},
): { child: ChildProcess; printed: () => string } {
  const env = { ...process.env, SLUICE_TOKEN: 'secret', ...more }
  const options = { cwd: folder, env, detached: true } as const
  const child = spawn(process.execPath, [command, ...args], options)
  processes.push(child)
  let text = ''
  child.stderr.setEncoding('utf8').on('data', (more: string) => (text += more))
  return { child, printed: () => text }
}

async function startServer(): Promise<{ url: string; client: Client }> {
  const { printed } = start(machines.server, ['server', '--port', '0', '--lease', '1500ms'])
  const found = () => /answers at (http:\/\/[^/]+)/.exec(printed())?.[1]
  await expect.poll(found, { timeout: 60_000 }).toBeTruthy()
  return { url: found()!, client: createClient({ url: found()!, token: 'secret' }) }
}

const startWorker = async (where: RealProject, name: string, url: string) => {
  await where.write({ '.env': `WHERE=${name}\nEXECUTED=${executed}\n` })
  return start(where, ['worker', 'pipeline.ts', '--server', url, '--name', name, '--activate'])
}

test('a run whose worker dies with its disk goes on elsewhere with large results of steps that were done', async () => {
  const { url, client } = await startServer()
  const a = await startWorker(machines.a, 'a', url)
  await expect.poll(async () => (await client.locations.list()).locations[0]?.active, { timeout: 60_000 }).toBeTruthy()
  const { run } = await client.runs.launch({ body: { target: 'collect' } })
  const lines = async () => (await readFile(executed, 'utf8').catch(() => '')).trim().split('\n')
  await expect.poll(lines, { timeout: 60_000 }).toContain('a 2')
  process.kill(-a.child.pid!, 'SIGKILL')
  await rm(machines.a.folder, { recursive: true })
  await startWorker(machines.b, 'b', url)
  await expect
    .poll(async () => (await client.runs.get({ run: run.id })).run.state, { timeout: 40_000 })
    .toBe('succeeded')
  const done = (await client.runs.get({ run: run.id })).run
  expect(done.result).toEqual({ inline: JSON.stringify([0, 1, 2, 3, 4].map((n) => `${n} ${size}`)) })
  // What was committed ran once; what was in flight ran again.
  expect((await lines()).filter((line) => line.endsWith(' 0') || line.endsWith(' 1'))).toEqual(['a 0', 'a 1'])
  expect(await lines()).toContain('b 4')
})

test('deployed code reaches a worker that has none; an older version counts again when it is activated', async () => {
  const { url, client } = await startServer()
  const home = join(machines.b.folder, 'home')
  const env = { SLUICE_TOKEN: 'secret', SLUICE_SERVER: url }
  await machines.a.write({
    'sluice.config.ts': `import { defineConfig } from 'sluice'; export default defineConfig({ entry: './steps/main.ts' })`,
    'steps/main.ts': `import { flow } from 'sluice'; import { text } from './text.ts'; export const say = flow('say', async () => text)`,
    'steps/text.ts': `export const text: string = 'first'`,
    '.env': 'SECRET=1',
  })
  const deploy = async () =>
    JSON.parse((await machines.a.sluice(['deploy', '--json'], { env })).stdout) as { version: string }
  const first = await deploy()
  start(machines.server, ['worker', '--deployed', '--server', url, '--name', 'b'], { SLUICE_HOME: home })
  const said = async () => {
    const { run } = await client.runs.launch({ body: { target: 'say' } })
    await expect
      .poll(async () => (await client.runs.get({ run: run.id })).run.state, { timeout: 60_000 })
      .toBe('succeeded')
    return (await client.runs.get({ run: run.id })).run.result
  }
  expect(await said()).toEqual({ inline: '"first"' })
  await machines.a.write({ 'steps/text.ts': `export const text: string = 'second'` })
  const second = await deploy()
  expect(second.version).not.toBe(first.version)
  expect(await said()).toEqual({ inline: '"second"' })
  const [bundle] = await readdir(join(home, 'code'))
  expect(await readdir(join(home, 'code', bundle!))).not.toContain('.env')
  const back = await machines.a.sluice(['locations', 'activate', 'real-project', first.version.slice(0, 8)], { env })
  expect(back.exitCode).toBe(0)
  expect(await said()).toEqual({ inline: '"first"' })
  const listed = (await machines.a.sluice(['locations', 'versions', 'real-project'], { env })).stdout
  expect(listed).toMatch(new RegExp(`● ${first.version.slice(0, 12)} .*deployed`))
  expect(await deploy()).toEqual(second)
})

test('deployed without a bundle, code is used where a worker brings it in its image; until then the run says what it waits for', async () => {
  const { url, client } = await startServer()
  const env = { SLUICE_TOKEN: 'secret', SLUICE_SERVER: url }
  await machines.a.write({
    'pipeline.ts': `import { flow } from 'sluice'; export const say = flow('say', async () => 'image')`,
  })
  const { version, bundle } = JSON.parse(
    (await machines.a.sluice(['deploy', 'pipeline.ts', '--no-bundle', '--json'], { env })).stdout,
  ) as { version: string; bundle: string | null }
  expect(bundle).toBeNull()
  // A worker that fetches what was deployed cannot get it.
  start(machines.server, ['worker', '--deployed', '--server', url, '--name', 'fetching'], {
    SLUICE_HOME: join(machines.server.folder, 'home'),
  })
  await expect.poll(async () => (await client.workers.list()).workers.length, { timeout: 60_000 }).toBe(1)
  const { run } = await client.runs.launch({ body: { target: 'say' } })
  const why = async () => (await machines.a.sluice(['runs', 'why', run.id], { env })).stdout
  await expect.poll(why, { timeout: 60_000 }).toContain(version.slice(0, 12))
  // The image: the same code, on another machine.
  await machines.b.write({ 'pipeline.ts': await readFile(join(machines.a.folder, 'pipeline.ts'), 'utf8') })
  start(machines.b, ['worker', 'pipeline.ts', '--server', url, '--name', 'image'])
  await expect
    .poll(async () => (await client.runs.get({ run: run.id })).run, { timeout: 60_000 })
    .toMatchObject({ state: 'succeeded', result: { inline: '"image"' }, codeVersion: version })
})

test('deployed code that workers cannot load is said once, and the run that waits for it says why', async () => {
  const { url, client } = await startServer()
  const env = { SLUICE_TOKEN: 'secret', SLUICE_SERVER: url }
  await machines.a.write({
    'here.txt': '',
    'pipeline.ts': `import { existsSync } from 'node:fs'; import { flow } from 'sluice'
      if (!existsSync(${JSON.stringify(join(machines.a.folder, 'here.txt'))})) throw new Error('no driver here')
      export const say = flow('say', async () => 'loaded')`,
  })
  await machines.a.sluice(['deploy', 'pipeline.ts', '--json'], { env })
  await rm(join(machines.a.folder, 'here.txt'))
  const home = join(machines.server.folder, 'home')
  const worker = start(machines.server, ['worker', '--deployed', '--server', url], { SLUICE_HOME: home })
  const { run } = await client.runs.launch({ body: { target: 'say' } })
  const notes = async () => (await client.runs.why({ run: run.id })).notes.join('\n')
  await expect.poll(notes, { timeout: 60_000 }).toMatch(/could not be loaded at .*no driver here/)
  const again = await client.runs.launch({ body: { target: 'say' } })
  await machines.a.write({ 'here.txt': '' })
  for (const { id } of [run, again.run])
    await expect.poll(async () => (await client.runs.get({ run: id })).run.state, { timeout: 60_000 }).toBe('succeeded')
  expect(worker.printed().match(/no driver here/g)).toHaveLength(1)
})
