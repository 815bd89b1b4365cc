import { type ChildProcess, spawn } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Client, createClient } from '@sluice/api/client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type RealProject, realProject, command } from '../../../fixtures/real-project.ts'

const pipeline = `
import { appendFileSync, existsSync } from 'node:fs'
import { asset, daily, hourly } from 'sluice'
const note = (text: string) => appendFileSync('notes', text + '\\n')
const range = { start: '2026-01-01', end: '2026-01-04' }
export const raw = asset('raw', { partitions: hourly(range) }, async (_, { partition }) => {
  await new Promise((resolve) => setTimeout(resolve, existsSync('slow') ? 400 : 30))
  if (existsSync('bad') && partition.key === '2026-01-02-05:00') throw new Error('not this hour')
  note('raw ' + partition.key)
  return 1
})
export const day = asset('day', { partitions: daily(range), inputs: { raw } }, async ({ raw }, { partition }) => {
  const hours = await raw.values()
  note('day ' + partition.key + ' of ' + hours.length)
  return hours.length
})
export const total = asset('total', { inputs: { day } }, async ({ day }) => note('total of ' + (await day.values()).length))
`

let project: RealProject
const processes: ChildProcess[] = []
beforeEach(async () => {
  project = await realProject()
  await project.write({ 'pipeline.ts': pipeline })
})
afterEach(async () => {
  for (const child of processes.splice(0)) kill(child)
  await project.remove()
})

function start(args: readonly string[]): { child: ChildProcess; printed: () => string } {
  const options = { cwd: project.folder, env: { ...process.env, TZ: 'UTC' }, detached: true } as const
  const child = spawn(process.execPath, [command, ...args], options)
  processes.push(child)
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (more: string) => (text += more))
  return { child, printed: () => text }
}
/** With everything that it started. */
function kill({ pid, exitCode, signalCode }: ChildProcess) {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL')
}

const notes = async () => {
  const text = await readFile(join(project.folder, 'notes'), 'utf8').catch(() => '')
  return text.split('\n').filter((line) => line !== '')
}
/** All 72 hours, 3 days and the total, in this order of dependency. */
async function expectMadeOnce() {
  const made = await notes()
  expect(
    made.toSorted().filter((one, n, all) => one === all[n - 1]),
    'made twice',
  ).toEqual([])
  expect(made.filter((one) => one.startsWith('raw'))).toHaveLength(72)
  expect(made.filter((one) => !one.startsWith('raw')).toSorted()).toEqual([
    ...['01', '02', '03'].map((day) => `day 2026-01-${day} of 24`),
    'total of 3',
  ])
}

test('a server that is killed half-way makes every key once', async () => {
  const serve = async (port: string): Promise<{ child: ChildProcess; url: string; client: Client }> => {
    const { child, printed } = start(['server', '--port', port])
    const found = () => /answers at (http:\/\/[^/]+)/.exec(printed())?.[1]
    await expect.poll(found, { timeout: 40_000 }).toBeTruthy()
    return { child, url: found()!, client: createClient({ url: found()! }) }
  }
  const first = await serve('0')
  start(['worker', 'pipeline.ts', '--activate', '--server', first.url, '--slots', '4'])
  await expect
    .poll(async () => (await first.client.locations.list()).locations[0]?.active, { timeout: 40_000 })
    .toBeTruthy()
  const { stdout: id } = await project.sluice([
    'backfills',
    'create',
    'key:raw+',
    '--partition',
    'all',
    '--detach',
    '--server',
    first.url,
  ])
  const asked = { backfill: id.trim() }
  await expect.poll(async () => (await notes()).length, { timeout: 90_000, interval: 20 }).toBeGreaterThan(30)
  kill(first.child)
  expect((await notes()).length).toBeLessThan(70)
  const second = await serve(new URL(first.url).port)
  const state = async () => (await second.client.backfills.get(asked)).backfill.state
  await expect.poll(state, { timeout: 120_000, interval: 200 }).toBe('succeeded')
  await expectMadeOnce()
  const runs = await second.client.runs.list({ tag: `sluice/backfill=${asked.backfill}`, limit: 1000 })
  expect(runs.runs.map((run) => run.state)).toEqual(Array.from({ length: 76 }, () => 'succeeded'))
})

