import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Run } from '@sluice/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RealProject, realProject } from '../../../fixtures/real-project.ts'
import { type ServedProject, servedProject } from '../../../fixtures/served-project.ts'

const pipeline = `
import { daily, log } from 'sluice'
const page = task('page', async (n: number) => {
  log.info('page ' + n)
  return n * 10
})
export const load = task('load', { retries: 0 }, async (sum: number) => {
  note('load ' + sum)
  if (!existsSync('fixed')) throw new Error('not yet')
  return sum
})
export const scrape = flow('scrape', { params: z.object({ pages: z.number().default(2) }) }, async ({ pages }) => {
  console.log('printed by the code')
  let sum = 0
  for (let n = 1; n <= pages; n++) sum += await page(n)
  return sum
})
export const etl = flow('etl', async () => load((await page(1)) + (await page(2))))
export const nightly = job('nightly', { target: scrape, params: { pages: 3 } })
export const waits = flow('waits', async () => {
  note('waits')
  await step('forever', () => new Promise((_, reject) => {
    currentStep()!.signal.addEventListener('abort', () => reject(currentStep()!.signal.reason))
  }))
})
export const dies = flow('dies', { maxResumes: 0 }, async () => {
  await page(7)
  if (!existsSync('fixed')) process.kill(process.pid, 'SIGKILL')
  return 'alive'
})
const days = daily({ start: '2026-01-01', end: '2026-01-05' })
export const sales = asset('sales', { partitions: days }, (_, { partition }) => [{ day: partition.key }])
  .checks({ some: ({ value }) => ({ passed: value.length > 0 }) })
export const total = asset('total', { inputs: { sales } }, async ({ sales }) => (await sales.values()).length)
`

let project: ServedProject
/** Where nothing of the project is. */
let elsewhere: RealProject
beforeAll(async () => {
  project = await servedProject(pipeline)
  elsewhere = await realProject()
})
afterAll(async () => {
  await project.remove()
  await elsewhere.remove()
})

const there = (...args: string[]) => elsewhere.sluice([...args, '--server', project.url])
const lastLine = (text: string) =>
  JSON.parse(text.trimEnd().split('\n').at(-1)!) as { type: string; run: Run; result: unknown }
const newest = async () => (await project.client.runs.list({ limit: 1 })).runs[0]!

describe('sluice run on a server', () => {
  test('shows what happens, and ends with the run', async () => {
    const { exitCode, stdout, stderr } = await there('run', 'nightly', '--tag', 'team=web', '--priority', '3')
    expect([exitCode, stdout]).toEqual([0, 'printed by the code\n'])
    expect(stderr).toMatch(/✓ page \(1\)[\s\S]*✓ page \(3\)/)
    expect(stderr).toContain('page 2')
    expect(stderr).toMatch(/scrape succeeded in .*3/)
    expect(stderr).toMatch(/result +60/)
    expect(await newest()).toMatchObject({ job: 'nightly', tags: { team: 'web' }, terms: { priority: 3 } })

    const json = await there('run', 'scrape', '--param', 'pages=1', '--json')
    expect(
      json.stdout.split('\n').map((line) => (line === '' ? '' : (JSON.parse(line) as { type: string }).type)),
    ).toEqual(expect.arrayContaining(['run.started', 'step', 'log', 'run.ended', '']))
    expect(lastLine(json.stdout)).toMatchObject({ type: 'run.ended', state: 'succeeded', result: 10 })
  })

  test('a run that fails fails the command; again with what succeeded, and one step alone', async () => {
    const failed = await there('run', 'etl')
    expect([failed.exitCode, failed.stderr]).toEqual([1, expect.stringContaining('not yet')])
    expect(failed.stderr).toMatch(/✗ load/)
    const { id } = await newest()
    await writeFile(join(project.folder, 'fixed'), '')
    const again = await there('runs', 'retry', id, '--json')
    expect([again.exitCode, lastLine(again.stdout)]).toMatchObject([0, { result: 30, run: { retryOf: id } }])
    const whole = await there('runs', 'retry', id, '--from', 'start', '--json')
    expect([whole.exitCode, lastLine(whole.stdout)]).toMatchObject([0, { result: 30, run: { retryOf: null } }])
    const alone = await there('run', '--step', 'load', '--from', id, '--json')
    expect([alone.exitCode, lastLine(alone.stdout)]).toMatchObject([0, { result: 30, run: { name: 'load' } }])
    const chosen = await there('runs', 'retry', id.slice(0, 14), '--step', 'nothing')
    expect([chosen.exitCode, chosen.stderr]).toEqual([2, expect.stringContaining('has no step "nothing"')])
    const { rm } = await import('node:fs/promises')
    await rm(join(project.folder, 'fixed'))
  })

  test('Ctrl-C cancels it there', async () => {
    let interrupt: (() => void) | undefined
    const ended = elsewhere.sluice(['run', 'waits', '--server', project.url], {
      onText(_, kill) {
        interrupt = () => kill('SIGINT')
      },
    })
    await expect.poll(project.notes).toContain('waits')
    await expect.poll(() => interrupt).toBeDefined()
    interrupt!()
    const { exitCode, stderr } = await ended
    expect([exitCode, stderr]).toEqual([130, expect.stringContaining('Canceling')])
    expect((await newest()).state).toBe('canceled')
  })

  test('--detach gives the id at once; --once finds the first; why it waits is said', async () => {
    const first = await there('run', 'scrape', '--at', '1h', '--once', 'monday', '--detach')
    expect([first.exitCode, first.stdout]).toEqual([0, expect.stringMatching(/^r\w{20}\n$/)])
    const second = await there('run', 'scrape', '--at', '1h', '--once', 'monday', '--detach', '--json')
    const { id } = JSON.parse(second.stdout) as Run
    expect(`${id}\n`).toBe(first.stdout)

    let stopped = false
    const far = elsewhere.sluice(['run', 'scrape', '--pool', 'far', '--server', project.url], {
      onText(text, kill) {
        if (stopped || !text.includes('No worker of the pool "far"')) return
        stopped = true
        kill('SIGTERM')
      },
    })
    expect((await far).exitCode).toBe(130)
    expect((await there('runs', 'cancel', id)).exitCode).toBe(0)
  })

  test('a crashed run goes on where it was', async () => {
    const crashed = await there('run', 'dies')
    expect([crashed.exitCode, crashed.stderr]).toEqual([1, expect.stringContaining('crashed')])
    await writeFile(join(project.folder, 'fixed'), '')
    const { id } = await newest()
    const resumed = await there('runs', 'resume', id, '--json')
    expect([resumed.exitCode, lastLine(resumed.stdout)]).toMatchObject([0, { result: 'alive', run: { id } }])
    const twice = await there('runs', 'resume', id)
    expect([twice.exitCode, twice.stderr]).toEqual([2, expect.stringContaining('only a crashed run goes on')])
  })
})

