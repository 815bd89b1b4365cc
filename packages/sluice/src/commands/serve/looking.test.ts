import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RealProject, realProject, steady } from '../../../fixtures/real-project.ts'
import { type ServedProject, servedProject } from '../../../fixtures/served-project.ts'

const pipeline = `
import { approval, log } from 'sluice'
const one = limit('one', { atOnce: 1 })
const page = task('page', async (n: number) => {
  log.info('page ' + n)
  console.log('printed ' + n)
  return n
})
export const scrape = flow('scrape', { owners: ['team:web'], tags: ['web'], params: z.object({ pages: z.number().default(2) }) },
  async ({ pages }) => {
    let sum = 0
    for (let n = 1; n <= pages; n++) sum += await page(n)
    return sum
  })
export const nightly = job('nightly', { target: scrape })
export const single = flow('single', { limit: one }, async () => opened('open'))
export const publish = flow('publish', async () => (await approval('go live', { schema: z.object({ ok: z.boolean() }) })).by)
export const raw = asset('raw', () => [1, 2])
`

let project: ServedProject
/** Where nothing of the project is: only the server can know. */
let elsewhere: RealProject
beforeAll(async () => {
  project = await servedProject(pipeline)
  elsewhere = await realProject()
})
afterAll(async () => {
  await project.remove()
  await elsewhere.remove()
})

const look = async (...args: string[]) => {
  const { exitCode, stdout, stderr } = await elsewhere.sluice([...args, '--server', project.url])
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  return stdout
}
const refused = async (args: readonly string[], env: Record<string, string> = {}) => {
  const { exitCode, stderr } = await elsewhere.sluice(args, { env })
  return [exitCode, steady(stderr, elsewhere.folder)]
}

test('runs of a server look like those of a store', async () => {
  const run = await project.ended(await project.launch('nightly', { params: { pages: 3 } }))
  const shown = await look('runs', 'show', run.id.slice(0, 12))
  expect(shown).toContain('✓ scrape  succeeded')
  expect(shown).toMatch(/page +3 ✓|page.*3/)
  // What is printed comes by a way of its own.
  await expect.poll(() => look('runs', 'logs', run.id), { timeout: 60_000 }).toMatch(/stdout page \(3\): printed 3\n/)
  expect(await look('runs', 'logs', run.id)).toMatch(/info {2}page \(1\): page 1\n/)
  expect((await look('runs', 'logs', run.id, '--step', 'page', '--json')).split('\n')[0]).toContain(
    '"message":"page 1"',
  )

  // The store itself, read by a process of its own after the server is gone, says the same of it.
  const here = await project.sluice(['runs', 'show', run.id, '--json'])
  const there = await look('runs', 'show', run.id, '--json')
  const { now: _, ...its } = JSON.parse(here.stdout) as { now: number }
  expect(JSON.parse(there)).toMatchObject(its)
})

test('runs are found by everything that the API filters by', async () => {
  const run = await project.ended(await project.launch('nightly', { tags: { tier: '1' } }))
  const asset = await project.ended(await project.launch('raw'))
  const found = async (...args: string[]) =>
    (JSON.parse(await look('runs', 'list', '--json', ...args)) as { id: string }[]).map(({ id }) => id)
  expect(await found('--job', 'nightly', '--tag', 'tier=1')).toEqual([run.id])
  expect(await found('--owner', 'team:web')).toContain(run.id)
  expect(await found('--asset', 'raw', '--state', 'succeeded,failed')).toEqual([asset.id])
  expect(await found('--since', '1h', '--text', run.id)).toEqual([run.id])
  expect(await found('--until', '1h')).toEqual([])
  expect(await found('--limit', '1')).toEqual([asset.id])
  expect(await look('runs', 'list')).toMatch(/^state +run +what/)
})

test('why says which limit, who holds it and since when, and that no worker takes it', async () => {
  const first = await project.launch('single')
  await project.until(first, 'running')
  const second = await project.launch('single')
  await expect.poll(() => look('runs', 'why', second.id), { timeout: 60_000 }).toContain('queued for the limit one')
  const says = await look('runs', 'why', second.id)
  expect(says).toMatch(new RegExp(`Held by ${first.id} since \\d{4}-`))
  const far = await project.launch('single', { pool: 'far' })
  expect(await look('runs', 'why', far.id)).toContain('No worker of the pool "far" is connected')
  const late = await project.launch('scrape', { startAt: Date.now() + 3_600_000 })
  expect(JSON.parse(await look('runs', 'why', late.id, '--json'))).toMatchObject({
    run: late.id,
    waitingFor: { for: 'time' },
    says: expect.stringMatching(/^It is scheduled for /) as string,
  })
  for (const run of [far, late]) expect(await look('runs', 'cancel', run.id)).toContain('is canceled')
  await writeFile(join(project.folder, 'open'), '')
  for (const run of [first, second]) expect((await project.ended(run)).state).toBe('succeeded')
})

test('a person answers, and a run that goes on is canceled', async () => {
  const run = await project.launch('publish')
  const answer = () =>
    elsewhere.sluice(['runs', 'answer', run.id, '--param', 'ok=true', '--by', 'ann', '--server', project.url])
  await expect.poll(async () => (await answer()).exitCode, { timeout: 60_000 }).toBe(0)
  expect(await project.ended(run)).toMatchObject({ state: 'succeeded', result: { inline: '"ann"' } })
})

describe('what cannot be', () => {
  test('no server, a token that is wrong, a run that there is not', async () => {
    expect(await refused(['runs', 'list', '--server', 'http://127.0.0.1:9'])).toEqual([
      4,
      expect.stringMatching(/SERVER_UNREACHABLE No server answers at http:\/\/127\.0\.0\.1:9\./) as string,
    ])
    expect(await refused(['runs', 'show', 'r9zzz'], { SLUICE_SERVER: project.url })).toEqual([
      2,
      expect.stringMatching(/RUN_UNKNOWN There is no run r9zzz\.\n.*the newest is <run>/) as string,
    ])
    expect(await refused(['runs', 'list', '--since', 'yesterday', '--server', project.url])).toEqual([
      2,
      expect.stringContaining('--since takes a time, not yesterday') as string,
    ])
  })
})

test('the server of the project is found by itself, and is none when it ended', async () => {
  // Its address is none that anybody knows: dev listens at a free port.
  const { stdout } = await project.sluice(['schedules', 'list', '--json'])
  expect(JSON.parse(stdout)).toEqual([])
  const other = await servedProject(pipeline, { env: { SLUICE_TOKEN: 'the secret' } })
  try {
    const without = await other.sluice(['runs', 'list'])
    expect([without.exitCode, without.stderr]).toEqual([4, expect.stringContaining('UNAUTHORIZED')])
    const wrong = await other.sluice(['runs', 'list'], { env: { SLUICE_TOKEN: 'another' } })
    expect([wrong.exitCode, wrong.stderr]).toEqual([4, expect.stringContaining('UNAUTHORIZED')])
    const right = await other.sluice(['runs', 'list'], { env: { SLUICE_TOKEN: 'the secret' } })
    expect(right.exitCode).toBe(0)
    // Killed, it takes nothing back.
    const gone = new Promise((resolve) => other.dev.child.once('exit', resolve))
    other.dev.kill()
    await gone
    expect((await other.sluice(['runs', 'list'])).exitCode).toBe(0)
  } finally {
    await other.remove()
  }
})
