import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ServedProject, servedProject } from '../../../fixtures/served-project.ts'

const secret = 'a-secret-of-the-server'
const config = `
import { defineConfig, env } from 'sluice'
export default defineConfig({
  entry: 'pipeline.ts',
  alerts: () => ({ webhook: { url: env('ALERT_URL'), headers: { authorization: 'Bearer ' + env('ALERT_TOKEN') } } }),
})
`
const pipeline = `
import { schedule, sensor } from 'sluice'
export const bad = flow('bad', () => { throw new Error('the vendor said no; ' + (process.env.ALERT_TOKEN ?? 'and I know nothing')) })
export const timed = [
  schedule('ticking', { every: '1s', target: bad, paused: true, params: () => { throw new Error('no calendar') } }),
  sensor('looking', { targets: [bad], every: '1s', paused: true }, () => { throw new Error('no vendor') }),
]
`

let project: ServedProject
let answer = 200
const came: {
  id: string
  kind: string
  title: string
  run?: string
  error?: { message: string }
  authorization: string | undefined
}[] = []
const sink = createServer((request, response) => {
  let text = ''
  request.setEncoding('utf8').on('data', (added: string) => (text += added))
  request.on('end', () => {
    came.push({ ...(JSON.parse(text) as (typeof came)[number]), authorization: request.headers.authorization })
    response.writeHead(answer).end('seen')
  })
})

beforeAll(async () => {
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(sink.address() as AddressInfo).port}/`
  project = await servedProject(pipeline, {
    env: { ALERT_URL: url, ALERT_TOKEN: secret },
    files: { 'sluice.config.ts': config },
  })
})
afterAll(async () => {
  await project.remove()
  sink.close()
})

const sluice = (...args: readonly string[]) => project.sluice([...args, '--server', project.url])

test('a failed run is told once', async () => {
  const run = await project.ended(await project.launch('bad'))
  await expect.poll(() => came.length, { timeout: 60_000 }).toBe(1)
  expect(came[0]).toMatchObject({
    kind: 'run.failed',
    run: run.id,
    error: { message: 'the vendor said no; and I know nothing' },
    authorization: `Bearer ${secret}`,
  })
  await expect
    .poll(async () => (await project.client.alerts.list()).alerts.map(({ state }) => state), { timeout: 60_000 })
    .toEqual(['sent'])
  const listed = await sluice('alerts', 'list')
  expect(listed.stdout).toMatch(/sent .*webhook .*bad failed/)
})

test('a test message, and what came back', async () => {
  const good = await sluice('alerts', 'test')
  expect([good.exitCode, good.stdout.trim()]).toEqual([0, '✓ real-project, webhook: HTTP 200 seen'])
  answer = 403
  const bad = await sluice('alerts', 'test', '--json')
  expect([bad.exitCode, JSON.parse(bad.stdout)]).toEqual([
    1,
    [{ location: 'real-project', channel: 'webhook', ok: false, says: 'HTTP 403 seen' }],
  ])
  answer = 200
  const none = await sluice('alerts', 'test', '--location', 'nowhere')
  expect(none.exitCode).toBe(2)
  expect(none.stderr).toContain('configures no alerts')
})

test('a failing schedule and sensor, code that cannot be loaded and a silent worker are each told once', async () => {
  came.length = 0
  const told = (kind: string) => came.filter((one) => one.kind === kind).map(({ title }) => title)
  const other = project.start(['worker', '--name', 'other', '--pool', 'other', '--server', project.url])
  const workers = async () => (await project.client.workers.list()).workers.map(({ name }) => name)
  await expect.poll(workers, { timeout: 60_000 }).toContain('other')
  const resume = { location: 'real-project', body: { paused: false } }
  await project.client.schedules.pause({ ...resume, name: 'ticking' })
  await project.client.sensors.pause({ ...resume, name: 'looking' })
  const failures = async () => (await project.client.ticks.list({ outcome: 'failed' })).ticks.map(({ name }) => name)
  await expect
    .poll(async () => (await failures()).filter((name) => name === 'ticking').length, { timeout: 60_000 })
    .toBeGreaterThan(2)
  await expect.poll(failures, { timeout: 60_000 }).toContain('looking')
  other.child.kill('SIGSTOP')
  const code = await readFile(join(project.folder, 'pipeline.ts'), 'utf8')
  await project.write({ 'pipeline.ts': `${code}\nnope()\n` })
  await expect.poll(() => told('location.failed'), { timeout: 60_000 }).toHaveLength(1)
  await project.write({ 'pipeline.ts': code })
  await expect.poll(() => told('worker.lost').join(), { timeout: 60_000 }).toContain('Worker "other" on ')
  expect(told('worker.lost').filter((title) => title.includes('"other"'))).toHaveLength(1)
  expect(told('tick.failed').toSorted()).toEqual([
    'Schedule "ticking" of real-project failed',
    'Sensor "looking" of real-project failed',
  ])
  expect(told('location.failed')).toEqual(['The code of real-project could not be loaded'])
  other.kill()
  for (const name of ['ticking', 'looking'])
    await project.client[name === 'ticking' ? 'schedules' : 'sensors'].pause({
      ...resume,
      name,
      body: { paused: true },
    })
})

test('the secret is in nothing that is kept, shown or said', async () => {
  const definitions = JSON.stringify(await project.client.locations.snapshot({ location: 'real-project' }))
  expect(definitions).toContain('{"env":"ALERT_TOKEN"}')
  const alerts = JSON.stringify(await project.client.alerts.list())
  const store = await readFile(join(project.folder, '.sluice/sluice.db'), 'latin1')
  const log = await readFile(join(project.folder, '.sluice/sluice.db-wal'), 'latin1')
  for (const text of [definitions, alerts, store, log, project.printed()]) expect(text).not.toContain(secret)
})

test('a server that is killed in the middle tells it when it is back', async () => {
  answer = 500
  came.length = 0
  await project.ended(await project.launch('bad'))
  const states = async () =>
    (await project.client.alerts.list({ limit: 1 })).alerts.map((one) => [one.state, one.error])
  await expect.poll(states, { timeout: 60_000 }).toEqual([['waiting', 'HTTP 500 seen']])
  project.dev.kill()
  answer = 200
  const [, port] = /:(\d+)$/.exec(project.url)!
  project.start(['dev', '--port', port!])
  await expect.poll(async () => (await states().catch(() => []))[0]?.[0], { timeout: 60_000 }).toBe('sent')
  expect(came.length).toBeGreaterThan(1)
  expect(new Set(came.map(({ id }) => id)).size).toBe(1)
})