describe('sluice materialize on a server', () => {
  test('makes what was selected, and says what came out', async () => {
    const { exitCode, stderr } = await there('materialize', 'sales', '--partition', '2026-01-01..2026-01-03')
    expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/checks +3 passed/)])
    expect(stderr).toMatch(/sluice assets value sales --partition \S+ --server http/)
    expect(stderr).toMatch(/values +sales +.*3 partitions/)
    const missing = await there('materialize', 'sales+', '--partition', 'missing', '--json')
    expect([missing.exitCode, lastLine(missing.stdout).run.target]).toMatchObject([0, { partitions: ['2026-01-04'] }])
    const needs = await there('materialize', 'sales')
    expect([needs.exitCode, needs.stderr]).toEqual([2, expect.stringContaining('PARTITION_REQUIRED')])
    const none = await there('materialize', 'sale')
    expect([none.exitCode, none.stderr]).toEqual([2, expect.stringContaining('matches no asset that can be made')])
  })
})

describe('here or there', () => {
  test('a name is launched on the server of the project, and a file is run here', async () => {
    const named = await project.sluice(['run', 'scrape'])
    expect(named.exitCode).toBe(0)
    expect((await newest()).terms).toMatchObject({ pool: 'default' })
    const file = await project.sluice(['run', 'pipeline.ts', 'scrape'])
    expect(file.exitCode).toBe(0)
    const local = await newest()
    expect(local).toMatchObject({ terms: null, entry: 'pipeline.ts', state: 'succeeded' })
    // Of a run that a process executed by itself the server has nothing to go on with.
    const refused = await there('runs', 'retry', local.id)
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining("is no worker's")])
    const again = await project.sluice(['runs', 'retry', local.id])
    expect([again.exitCode, (await newest()).terms]).toEqual([0, null])
  })

  test.each([
    [['run', 'etl.ts', '--server', 'http://127.0.0.1:9'], 'etl.ts is of this machine'],
    [['run', 'etl', '--watch', '--server', 'http://127.0.0.1:9'], '--watch is of this machine'],
    [['run', 'etl', '--detach'], '--detach needs a server, and none runs here'],
    [['materialize', '*', 'etl.ts', '--pool', 'heavy'], '--pool is for a server, and etl.ts is run here'],
    [['run', '--step', 'load'], '--step and --from belong together'],
    [['run'], 'Say what to run'],
    [['runs', 'retry', '--from', 'middle'], '--from takes failure or start'],
    [['run', 'etl', '--priority', 'high', '--server', 'http://127.0.0.1:9'], '--priority takes a whole number'],
  ])('%j is refused', async (args, says) => {
    const { exitCode, stderr } = await elsewhere.sluice(args)
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(says)])
  })
})
