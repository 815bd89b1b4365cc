import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ServedProject, servedProject } from '../../../fixtures/served-project.ts'

const pipeline = `
const params = z.object({ n: z.string(), by: z.number().default(2) })
const double = task('double', async (n: string, by: number) => {
  note('double ' + n)
  notePid()
  await opened('open ' + n)
  if (n === 'bad') throw new Error('bad input')
  return [n, by]
})
export const child = flow('child', { params, runName: 'child {n}' }, ({ n, by }) => double(n, by))
export const threefold = job('threefold', { target: child, params: { by: 3 }, tags: { kind: 'three' } })
export const parent = flow('parent', { params: z.object({ names: z.array(z.string()) }) }, async ({ names }) => {
  notePid()
  await step('begin', () => note('begin'))
  if (names[0] === 'killed') await opened('go')
  const launched = []
  for (const n of names) launched.push(await threefold.launch({ n }))
  const results = await Promise.allSettled(launched.map((one) => one.result()))
  await step('after', () => note('after'))
  return results.map((one) => (one.status === 'fulfilled' ? one.value : { code: one.reason.code, cause: one.reason.cause.message }))
})
export const numbers = asset('numbers', () => 7)
export const makes = job('makes', { target: numbers })
export const maker = flow('maker', async () => {
  const { id, result } = await makes.launch()
  await result()
  return id
})
const hidden = flow('hidden', () => 1)
export const lost = flow('lost', async () => (await hidden.launch()).result())
`

let project: ServedProject
// One slot: a parent that kept its own would wait for ever.
beforeAll(async () => {
  project = await servedProject(pipeline, { slots: 1 })
})
afterAll(() => project.remove())

const open = (name: string) => writeFile(join(project.folder, name), '')
const noted = async (start: string) => (await project.notes()).filter((line) => line.startsWith(start))
const inline = (run: { result: unknown }): unknown => JSON.parse((run.result as { inline: string }).inline)
const children = async () => (await project.client.runs.list({ job: 'threefold' })).runs.toReversed()

test('a run that another launches: the parent gives its slot back, and goes on with the result', async () => {
  const parent = await project.launch('parent', { params: { names: ['one', 'two'] } })
  await expect.poll(() => noted('double')).toEqual(['double one'])
  const [one, two] = await children()
  expect(one).toMatchObject({
    title: 'child one',
    tags: { kind: 'three' },
    cause: { by: 'flow', name: 'parent', parent: { run: parent.id } },
  })
  const waits = (await project.client.runs.get({ run: parent.id })).run
  expect(waits).toMatchObject({ state: 'waiting', waitingFor: { for: 'child', run: one!.id }, owner: null })
  expect((await project.client.runs.why({ run: parent.id })).says).toBe(`It is waiting for the run ${one!.id}.`)
  expect((await project.client.queue.limits()).limits).toEqual([])
  await open('open one')
  await expect.poll(() => noted('double')).toEqual(['double one', 'double two'])
  await open('open two')
  const ended = await project.ended(parent)
  expect(ended).toMatchObject({ state: 'succeeded', resumes: 0 })
  expect(inline(ended)).toEqual([
    ['one', 3],
    ['two', 3],
  ])
  expect([two!.id, (await children()).length]).toEqual([two!.id, 2])
  expect(await noted('begin')).toHaveLength(1)
  expect(await noted('after')).toHaveLength(1)
})

test('survives the death of either; a failure of the child can be caught', async () => {
  const parent = await project.launch('parent', { params: { names: ['killed', 'bad'] } })
  await project.until(parent, 'running')
  await expect.poll(() => project.pidOf(parent).catch(() => 0)).toBeGreaterThan(0)
  process.kill(await project.pidOf(parent), 'SIGKILL')
  await open('go')
  await expect.poll(() => noted('double killed'), { timeout: 60_000 }).toHaveLength(1)
  const [killed, bad] = (await children()).slice(2)
  const states = async () =>
    (await project.client.runs.steps({ run: killed!.id })).steps.map(({ name, state }) => `${name} ${state}`)
  await expect.poll(states, { timeout: 60_000 }).toContain('double running')
  process.kill(await project.pidOf(killed!), 'SIGKILL')
  for (const name of ['open killed', 'open bad']) await open(name)
  const ended = await project.ended(parent)
  expect(ended).toMatchObject({ state: 'succeeded', resumes: 1 })
  expect(inline(ended)).toEqual([['killed', 3], { code: 'RUN_FAILED', cause: 'bad input' }])
  expect((await project.client.runs.get({ run: killed!.id })).run.resumes).toBe(1)
  const { lines } = await project.client.runs.logs({ run: killed!.id })
  expect(lines.map(({ message }) => message)).toContain('Its process was ended by SIGKILL, in the middle of double.')
  expect((await project.client.runs.get({ run: bad!.id })).run.state).toBe('failed')
  expect(await children()).toHaveLength(4)
})

test('a job of assets; what the file does not export is refused', async () => {
  const maker = await project.ended(await project.launch('maker'))
  expect(maker.state).toBe('succeeded')
  const { run } = await project.client.runs.get({ run: inline(maker) as string })
  expect(run).toMatchObject({ job: 'makes', state: 'succeeded', target: { assets: ['numbers'] } })
  const lost = await project.ended(await project.launch('lost'))
  expect(lost).toMatchObject({ state: 'failed', error: { code: 'TARGET_UNKNOWN' } })
})

test('a parent that waits is canceled at once, and its child goes on', async () => {
  const parent = await project.launch('parent', { params: { names: ['left'] } })
  await expect.poll(() => noted('double left')).toHaveLength(1)
  await project.client.runs.cancel({ run: parent.id })
  expect((await project.ended(parent)).state).toBe('canceled')
  await open('open left')
  expect((await project.ended((await children()).at(-1)!)).state).toBe('succeeded')
})
