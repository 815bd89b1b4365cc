import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Client, createClient } from '@sluice/api/client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Ended, type RealProject, realProject } from '../../../fixtures/real-project.ts'

const pipeline = `
import { appendFileSync, existsSync } from 'node:fs'
import { flow, task } from 'sluice'
const note = (text) => appendFileSync('executed', text + '\\n')
export const page = task('page', async (n) => {
  note('page ' + n)
  if (n === 3 && existsSync('die')) process.kill(process.pid, 'SIGKILL')
  return n
})
export const scrape = flow('scrape', async () => {
  console.log('printed by the code')
  let sum = 0
  for (let n = 0; n < 8; n++) sum += await page(n)
  return sum
})
export const stubborn = flow('stubborn', async () => {
  note('stubborn')
  for (;;) await new Promise((resolve) => setTimeout(resolve, 1000))
})
`

let project: RealProject
let client: Client
let url = ''
let stop: (signal?: NodeJS.Signals) => Promise<Ended>
let printed = ''

/** Starts the command, and waits until its worker has offered its code. */
async function dev(loads = true): Promise<void> {
  const up = Promise.withResolvers<string>()
  let end: (signal: NodeJS.Signals) => void = () => {}
  const ended = project.sluice(['dev', 'pipeline.ts', '--port', '0'], {
    onText(text, kill) {
      printed = text
      end = kill
      const found = /answers at (http:\/\/[^/]+)/.exec(text)
      if (found) up.resolve(found[1]!)
    },
  })
  void ended.then(({ stderr }) => up.reject(new Error(stderr)))
  url = await up.promise
  client = createClient({ url })
  stop = (signal = 'SIGTERM') => {
    end(signal)
    return ended
  }
  if (!loads) return
  await expect.poll(async () => (await client.locations.list()).locations[0]?.active, { timeout: 60_000 }).toBeTruthy()
}

const ended = async (run: string) => {
  await expect.poll(async () => (await client.runs.get({ run })).run.endedAt, { timeout: 60_000 }).not.toBeNull()
  return (await client.runs.get({ run })).run
}
const executed = async () => (await readFile(join(project.folder, 'executed'), 'utf8')).trim().split('\n')

beforeEach(async () => {
  project = await realProject()
  await project.write({ 'pipeline.ts': pipeline })
})
afterEach(() => project.remove())

