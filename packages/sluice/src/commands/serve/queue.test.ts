import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ServedProject, servedProject } from '../../../fixtures/served-project.ts'

const pipeline = `
const one = limit('one', { atOnce: 1 })
const n = z.object({ n: z.number() })
export const single = flow('single', { limit: one, params: n }, async ({ n }) => {
  note('single ' + n)
  await opened('open' + n)
  note('single ended ' + n)
})
const perCustomer = limit('customer', { atOnce: 1 })
export const sync = flow(
  'sync',
  { limit: ({ customer }) => perCustomer.per(customer), params: z.object({ customer: z.string(), file: z.string() }) },
  async ({ file }) => opened(file),
)
export const paced = flow('paced', { limit: limit('pace', { rate: '1/s' }) }, async () => 1)
const skipping = limit('skipping', { atOnce: 1, full: 'skip' })
export const skipped = flow('skipped', { limit: skipping }, async () => opened('skip'))
const newest = limit('newest', { atOnce: 1, full: 'cancel-oldest' })
export const replaced = flow('replaced', { limit: newest, params: n }, async ({ n }) => {
  if (n === 2) return
  await step('forever', () => new Promise((_, reject) => {
    currentStep()!.signal.addEventListener('abort', () => reject(currentStep()!.signal.reason))
  }))
})
export const late = job('late', { target: paced, delay: '700ms', owners: ['team:late'], tags: { tier: '1' } })
export const a = flow('a', { pool: 'narrow' }, async () => note('a'))
export const b = flow('b', { pool: 'narrow' }, async () => note('b'))
export const urgent = job('urgent', { target: a, priority: 5 })
`

let project: ServedProject
beforeAll(async () => {
  project = await servedProject(pipeline)
})
afterAll(() => project.remove())

const open = (name: string) => writeFile(join(project.folder, name), '')
const why = (run: { id: string }) => project.client.runs.why({ run: run.id })

describe('limits of runs', () => {
  test('one at a time, in the order they came, and each says whom it waits for', async () => {
    const runs = []
    for (const n of [1, 2, 3]) runs.push(await project.launch('single', { params: { n } }))
    const [first, second, third] = runs as [(typeof runs)[0] & {}, (typeof runs)[0] & {}, (typeof runs)[0] & {}]
    await project.until(first, 'running')
    await expect
      .poll(async () => (await why(second)).waitingFor)
      .toMatchObject({ for: 'turn', limit: 'one', holders: [first.id] })
    expect(await why(second)).toMatchObject({ says: 'It is queued for the limit one.' })
    expect((await why(second)).notes.join(' ')).toMatch(new RegExp(`Held by ${first.id} since 20`))
    const { limits } = await project.client.queue.limits()
    expect(limits).toContainEqual({ name: 'one', key: null, held: 1, waiting: 2, holders: [first.id] })
    await open('open1')
    await project.until(second, 'running')
    expect((await project.client.runs.get({ run: third.id })).run.state).toBe('waiting')
    await open('open2')
    await open('open3')
    for (const run of runs) expect((await project.ended(run)).state).toBe('succeeded')
    expect((await project.notes()).filter((line) => line.startsWith('single'))).toEqual(
      [1, 2, 3].flatMap((n) => [`single ${n}`, `single ended ${n}`]),
    )
  })

  test('of each key by itself, as the params say', async () => {
    const start = (customer: string, file: string) => project.launch('sync', { params: { customer, file } })
    const acme = await start('acme', 'acme1')
    await project.until(acme, 'running')
    const again = await start('acme', 'acme2')
    const other = await start('other', 'other')
    expect(again.terms!.limits).toMatchObject([{ name: 'customer', key: 'acme' }])
    await project.until(other, 'running')
    expect((await why(again)).waitingFor).toMatchObject({
      for: 'turn',
      limit: 'customer',
      key: 'acme',
      holders: [acme.id],
    })
    for (const file of ['acme1', 'acme2', 'other']) await open(file)
    for (const run of [acme, again, other]) expect((await project.ended(run)).state).toBe('succeeded')
  })

  test('a rate lets one through at a time, and says when the next is due', async () => {
    const first = await project.launch('paced')
    const second = await project.launch('paced')
    await expect
      .poll(async () => (await why(second)).waitingFor)
      .toMatchObject({ for: 'turn', limit: 'pace', until: expect.any(Number) as number })
    const [one, two] = [await project.ended(first), await project.ended(second)]
    expect(two.startedAt! - one.startedAt!).toBeGreaterThan(800)
  })

  test('full: skip ends the newer one, cancel-oldest the older one', async () => {
    const kept = await project.launch('skipped')
    await project.until(kept, 'running')
    const skipped = await project.ended(await project.launch('skipped'))
    expect(skipped).toMatchObject({ state: 'canceled', startedAt: null, error: { code: 'LIMIT_FULL' } })
    await open('skip')
    expect((await project.ended(kept)).state).toBe('succeeded')

    const older = await project.launch('replaced', { params: { n: 1 } })
    await project.until(older, 'running')
    const newer = await project.launch('replaced', { params: { n: 2 } })
    expect((await project.ended(newer)).state).toBe('succeeded')
    expect((await project.ended(older)).state).toBe('canceled')
  })
})

test('a delay, owners and tags of a job', async () => {
  const run = await project.launch('late')
  expect(run).toMatchObject({ job: 'late', owners: ['team:late'], tags: { tier: '1' }, waitingFor: { for: 'time' } })
  expect((await why(run)).says).toMatch(/^It is scheduled for /)
  const ended = await project.ended(run)
  expect(ended.startedAt! - ended.createdAt).toBeGreaterThanOrEqual(700)
  const { runs } = await project.client.runs.list({ owner: 'team:late' })
  expect(runs.map(({ id }) => id)).toEqual([run.id])
})

test('a pool without a worker waits; then by priority, and in turn between jobs', async () => {
  const launch = async (target: string) => project.launch(target)
  const many = []
  for (let n = 0; n < 1000; n++) many.push(await launch('a'))
  const b = await launch('b')
  const urgent = await launch('urgent')
  expect((await why(b)).notes.join(' ')).toContain('No worker of the pool "narrow" is connected')
  expect((await why(b)).ahead).toBe(1001)
  const worker = project.start(['worker', 'pipeline.ts', '--pool', 'narrow', '--slots', '1', '--server', project.url])
  await project.ended(b)
  worker.kill()
  const { runs } = await project.client.runs.list({ states: 'succeeded,running', limit: 1000 })
  const inOrder = runs.filter(({ terms }) => terms?.pool === 'narrow').toSorted((x, y) => x.startedAt! - y.startedAt!)
  expect(inOrder[0]!.id).toBe(urgent.id)
  // Among the next two.
  expect(inOrder.slice(1, 3).map(({ id }) => id)).toContain(b.id)
})
