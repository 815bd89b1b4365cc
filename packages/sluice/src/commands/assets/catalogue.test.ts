import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RealProject, realProject } from '../../../fixtures/real-project.ts'
import { type ServedProject, preamble, servedProject } from '../../../fixtures/served-project.ts'

const pipeline = (owner: string): string => `
import { check, external } from 'sluice'
export const prices = external('vendor/prices', { freshness: { within: '3s', warn: '1s' }, read: () => [1, 2] })
export const orders = asset('orders', { codeVersion: '1', owners: ['${owner}'], inputs: { prices } }, ({ prices }) =>
  prices.map((id) => ({ id, email: null as string | null })),
).checks({ rows: check.rows({ min: 1, blocking: true }), emails: check.nulls('email', { severity: 'warn' }) })
export const total = asset('total', { inputs: { orders } }, ({ orders }) => orders.length)
export const verify = job('verify', { target: 'orders', onlyChecks: ['rows'] })
`

let project: ServedProject
/** Where nothing of the project is: only the server can know. */
let elsewhere: RealProject
beforeAll(async () => {
  project = await servedProject(pipeline('team:a'))
  elsewhere = await realProject()
  await project.ended(await project.launch('*'))
})
afterAll(async () => {
  await project.remove()
  await elsewhere.remove()
})

const look = async (...args: string[]): Promise<string> => {
  const { exitCode, stdout, stderr } = await elsewhere.sluice([...args, '--server', project.url])
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  return stdout
}

test('checks run apart: by the API, by a job, and by a schedule that launches the job', async () => {
  const launched = await project.ended(await project.launch('orders', { onlyChecks: 'all' }))
  expect(launched).toMatchObject({ state: 'succeeded', name: 'checks of orders' })
  // They run at once, and are told in the order in which they came to their end.
  const { checks } = await project.client.runs.checks({ run: launched.id })
  expect(checks.toSorted((a, b) => a.check.localeCompare(b.check))).toMatchObject([
    { check: 'emails', passed: false, metadata: { nulls: { value: 2 } } },
    { check: 'rows', passed: true },
  ])
  expect((await project.client.runs.made({ run: launched.id })).records).toEqual([])
  const [location] = (await project.client.locations.list({})).locations
  await project.client.schedules.put({
    location: location!.name,
    name: 'often',
    body: { every: '1s', target: 'verify' },
  })
  const byClock = async () =>
    (await project.client.runs.list({ job: 'verify', states: 'succeeded' })).runs.find(
      ({ cause }) => cause.by === 'schedule',
    )
  await expect.poll(byClock, { timeout: 60_000 }).toMatchObject({ target: { kind: 'checks', checks: ['orders:rows'] } })
  await project.client.schedules.remove({ location: location!.name, name: 'often' })
})

test('an asset looks the same of a server as of the store: its health, and why it is stale', async () => {
  const text = (shown: string): string[] =>
    shown.split('\n').filter((line) => !/^ +(defined|made|code) |^next|^ +value/.test(line))
  const served = await look('assets', 'show', 'orders')
  const { stdout: stored } = await project.sluice(['assets', 'show', 'orders', 'pipeline.ts'])
  expect(text(served).map((line) => line.replaceAll(/(\d+ s ago|just now)/g, '<ago>'))).toEqual(
    text(stored).map((line) => line.replaceAll(/(\d+ s ago|just now)/g, '<ago>')),
  )
  expect(served).toMatch(/health +warning: a check did not pass/)
  expect(served).toMatch(/status +fresh/)
  expect(served).toMatch(/! emails .*nulls 2/)
})

test('what is reported is recorded once; freshness is told when it changes', async () => {
  const report = [
    'assets',
    'report',
    'vendor/prices',
    '--data-version',
    '7',
    '--metadata',
    'rows=2',
    '--once',
    'load 1',
  ]
  expect(await look(...report)).toContain('materialization of vendor/prices recorded')
  expect(await look(...report)).toContain('was recorded before')
  expect(await look('assets', 'show', 'orders')).toMatch(/status +stale: vendor\/prices has a new version/)
  const changes = async () =>
    (await project.client.events.list({ limit: 1000 })).events
      .filter(({ type }) => type === 'freshness.changed')
      .map(({ data }) => (data as { to: string }).to)
  await expect.poll(async () => (await changes()).at(-1), { timeout: 60_000 }).toBe('failed')
  // A slow server may miss what came before, and tells nothing twice.
  const told = await changes()
  expect(told).toEqual(['passed', 'warned', 'failed'].filter((state) => told.includes(state)))
  expect(await look('assets', 'show', 'vendor/prices')).toMatch(/health +degraded: it is late\n +freshness +late/)
  const { exitCode, stderr } = await elsewhere.sluice(['assets', 'report', 'orders', '--server', project.url])
  expect(exitCode).not.toBe(0)
  expect(stderr).toContain('CONFLICT')
})

test('what changed in a definition is said', async () => {
  await writeFile(join(project.folder, 'pipeline.ts'), preamble + pipeline('team:b'))
  const said = async () => look('assets', 'history', 'orders')
  await expect.poll(said, { timeout: 60_000 }).toContain('owners: ["team:a"] → ["team:b"]')
  expect((await said()).trim().split('\n').at(-1)).toContain('added')
})
