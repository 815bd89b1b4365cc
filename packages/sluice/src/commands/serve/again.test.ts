import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ServedProject, servedProject } from '../../../fixtures/served-project.ts'

const pipeline = `
const fetched = task('fetch', async (n: number) => {
  note('fetch ' + n)
  return n * 10
})
export const load = task('load', { retries: 0 }, async (sum: number) => {
  note('load ' + sum)
  if (!existsSync('fixed')) throw new Error('not yet')
  return sum
})
const parts = flow('parts', async () => [await fetched(1), await fetched(2)])
export const etl = flow('etl', { params: z.object({ more: z.number().default(0) }) }, async ({ more }) => {
  const [a, b] = await parts()
  return load(a! + b! + more)
})
export const greet = flow(
  'greet',
  { params: z.object({ name: z.string(), often: z.number() }) },
  async ({ name, often }) => {
    const hello = await step('hello', () => {
      note('greet ' + name)
      return 'Hello, ' + name
    })
    let last = 0
    for (let n = 1; n <= often; n++) last = await fetched(n)
    return hello + '! ' + last
  },
)
export const raw = asset('raw', () => {
  note('raw')
  return 1
})
export const clean = asset('clean', { inputs: { raw } }, ({ raw }) => {
  note('clean ' + raw)
  return raw + 1
})
`

let project: ServedProject
beforeAll(async () => {
  project = await servedProject(pipeline)
})
afterAll(() => project.remove())

let seen = 0
/** What was noted since the last time. */
const noted = async () => {
  const lines = await project.notes()
  const fresh = lines.slice(seen)
  seen = lines.length
  return fresh
}
const inline = (run: { result: unknown }): unknown => JSON.parse((run.result as { inline: string }).inline)
const retry = async (run: { id: string }, body: Parameters<typeof project.client.runs.retry>[0]['body'] = {}) =>
  project.ended((await project.client.runs.retry({ run: run.id, body })).run)

test('from the failure, from the start, of chosen steps, of one step alone', async () => {
  const failed = await project.ended(await project.launch('etl', { params: { more: 5 } }))
  expect([failed.state, await noted()]).toEqual(['failed', ['fetch 1', 'fetch 2', 'load 35']])
  await writeFile(join(project.folder, 'fixed'), '')

  const again = await retry(failed)
  expect(again).toMatchObject({ state: 'succeeded', retryOf: failed.id, cause: { by: 'retry', name: failed.id } })
  expect([inline(again), await noted()]).toEqual([35, ['load 35']])

  const whole = await retry(failed, { from: 'start' })
  expect([whole.retryOf, await noted()]).toEqual([null, ['fetch 1', 'fetch 2', 'load 35']])

  // Its flow is not settled, and what comes after it with equal arguments is.
  const one = (await project.client.runs.steps({ run: whole.id })).steps.find(({ args }) => args === '[2]')!
  const chosen = await retry(whole, { steps: [String(one.step)] })
  expect([chosen.state, await noted()]).toEqual(['succeeded', ['fetch 2']])
  const events = (await project.client.events.list({ run: chosen.id })).events.map(({ type }) => type)
  expect(events).not.toContain('step.warning')
  const named = await retry(whole, { steps: ['fetch', 'load'] })
  expect([named.state, await noted()]).toEqual(['succeeded', ['fetch 1', 'fetch 2', 'load 35']])

  const alone = await retry(whole, { alone: 'load' })
  expect(alone).toMatchObject({ state: 'succeeded', target: { kind: 'task', name: 'load' }, retryOf: null })
  expect([inline(alone), await noted()]).toEqual([35, ['load 35']])

  // It is not exported: known only inside its flow.
  expect(await retry(whole, { alone: String(one.step) })).toMatchObject({
    state: 'failed',
    resumes: 0,
    error: { code: 'TARGET_UNKNOWN' },
  })
  await expect(retry(whole, { steps: ['nothing'] })).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('with other params: what was called with the same arguments is taken over', async () => {
  await rm(join(project.folder, 'fixed'), { force: true })
  const failed = await project.ended(await project.launch('etl', { params: { more: 5 } }))
  await noted()
  await writeFile(join(project.folder, 'fixed'), '')
  const again = await retry(failed, { params: { more: 7 } })
  expect(again).toMatchObject({ state: 'succeeded', retryOf: failed.id, params: '{"more":7}' })
  expect([inline(again), await noted()]).toEqual([37, ['load 37']])
  const whole = await retry(failed, { params: { more: 8 }, from: 'start' })
  expect(whole).toMatchObject({ retryOf: null, cause: { by: 'retry', name: failed.id } })
  expect([inline(whole), await noted()]).toEqual([38, ['fetch 1', 'fetch 2', 'load 38']])
  await expect(retry(failed, { params: { more: 'x' } })).rejects.toMatchObject({ code: 'PARAMS_INVALID' })
  await expect(retry(failed, { params: {}, steps: ['load'] })).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
  const made = await project.ended(await project.launch('raw'))
  await expect(retry(made, { params: {} })).rejects.toMatchObject({ code: 'PARAMS_UNKNOWN' })
  await noted()
})

test('with other params a step that may have used them runs again, and what is not called any more is no matter', async () => {
  await noted()
  const run = await project.ended(await project.launch('greet', { params: { name: 'Ann', often: 2 } }))
  expect([inline(run), await noted()]).toEqual(['Hello, Ann! 20', ['greet Ann', 'fetch 1', 'fetch 2']])
  const other = await retry(run, { params: { name: 'Bob', often: 1 } })
  expect([inline(other), await noted()]).toEqual(['Hello, Bob! 10', ['greet Bob']])
  const events = (await project.client.events.list({ run: other.id })).events.map(({ type }) => type)
  expect(events).not.toContain('step.warning')
})

test('of assets only what was chosen is made, from what is stored', async () => {
  const all = await project.ended(await project.launch('*'))
  expect([all.state, await noted()]).toEqual(['succeeded', ['raw', 'clean 1']])
  const one = await retry(all, { steps: ['clean'] })
  expect(one).toMatchObject({ state: 'succeeded', target: { assets: ['clean'] } })
  expect(await noted()).toEqual(['clean 1'])
  const alone = await retry(all, { alone: 'raw' })
  expect([alone.state, await noted()]).toEqual(['succeeded', ['raw']])
})

test('a run that goes on is not retried', async () => {
  const waiting = await project.launch('etl', { startAt: Date.now() + 60_000 })
  await expect(retry(waiting)).rejects.toMatchObject({ code: 'RUN_ACTIVE' })
  await project.client.runs.cancel({ run: waiting.id })
})
