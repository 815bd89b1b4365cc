import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Client, createClient } from '@sluice/api/client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Ended, type RealProject, realProject } from '../../../fixtures/real-project.ts'

const pipeline = `
import { appendFileSync } from 'node:fs'
import { asset, eager, when } from 'sluice'
const note = (text) => { appendFileSync('executed', text + '\\n'); return text }
export const raw = asset('raw', () => note('raw'))
export const clean = asset('clean', { inputs: { raw }, condition: eager() }, () => note('clean'))
export const mart = asset('mart', { inputs: { clean }, condition: eager(), pool: 'default' }, () => note('mart'))
let asked = 0
const third = when.custom('third', { every: '1s' }, () => ++asked >= 3)
export const own = asset('own', { condition: third.newlyTrue() }, () => note('own'))
`

interface Running {
  readonly client: Client
  readonly printed: () => string
  end(signal: NodeJS.Signals): Promise<Ended>
  readonly ended: Promise<Ended>
}

let project: RealProject
const servers: Running[] = []

async function dev(env: Readonly<Record<string, string>> = {}): Promise<Running> {
  const up = Promise.withResolvers<string>()
  let [printed, kill] = ['', (_: NodeJS.Signals): void => {}]
  const ended = project.sluice(['dev', 'pipeline.ts', '--port', '0'], {
    env,
    onText(text, how) {
      printed = text
      kill = how
      const found = /answers at (http:\/\/[^/]+)/.exec(text)
      if (found) up.resolve(found[1]!)
    },
  })
  void ended.then(({ stderr }) => up.reject(new Error(stderr)))
  const server: Running = {
    client: createClient({ url: await up.promise }),
    printed: () => printed,
    ended,
    end(signal) {
      kill(signal)
      return ended
    },
  }
  servers.push(server)
  return server
}

/** How often each asset was made, noted outside the store. */
async function made(): Promise<Readonly<Record<string, number>>> {
  const text = await readFile(join(project.folder, 'executed'), 'utf8').catch(() => '')
  const counts: Record<string, number> = {}
  for (const name of text.trim().split('\n')) if (name !== '') counts[name] = (counts[name] ?? 0) + 1
  return counts
}
async function until(expected: object): Promise<void> {
  await expect.poll(made, { timeout: 60_000, interval: 100 }).toMatchObject(expected)
}
/** The conditions have been looked at, with nothing left to do. */
async function looked({ client }: Running, asset: string): Promise<void> {
  const at = async () => (await client.conditions.why({ asset })).at
  await expect.poll(at, { timeout: 60_000, interval: 100 }).not.toBeNull()
}
async function quiet({ client }: Running): Promise<void> {
  const active = async () => (await client.runs.list({ states: 'waiting,starting,running' })).runs
  await expect.poll(active, { timeout: 60_000 }).toEqual([])
}

beforeEach(async () => {
  project = await realProject()
  await project.write({ 'pipeline.ts': pipeline })
})
afterEach(async () => {
  for (const server of servers.splice(0)) await server.end('SIGKILL')
  await project.remove()
})

test('what is below a change is made, once, and says why; what code asks for is', async () => {
  const server = await dev()
  await looked(server, 'mart')
  await server.client.runs.launch({ body: { target: 'raw' } })
  await until({ raw: 1, clean: 1, mart: 1, own: 1 })
  await quiet(server)
  await server.client.runs.launch({ body: { target: 'raw' } })
  await until({ raw: 2, clean: 2, mart: 2 })
  await quiet(server)
  expect(await made()).toEqual({ raw: 2, clean: 2, mart: 2, own: 1 })
  expect(server.printed()).toContain('renews')

  const say = async (...args: readonly string[]) => (await project.sluice(args)).stdout
  const why = await say('assets', 'why', 'clean')
  expect(why).toContain('clean  eager')
  expect(why).toMatch(/Requested last at .*, in run r/)
  expect(why).toContain('✗ there is nothing new')
  expect(await say('conditions', 'list')).toMatch(/mart +eager/)
  expect(await say('conditions', 'pause', 'clean')).toContain('is paused, also after a deploy')
  await server.client.runs.launch({ body: { target: 'raw' } })
  await until({ raw: 3 })
  await quiet(server)
  expect(await made()).toMatchObject({ clean: 2 })

  await server.end('SIGTERM')
  // Without a server the store says the same.
  expect(await say('assets', 'why', 'clean')).toContain('Its condition is paused')
  expect((await project.sluice(['assets', 'why', 'clea'])).stderr).toContain('Did you mean clean?')
})

test('a server that dies in the middle of a look neither loses nor repeats it', async () => {
  await project.write({ 'pipeline.ts': pipeline.replace(/^let asked[^]*$/m, '') })
  const first = await dev()
  await looked(first, 'mart')
  await first.end('SIGKILL')
  // What happens while no server is there is found by the first look of the next.
  expect(await project.sluice(['materialize', 'raw', 'pipeline.ts'])).toMatchObject({ exitCode: 0 })
  for (const point of ['planned', 'committed']) {
    const env = { SLUICE_CRASH_AT: `conditions-${point}:1` }
    const dies = await project.sluice(['dev', 'pipeline.ts', '--port', '0'], { env })
    expect(dies.exitCode).toBeNull()
  }
  const lives = await dev()
  const runsOf = async (asset: string) => (await lives.client.runs.list({ asset })).runs
  await expect.poll(async () => (await runsOf('mart'))[0]?.state, { timeout: 60_000 }).toBe('succeeded')
  await quiet(lives)
  // One for the one time that what is above was made.
  for (const asset of ['raw', 'clean', 'mart']) expect(await runsOf(asset)).toHaveLength(1)
})