describe('sluice dev', () => {
  test('executes a launch, keeps what it printed, and drains when it is asked to end', async () => {
    await dev()
    const { run } = await client.runs.launch({ body: { target: 'scrape' } })
    expect(await ended(run.id)).toMatchObject({ state: 'succeeded', result: { inline: '28' } })
    await expect
      .poll(async () => (await client.runs.logs({ run: run.id })).lines.map(({ level, message }) => [level, message]))
      .toContainEqual(['stdout', 'printed by the code'])
    expect((await stop()).exitCode).toBe(0)
    expect(printed).toMatch(/loaded +real-project {2}2 flows, 1 task {2}pipeline\.ts\n/)
  })

  test('a run whose process is killed goes on by itself, and repeats nothing that was committed', async () => {
    await project.write({ die: '' })
    await dev()
    const { run } = await client.runs.launch({ body: { target: 'scrape' } })
    await expect.poll(async () => (await client.runs.get({ run: run.id })).run.resumes, { timeout: 60_000 }).toBe(1)
    const { rm } = await import('node:fs/promises')
    await rm(join(project.folder, 'die'))
    expect(await ended(run.id)).toMatchObject({ state: 'succeeded', result: { inline: '28' } })
    const counts = Object.groupBy(await executed(), (line) => line)
    expect(counts['page 0']).toHaveLength(1)
    expect(counts['page 2']).toHaveLength(1)
    expect(counts['page 3']!.length).toBeGreaterThan(1)
    await stop()
  })

  test('saved code is used by the next run; code that cannot be loaded leaves the last one that could', async () => {
    await dev()
    const first = (await client.locations.list()).locations[0]!
    await project.write({ 'pipeline.ts': 'export const x = ' })
    await expect
      .poll(async () => (await client.locations.list()).locations[0]?.problem?.code, { timeout: 60_000 })
      .toBeTruthy()
    expect((await client.locations.list()).locations[0]?.active).toBe(first.active)
    const { run } = await client.runs.launch({ body: { target: 'stubborn' } })
    await client.runs.cancel({ run: run.id })
    expect((await ended(run.id)).state).toBe('canceled')
    await project.write({ 'pipeline.ts': pipeline.replace('n < 8', 'n < 2') })
    await expect
      .poll(async () => (await client.locations.list()).locations[0]?.active, { timeout: 60_000 })
      .not.toBe(first.active)
    const again = await client.runs.launch({ body: { target: 'scrape' } })
    expect(await ended(again.run.id)).toMatchObject({ result: { inline: '1' } })
    await stop()
  })

  test('what ran when it ended goes on when it starts again', async () => {
    await dev()
    const { run } = await client.runs.launch({ body: { target: 'stubborn' } })
    await expect.poll(async () => executed().catch(() => []), { timeout: 60_000 }).toContain('stubborn')
    await stop()
    await dev()
    await expect
      .poll(async () => (await client.runs.get({ run: run.id })).run, { timeout: 60_000 })
      .toMatchObject({ state: 'running', epoch: 2, resumes: 0 })
    await stop()
  })

  test('a taken port, a second one on the project and a store of a later version are refused; no process stays', async () => {
    await dev()
    const port = new URL(url).port
    const second = await project.sluice(['dev', 'pipeline.ts', '--port', '0'])
    expect([second.exitCode, second.stderr]).toEqual([2, expect.stringContaining(`of this project already: ${url}.`)])
    const elsewhere = { SLUICE_HOME: join(project.folder, 'elsewhere') }
    const taken = await project.sluice(['dev', 'pipeline.ts', '--port', port], { env: elsewhere })
    expect([taken.exitCode, taken.stderr]).toEqual([
      2,
      expect.stringMatching(/Port \d+ of 127\.0\.0\.1 is taken[^]*--port 0/),
    ])
    expect((await stop()).exitCode).toBe(0)
    const store = new DatabaseSync(join(project.folder, '.sluice/sluice.db'))
    store.exec('pragma user_version = 9999')
    store.close()
    const newer = await project.sluice(['dev', 'pipeline.ts', '--port', '0'])
    expect([newer.exitCode, newer.stderr]).toEqual([4, expect.stringContaining('STORE_TOO_NEW')])
  })

  test('killed while code is loaded, it leaves no process', async () => {
    const slow = "appendFileSync('executed', 'loads\\n')\nawait new Promise((resolve) => setTimeout(resolve, 2000))\n"
    await project.write({ 'pipeline.ts': pipeline.replace('export const page', `${slow}export const page`) })
    await dev(false)
    await expect.poll(async () => executed().catch(() => []), { timeout: 60_000 }).toContain('loads')
    // A process that stays keeps what it prints open, and this waits for it.
    expect((await stop('SIGKILL')).exitCode).toBeNull()
  })

  test('code that cannot be loaded is told with its line, and loaded when it is saved again', async () => {
    await project.write({ 'pipeline.ts': 'export const broken = missing()\n' })
    await dev(false)
    await expect
      .poll(() => printed, { timeout: 60_000 })
      .toMatch(/LOAD_FAILED[^]*at pipeline\.ts:1:\d+[^]*loaded +nothing yet: save the code/)
    expect(printed).toMatch(/wrong +✗ code: LOAD_FAILED/)
    await project.write({ 'pipeline.ts': pipeline })
    await expect.poll(() => printed, { timeout: 60_000 }).toContain('Loaded again: 2 flows, 1 task')
    expect((await stop()).exitCode).toBe(0)
  })
})
