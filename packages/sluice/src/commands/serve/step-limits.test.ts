import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ServedProject, servedProject } from '../../../fixtures/served-project.ts'

const pipeline = `
const one = limit('one', { atOnce: 1 })
const params = z.object({ n: z.string() })
const work = task('work', { limit: one }, async (n: string) => {
  note('work ' + n)
  await opened('open ' + n)
  note('work ended ' + n)
})
export const shared = flow('shared', { params }, ({ n }) => work(n))
// The run holds the limit: its steps are inside.
export const inside = flow('inside', { params, limit: one }, ({ n }) => work(n))
const skipping = limit('skipping', { atOnce: 1, full: 'skip' })
const skip = task('skip', { limit: skipping }, (n: string) => opened('skip ' + n))
export const skips = flow('skips', { params }, ({ n }) => skip(n))
const latest = limit('latest', { atOnce: 1, full: 'cancel-oldest' })
const last = task('last', { limit: latest }, (n: string) => opened('last ' + n))
export const lasts = flow('lasts', { params }, ({ n }) => last(n))
const paced = task('paced', { limit: limit('pace', { rate: '2/s' }) }, async () => Date.now())
export const pace = flow('pace', () => paced.map([1, 2, 3].map(String)))
const die = task('die', { limit: limit('mortal', { atOnce: 1 }) }, async (n: string) => {
  note('die ' + n)
  notePid()
  if (n === 'yes') {
    while (currentRun()!.resumes === 0) await wait(50)
  }
})
export const dies = flow('dies', { params }, ({ n }) => die(n))
const three = limit('three', { atOnce: 3 })
export const holds = flow('holds', { params: z.object({ n: z.string(), slots: z.number() }) }, async ({ n, slots }) => {
  await using _ = await three.hold(slots)
  note('hold ' + n)
  await opened('hold ' + n)
})
const [left, right] = [limit('left', { atOnce: 1 }), limit('right', { atOnce: 1 })]
export const crossed = flow('crossed', { params }, async ({ n }) => {
  const [first, second] = n === 'a' ? [left, right] : [right, left]
  await using _ = await first.hold()
  note('crossed ' + n)
  await opened('crossed')
  await using __ = await second.hold()
  return n
})
`

let project: ServedProject
beforeAll(async () => {
  project = await servedProject(pipeline)
})
afterAll(() => project.remove())

const open = (name: string) => writeFile(join(project.folder, name), '')
const noted = async (start: string) => (await project.notes()).filter((line) => line.startsWith(start))
const stepsOf = async (run: { id: string }) => (await project.client.runs.steps({ run: run.id })).steps

test('a step waits for a step of another run, and says for which; it is told when it goes on', async () => {
  const a = await project.launch('shared', { params: { n: 'a' } })
  await expect.poll(() => noted('work')).toEqual(['work a'])
  const b = await project.launch('shared', { params: { n: 'b' } })
  await expect
    .poll(async () => (await project.client.runs.why({ run: b.id })).steps)
    .toMatchObject([
      { name: 'work', says: `queued for the limit one, held by ${a.id}`, waitingFor: { for: 'turn', holders: [a.id] } },
    ])
  // A run that wants to hold it as a whole stands behind.
  const c = await project.launch('inside', { params: { n: 'c' } })
  await expect
    .poll(async () => (await project.client.queue.limits()).limits)
    .toContainEqual({ name: 'one', key: null, held: 1, waiting: 2, holders: [a.id] })
  await open('open a')
  await expect.poll(async () => (await stepsOf(b))[0]?.state).toBe('running')
  await open('open b')
  await open('open c')
  for (const run of [a, b, c]) expect((await project.ended(run)).state).toBe('succeeded')
  expect(await noted('work')).toEqual(['a', 'b', 'c'].flatMap((n) => [`work ${n}`, `work ended ${n}`]))
})

test('full: skip fails the newer call, cancel-oldest the older one', async () => {
  const first = await project.launch('skips', { params: { n: '1' } })
  await expect.poll(async () => (await stepsOf(first))[0]?.state).toBe('running')
  const second = await project.ended(await project.launch('skips', { params: { n: '2' } }))
  expect(second).toMatchObject({ state: 'failed', error: { code: 'LIMIT_FULL' } })
  await open('skip 1')
  expect((await project.ended(first)).state).toBe('succeeded')

  const older = await project.launch('lasts', { params: { n: '1' } })
  await expect.poll(async () => (await stepsOf(older))[0]?.state).toBe('running')
  const newer = await project.launch('lasts', { params: { n: '2' } })
  expect(await project.ended(older)).toMatchObject({ state: 'failed', error: { code: 'LIMIT_FULL' } })
  await open('last 2')
  expect((await project.ended(newer)).state).toBe('succeeded')
})

test('a rate counts over all runs', async () => {
  const runs = [await project.launch('pace'), await project.launch('pace')]
  const times: number[] = []
  for (const run of runs) {
    const { result } = (await project.ended(run)) as { result: { inline: string } }
    times.push(...(JSON.parse(result.inline) as number[]))
  }
  // Two at once, and four more at two a second.
  expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(1_800)
})

test('what a process held is free when it has died', async () => {
  const first = await project.launch('dies', { params: { n: 'yes' } })
  await expect.poll(() => noted('die')).toEqual(['die yes'])
  const second = await project.launch('dies', { params: { n: 'no' } })
  await expect.poll(async () => (await stepsOf(second))[0]?.state).toBe('waiting')
  const { holders } = (await project.client.queue.limits()).limits.find(({ name }) => name === 'mortal')!
  expect(holders).toEqual([first.id])
  process.kill(await project.pidOf(first), 'SIGKILL')
  for (const run of [second, first]) expect((await project.ended(run)).state).toBe('succeeded')
  expect(await noted('die')).toEqual(['die yes', 'die no', 'die yes'])
  expect((await project.client.queue.limits()).limits.find(({ name }) => name === 'mortal')).toBeUndefined()
})

test('code holds several slots', async () => {
  const two = await project.launch('holds', { params: { n: 'two', slots: 2 } })
  await expect.poll(() => noted('hold')).toEqual(['hold two'])
  const also = await project.launch('holds', { params: { n: 'also', slots: 2 } })
  await expect
    .poll(async () => (await project.client.queue.limits()).limits)
    .toContainEqual({ name: 'three', key: null, held: 2, waiting: 1, holders: [two.id] })
  await open('hold two')
  await expect.poll(() => noted('hold')).toEqual(['hold two', 'hold also'])
  await open('hold also')
  for (const run of [two, also]) expect((await project.ended(run)).state).toBe('succeeded')
})

test('a circle of waits is refused, and names who is in it', async () => {
  const a = await project.launch('crossed', { params: { n: 'a' } })
  await expect.poll(() => noted('crossed')).toEqual(['crossed a'])
  const b = await project.launch('crossed', { params: { n: 'b' } })
  await expect.poll(() => noted('crossed')).toEqual(['crossed a', 'crossed b'])
  await open('crossed')
  expect(await project.ended(b)).toMatchObject({
    state: 'failed',
    error: { code: 'LIMIT_CIRCLE', message: expect.stringContaining(`${a.id}, ${b.id}`) as string },
  })
  expect((await project.ended(a)).state).toBe('succeeded')
})
