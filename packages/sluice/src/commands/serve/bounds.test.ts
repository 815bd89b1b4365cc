import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ServedProject, servedProject } from '../../../fixtures/served-project.ts'

const pipeline = `
import { spawn } from 'node:child_process'
export const endless = flow('endless', { maxDuration: '700ms' }, async () => {
  for (;;) await wait(50)
})
const spin = "for (;;) {}"
export const spinning = flow('spinning', { maxDuration: '700ms' }, () => new Function(spin)())
const eater = "const held = []; for (let n = 0; n < 12; n++) held.push(Buffer.alloc(50_000_000, 1)); setInterval(() => held, 1000)"
export const hungry = flow('hungry', { memory: '500 MB' }, async () => {
  spawn(process.execPath, ['-e', eater])
  for (;;) await wait(50)
})
// Its memory is outside of JavaScript, in the process of the run.
export const analyst = flow('analyst', { memory: '500 MB' }, async () => {
  const { DuckDBInstance } = await import(process.env.DUCKDB!)
  const db = await (await DuckDBInstance.create(':memory:', { memory_limit: '4GB' })).connect()
  await db.run('create table held as select range as n, repeat(md5(range::varchar), 20) as text from range(4_000_000)')
  for (;;) await wait(50)
})
// A process of its own group.
const eats = task('eats', { isolate: 'process' }, async () => {
  const held: Buffer[] = []
  for (let n = 0; n < 12; n++) held.push(Buffer.alloc(50_000_000, 1))
  for (;;) await wait(held.length)
})
export const greedy = flow('greedy', { memory: '500 MB' }, () => eats())
const stubborn = "echo $$ > grandchild; trap 'echo heard >> heard' TERM; while :; do sleep 0.05; done"
export const parent = flow('parent', async () => {
  await step('wait', () => new Promise((_, reject) => {
    const { signal } = currentStep()!
    signal.addEventListener('abort', () => reject(signal.reason))
    spawn('sh', ['-c', stubborn])
  }))
})
`

/** Where the integration has it from: this package does not depend on it. */
const duckdb = createRequire(new URL('../../../../../integrations/duckdb/', import.meta.url)).resolve(
  '@duckdb/node-api',
)

let project: ServedProject
beforeAll(async () => {
  project = await servedProject(pipeline, {
    files: { '.env': `DUCKDB=${duckdb}\n` },
  })
})
afterAll(() => project.remove())

test.each(['endless', 'spinning'])('%s: a run over its time is stopped', async (target) => {
  const run = await project.ended(await project.launch(target))
  expect(run).toMatchObject({ state: 'failed', error: { code: 'RUN_TIMEOUT' }, resumes: 0 })
})

test.runIf(process.platform === 'linux').each(['hungry', 'analyst', 'greedy'])(
  '%s: all memory of the run counts: of what it started, and of what is outside of JavaScript',
  async (target) => {
    const run = await project.ended(await project.launch(target))
    expect(run).toMatchObject({
      state: 'failed',
      error: { code: 'MEMORY_LIMIT', message: expect.stringMatching(/it may use 500 MB/) as string },
    })
  },
)

test('a cancel ends what the run started, also what ignores SIGTERM', async () => {
  const run = await project.launch('parent')
  const pid = async () => Number(await readFile(join(project.folder, 'grandchild'), 'utf8').catch(() => '0'))
  await expect.poll(pid, { timeout: 60_000 }).toBeGreaterThan(0)
  const grandchild = await pid()
  expect(isAlive(grandchild)).toBe(true)
  await project.client.runs.cancel({ run: run.id })
  expect((await project.ended(run)).state).toBe('canceled')
  await expect.poll(() => isAlive(grandchild), { timeout: 60_000 }).toBe(false)
  // It was asked first.
  expect(await readFile(join(project.folder, 'heard'), 'utf8')).toContain('heard')
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
