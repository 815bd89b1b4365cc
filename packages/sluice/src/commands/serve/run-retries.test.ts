import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type ServedProject, servedProject } from '../../../fixtures/served-project.ts'

const pipeline = `
import { readFileSync } from 'node:fs'
/** Which try this is, from 1: counted outside of Sluice. */
const tries = (name: string) => {
  appendFileSync(name, 'x')
  return readFileSync(name, 'utf8').length
}
const fetched = task('fetch', (of: string) => {
  note(of + ' fetch')
  return 1
})
const load = task('load', (of: string) => {
  const n = tries('tries of ' + of)
  note(of + ' load ' + n)
  if (n < 3) throw new Error('not yet')
  return n
})
const both = async (of: string) => {
  await fetched(of)
  return load(of)
}
const params = z.object({ of: z.string() })
export const behind = flow('behind', { params, runRetries: { max: 2, delay: '10ms' } }, ({ of }) => both(of))
export const whole = flow('whole', { params }, ({ of }) => both(of))
export const again = job('again', {
  target: whole,
  params: { of: 'again' },
  priority: 3,
  tags: { team: 'data' },
  runRetries: { max: 3, from: 'start' },
})
export const raw = asset('raw', { runRetries: { max: 2 } }, () => {
  note('assets raw')
  return 1
})
export const clean = asset('clean', { inputs: { raw }, runRetries: 1 }, () => load('assets'))
export const dies = flow('dies', { maxResumes: 0, runRetries: 1 }, async () => {
  await fetched('dies')
  if (tries('deaths') === 1) process.kill(process.pid, 'SIGKILL')
  return 'alive'
})
export const never = flow('never', { runRetries: 1 }, () => {
  throw new Error('never')
})
export const later = flow('later', { runRetries: { max: 5, delay: '1h' } }, () => {
  throw new Error('not now')
})
`

let project: ServedProject
beforeAll(async () => {
  project = await servedProject(pipeline)
})
afterAll(() => project.remove())

const noted = async (of: string) => (await project.notes()).filter((line) => line.startsWith(`${of} `))
/** The run that a server made of this one, once it is there. */
const after = ({ id }: { id: string }) =>
  vi.waitFor(
    async () => {
      const { runs } = await project.client.runs.list({ limit: 100 })
      const found = runs.find(({ cause }) => cause.by === 'retry' && cause.name === id)
      expect(found).toBeDefined()
      return found!
    },
    { timeout: 60_000, interval: 50 },
  )
const ended = async (run: { id: string }) => project.ended(await after(run))

test('a run that fails twice succeeds the third time, with what succeeded before', async () => {
  const first = await project.ended(await project.launch('behind', { params: { of: 'b' } }))
  const second = await ended(first)
  const third = await ended(second)
  expect([first, second, third].map(({ state, retryOf, cause }) => [state, retryOf, cause.retry])).toEqual([
    ['failed', null, undefined],
    ['failed', first.id, 1],
    ['succeeded', second.id, 2],
  ])
  expect(await noted('b')).toEqual(['b fetch', 'b load 1', 'b load 2', 'b load 3'])
  const shown = await project.sluice(['runs', 'show', third.id, '--server', project.url])
  expect(shown.stdout).toContain(`${second.id} (2 of 2)`)
})

test('from the start all of it is done again, with the terms and the tags of the run', async () => {
  const first = await project.ended(await project.launch('again'))
  const second = await ended(first)
  const third = await ended(second)
  expect([first, second, third].map(({ state }) => state)).toEqual(['failed', 'failed', 'succeeded'])
  const { params, tags, job, terms } = first
  expect(third).toMatchObject({ params, tags, job, terms, retryOf: null })
  expect([tags['team'], terms?.priority]).toEqual(['data', 3])
  const once = ['again fetch', 'again load']
  expect((await noted('again')).map((line) => line.replace(/ \d$/, ''))).toEqual([...once, ...once, ...once])
})

test('of assets those that were made are not made again; the most retries that one of them wants count', async () => {
  const first = await project.ended(await project.launch('*'))
  const third = await ended(await ended(first))
  expect([first.state, third.state, third.cause.retry, third.target]).toEqual(['failed', 'succeeded', 2, first.target])
  expect(await noted('assets')).toEqual(['assets raw', 'assets load 1', 'assets load 2', 'assets load 3'])
})

test('a run that crashed for good is tried again; steps that were committed are not', async () => {
  const first = await project.ended(await project.launch('dies'))
  expect([first.state, first.error?.code]).toEqual(['crashed', 'RESUMES_EXHAUSTED'])
  expect(await ended(first)).toMatchObject({ state: 'succeeded', retryOf: first.id })
  expect(await noted('dies')).toEqual(['dies fetch'])
})

test('after the last retry it stays failed, and one by hand begins anew; it says for what it waits', async () => {
  const first = await project.ended(await project.launch('never'))
  const second = await ended(first)
  expect([second.state, second.cause.retry]).toEqual(['failed', 1])
  const byHand = await project.ended((await project.client.runs.retry({ run: second.id, body: {} })).run)
  expect(byHand.cause).toEqual({ by: 'retry', name: second.id })
  expect((await ended(byHand)).cause.retry).toBe(1)

  const late = await project.ended(await project.launch('later'))
  const waiting = await after(late)
  const why = await project.sluice(['runs', 'why', waiting.id, '--server', project.url])
  expect(why.stdout).toContain('retrying in')
  expect(why.stdout).toContain(`It is retry 1 of 5, of the run ${late.id}.`)
  await project.client.runs.cancel({ run: waiting.id })
  // Ends are looked at in their order, and later ones were: the second has no retry but that by hand.
  const { runs } = await project.client.runs.list({ limit: 100 })
  expect(runs.filter(({ cause }) => cause.name === second.id).map(({ id }) => id)).toEqual([byHand.id])
})