describe('without a server', () => {
  const backfill = (...args: readonly string[]) => project.sluice(['backfills', ...args])

  test('says what would be made, makes it, and what failed again', async () => {
    const dry = await backfill(
      'create',
      'key:raw+',
      'pipeline.ts',
      '--partition',
      '2026-01-02..2026-01-03',
      '--per-run',
      '6',
      '--dry-run',
    )
    expect(dry).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('51 slices in 10 runs, 3 waves') })
    expect(await notes()).toEqual([])
    await writeFile(join(project.folder, 'bad'), '')
    const made = await backfill('create', 'key:raw+', 'pipeline.ts', '--partition', 'all', '--per-run', '24')
    expect([made.exitCode, made.stderr]).toEqual([1, expect.stringContaining('✗ raw 2026-01-02-05:00')])
    expect((await backfill('show', 'latest', '--failed')).stdout).toBe('raw 2026-01-02-05:00\n')
    expect((await notes()).filter((one) => one.startsWith('day'))).toHaveLength(2)
    await rm(join(project.folder, 'bad'))
    const again = await backfill('retry', 'latest', 'pipeline.ts', '--json')
    expect([again.exitCode, JSON.parse(again.stdout)]).toEqual([
      0,
      expect.objectContaining({ state: 'succeeded', slices: 76, done: 76, failed: 0, runs: { open: 0, ended: 7 } }),
    ])
    await expectMadeOnce()
    expect((await backfill()).stdout).toMatch(/succeeded +b\w+ +key:raw\+ +all +76\/76/)
  })

  test('nothing starts by the clock meanwhile', async () => {
    await project.write({
      'timed.ts': `
import { flow, schedule } from 'sluice'
export { raw } from './pipeline.ts'
const tick = flow('tick', () => 1)
export const often = schedule('often', { every: '1s', target: tick })
`,
      slow: '',
    })
    const made = await backfill('create', 'raw', 'timed.ts', '--partition', '2026-01-01-00:00..2026-01-01-23:00')
    expect([made.exitCode, await notes()]).toEqual([0, expect.objectContaining({ length: 24 })])
    expect((await project.sluice(['runs', 'list', '--name', 'tick'])).stdout).not.toContain('tick')
  })

  test('one that was left goes on when it is asked to', async () => {
    await writeFile(join(project.folder, 'slow'), '')
    const { child, printed } = start(['backfills', 'create', 'key:raw+', 'pipeline.ts', '--partition', 'all'])
    await expect.poll(async () => (await notes()).length, { timeout: 90_000, interval: 20 }).toBeGreaterThan(20)
    // While it goes on others see it.
    const seen = JSON.parse((await backfill('show', 'latest', '--json')).stdout)
    expect(seen).toMatchObject({ state: 'running', slices: 76 })
    child.kill('SIGINT')
    const code = await new Promise((resolve) => child.once('exit', resolve))
    expect([code, printed()]).toEqual([130, expect.stringContaining(`sluice backfills resume ${seen.id}`)])
    expect((await notes()).length).toBeLessThan(76)
    await rm(join(project.folder, 'slow'))
    expect((await backfill('resume', seen.id.slice(0, 12), 'pipeline.ts')).exitCode).toBe(0)
    expect(new Set(await notes()).size).toBe(76)
    expect((await backfill('list', '--state', 'running')).stdout).toContain('There are no backfills')
  })

  test.each([
    ['nothing of this name', ['create', 'nothing', 'pipeline.ts', '--partition', 'all'], 'TARGET_UNKNOWN'],
    ['no partition', ['create', 'raw', 'pipeline.ts'], 'PARTITION_REQUIRED'],
    ['two policies', ['create', 'raw', 'pipeline.ts', '--partition', 'all', '--per-run', '2', '--by', 'x'], 'USAGE'],
    ['nobody who goes on', ['create', 'raw', 'pipeline.ts', '--partition', 'all', '--detach'], 'USAGE'],
    ['no backfill', ['pause', 'latest'], 'NOT_FOUND'],
  ])('%s', async (_, args, code) => {
    expect(await backfill(...args)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(code) })
  })
})
