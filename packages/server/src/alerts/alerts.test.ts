import { type AlertSettings, type Snapshot, env, serverSettingsOf, settingsOf } from '@sluice/core'
import { type Change, type Store, newRun } from '@sluice/engine'
import { openSqliteInProcess } from '@sluice/storage'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type AlertOptions, noticePass, sendPass } from './alert-passes.ts'
import { type HttpSink, httpSink, smtpSink } from './fixtures/sinks.ts'

const hour = 3_600_000
let store: Store
let sink: HttpSink
let time: number
let said: string[]
let settings: AlertSettings | null
let environment: Record<string, string>

const described = (config: object): AlertSettings =>
  serverSettingsOf(settingsOf(config, 'dev', 'sluice.config.ts')).alerts!
const webhook = (): AlertSettings =>
  described({
    alerts: () => ({
      webhook: { url: `${env('HOOK')}?to=me`, headers: { authorization: `Bearer ${env('TOKEN')}`, x: env('X', 'y') } },
    }),
  })

beforeEach(async () => {
  store = await openSqliteInProcess(':memory:')
  sink = await httpSink()
  time = 1_000_000
  said = []
  environment = { HOOK: sink.url, TOKEN: 'very-secret' }
  settings = webhook()
})
afterEach(async () => {
  await store.close()
  await sink.close()
})

const options = (over: Partial<AlertOptions> = {}): AlertOptions => ({
  store,
  now: () => time,
  environment,
  say: (_, text) => said.push(text),
  locations: {
    active: async () => [
      { location: 'shop', version: '1', snapshot: { settings: { alerts: settings } } as unknown as Snapshot },
      { location: 'other', version: '1', snapshot: {} as Snapshot },
    ],
  },
  ...over,
})

let runs = 0
/** A run of a location that ends so. */
async function ended(state: 'failed' | 'crashed' | 'succeeded', { location = 'shop', byServer = true } = {}) {
  const limits = { location, pool: 'default', priority: 0, limits: [], maxDuration: null, memory: null }
  const run = newRun({
    target: { kind: 'flow', name: 'sync' },
    params: null,
    title: null,
    tags: {},
    entry: null,
    job: null,
    owners: ['team:data'],
    terms: byServer ? { ...limits, maxResumes: 3, onCodeChange: 'resume' } : null,
    retryOf: null,
    cause: { by: 'schedule', name: 'nightly' },
    now: time + runs++,
  })
  const error = state === 'succeeded' ? null : { name: 'Error', code: 'STEP_FAILED', message: 'the vendor said no' }
  await store.commit([
    { change: 'run.create', run },
    { change: 'run.claim', run: run.id, from: 0, owner: 'w', at: time, codeVersion: null },
    { change: 'run.end', run: run.id, epoch: 1, state, error, result: null, at: time },
  ])
  return run
}
/** What came, in the order of what happened: several are sent at once. */
const bodies = () => sink.requests.map(({ body }) => body).toSorted((a, b) => numberOf(a) - numberOf(b))
const numberOf = ({ id }: Record<string, unknown>): number => Number(/^e(\d+)-/.exec(String(id))![1])

describe('what people hear of', () => {
  test('a run that failed or crashed for good, once; nothing of what happened before, and of other runs', async () => {
    await ended('failed')
    await noticePass(options())
    const [failed] = [await ended('failed'), await ended('succeeded')]
    const crashed = await ended('crashed')
    await ended('failed', { byServer: false })
    await ended('failed', { location: 'other' })
    expect(await noticePass(options())).toBe(2)
    expect(await noticePass(options())).toBe(0)
    expect(await sendPass(options())).toBe(2)
    expect(await sendPass(options())).toBe(0)
    expect(bodies()).toEqual([
      {
        id: expect.stringMatching(/^e\d+-1000000$/) as string,
        kind: 'run.failed',
        at: '1970-01-01T00:16:40.000Z',
        title: 'sync failed',
        text: `sync failed\n\nSTEP_FAILED the vendor said no\n\nsluice runs show ${failed.id}`,
        run: failed.id,
        name: 'sync',
        location: 'shop',
        owners: ['team:data'],
        cause: 'schedule nightly',
        error: { code: 'STEP_FAILED', message: 'the vendor said no' },
      },
      expect.objectContaining({ kind: 'run.crashed', run: crashed.id }),
    ])
    expect(new Set(bodies().map(({ id }) => id)).size).toBe(2)
    for (const { headers, body } of sink.requests)
      expect(headers).toMatchObject({ authorization: 'Bearer very-secret', x: 'y', 'idempotency-key': body['id'] })
    expect((await store.alerts.list({})).map(({ state, attempts }) => [state, attempts])).toEqual([
      ['sent', 1],
      ['sent', 1],
    ])
  })

  test('schedules and sensors that fail: once until they work again', async () => {
    await noticePass(options())
    const schedule = { location: 'shop', name: 'nightly' }
    await store.commit([
      { change: 'schedule.put', ...schedule, origin: 'code', spec: {}, fingerprint: 'f', at: 0 },
      { change: 'sensor.put', location: 'shop', name: 'files', spec: {}, at: 0 },
    ])
    let watermark = 0
    const tick = (outcome: 'failed' | 'skipped' | 'missed', scheduledFor: number) => ({
      scheduledFor,
      decidedAt: scheduledFor,
      outcome,
      reason: null,
      error: outcome === 'failed' ? { name: 'Error', code: 'TICK_FAILED', message: 'no such table' } : null,
      runs: [],
      count: 1,
    })
    const decide = async (outcome: 'failed' | 'skipped' | 'missed') => {
      const [from, to] = [watermark, ++watermark]
      await store.commit([
        { change: 'schedule.decide', ...schedule, revision: 0, from, to, ticks: [tick(outcome, to)] },
      ])
    }
    const look = async (failures: number) =>
      store.commit([
        { change: 'sensor.lease', location: 'shop', name: 'files', by: 'me', lease: 1000 },
        {
          change: 'sensor.decide',
          location: 'shop',
          name: 'files',
          by: 'me',
          nextAt: 0,
          failures,
          tick: tick(failures > 0 ? 'failed' : 'skipped', 99),
        },
      ])
    for (const outcome of ['failed', 'failed', 'missed', 'failed', 'skipped', 'failed'] as const) {
      await decide(outcome)
      await noticePass(options())
    }
    for (const failures of [1, 2, 0, 1]) await look(failures)
    await noticePass(options())
    await sendPass(options())
    expect(bodies()[0]).toMatchObject({ kind: 'tick.failed', of: 'schedule', code: 'TICK_FAILED' })
    const about = bodies().map(({ title, name, scheduledFor }) => [title, name, scheduledFor])
    expect(about).toEqual([
      ['Schedule "nightly" of shop failed', 'nightly', 1],
      ['Schedule "nightly" of shop failed', 'nightly', 6],
      ['Sensor "files" of shop failed', 'files', 99],
      ['Sensor "files" of shop failed', 'files', 99],
    ])
    expect(bodies()[0]!['text']).toContain('TICK_FAILED no such table')
  })

  test('code that cannot be loaded, once until it can; a worker that is silent', async () => {
    await noticePass(options())
    const problem = { code: 'LOAD_FAILED', message: 'Unexpected token', hint: 'pipeline.ts:3', at: 5 }
    const machine = { host: 'box', pid: 1, node: '26', sluice: '0' }
    const worker = {
      id: 'w1',
      name: 'heavy-1',
      pool: 'heavy',
      slots: 1,
      draining: false,
      versions: { shop: [] },
      machine,
    }
    const failing: Change = { change: 'location.problem', location: 'shop', problem }
    await store.commit([failing, failing])
    await store.commit([
      { change: 'worker.join', worker, lease: -1 },
      { change: 'worker.join', worker: { ...worker, id: 'w2' }, lease: 1000 },
      { change: 'worker.leave', worker: 'w1', expired: true, at: time },
      { change: 'worker.leave', worker: 'w2', expired: false, at: time },
    ])
    await noticePass(options())
    await sendPass(options())
    expect(bodies().map(({ title }) => title)).toEqual([
      'The code of shop could not be loaded',
      'Worker "heavy-1" on box is silent',
    ])
    expect(bodies()[0]!['text']).toContain('LOAD_FAILED Unexpected token\n  pipeline.ts:3')
  })
})

describe('a message leaves', () => {
  test('after a receiver that failed twice, later each time, with the same id', async () => {
    await noticePass(options())
    await ended('failed')
    await noticePass(options())
    sink.answers.push(500, 'hang up')
    await sendPass(options())
    time += 999
    expect(await sendPass(options())).toBe(0)
    time += 1
    expect(await sendPass(options())).toBe(1)
    time += 2_000
    expect(await sendPass(options())).toBe(1)
    time += hour
    expect(await sendPass(options())).toBe(0)
    expect(sink.requests.length).toBe(3)
    expect(new Set(bodies().map(({ id }) => id)).size).toBe(1)
    expect(said).toEqual([
      'An alert (sync failed) did not leave by webhook: HTTP 500 no, thanks',
      expect.stringContaining('did not leave by webhook: fetch failed: '),
    ])
  })

  test('not at all after a day, and that is kept', async () => {
    await noticePass(options())
    await ended('failed')
    await noticePass(options())
    delete environment['TOKEN']
    for (let tries = 0; tries < 60; tries++) {
      await sendPass(options())
      time += hour
    }
    const [alert] = await store.alerts.list({})
    expect(alert).toMatchObject({ state: 'failed', error: 'The environment variable TOKEN is not set.' })
    expect(alert!.attempts).toBeGreaterThan(12)
    expect(said.at(-1)).toContain('It is given up.')
    expect(sink.requests).toEqual([])
  })

  test('although its server died: before it made the message, before it sent it, and before it noted that', async () => {
    await noticePass(options())
    await ended('failed')
    // One dies in the commit, and one beside it has already made the message: the cursor lets one of both do so.
    const dies: Store = { ...store, commit: () => Promise.reject(new Error('killed')), close: () => store.close() }
    await expect(noticePass(options({ store: dies }))).rejects.toThrow('killed')
    await Promise.all([noticePass(options()), noticePass(options())])
    expect(await store.alerts.list({})).toHaveLength(1)
    // One takes it, and dies.
    const [alert] = await store.alerts.due(time, 10)
    await store.commit([{ change: 'alert.take', alert: alert!.id, attempts: 0, until: time + 30_000 }])
    expect(await sendPass(options())).toBe(0)
    time += 30_000
    // One sends it, and dies: it is sent again, and says that it is the same.
    let commits = 0
    const late: Store = {
      ...store,
      commit: (changes) => (++commits > 1 ? Promise.reject(new Error('killed')) : store.commit(changes)),
      close: () => store.close(),
    }
    await expect(sendPass(options({ store: late }))).rejects.toThrow('killed')
    time += 30_000
    expect(await sendPass(options())).toBe(1)
    expect(bodies().map(({ id }) => id)).toEqual([alert!.message.id, alert!.message.id])
    expect((await store.alerts.list({})).map(({ state }) => state)).toEqual(['sent'])
  })

  test('by mail, with the id that mail programs know it by', async () => {
    const smtp = await smtpSink('pass-word')
    try {
      environment = { SMTP_URL: smtp.url }
      const mail = (to: string | string[]) =>
        described({ alerts: () => ({ mail: { url: env('SMTP_URL'), from: 'sluice@example.com', to } }) })
      settings = mail(['a@example.com', 'b@example.com'])
      await noticePass(options())
      await ended('failed')
      await noticePass(options())
      await sendPass(options())
      expect(said).toEqual([])
      const [alert] = await store.alerts.list({})
      expect(smtp.mails).toHaveLength(1)
      expect(smtp.mails[0]).toContain('Subject: sync failed')
      expect(smtp.mails[0]).toContain(`Message-ID: <${alert!.message.id}@example.com>`)
      expect(smtp.mails[0]).toContain('STEP_FAILED the vendor said no')
      settings = mail('full@example.com')
      await ended('failed')
      await noticePass(options())
      await sendPass(options())
      expect(said[0]).toContain('452')
      environment = { SMTP_URL: smtp.url.replace('pass-word', 'wrong-word') }
      time += 1000
      await sendPass(options())
      expect(said[1]).toContain('who are you?')
      expect(said.join()).not.toContain('wrong-word')
    } finally {
      await smtp.close()
    }
  })
})

test('variables are names until the server needs them, and never in what is stored or said', async () => {
  expect(webhook().webhook).toEqual({
    url: [{ env: 'HOOK' }, '?to=me'],
    headers: { authorization: ['Bearer ', { env: 'TOKEN' }], x: [{ env: 'X', fallback: 'y' }] },
  })
  environment = { HOOK: 'not an address', TOKEN: 'very-secret' }
  await noticePass(options())
  await ended('failed')
  await noticePass(options())
  await sendPass(options())
  environment = { HOOK: `${sink.url}/very-secret`, TOKEN: 'very\nsecret' }
  time += 1000
  await sendPass(options())
  const kept = JSON.stringify(await store.alerts.list({})) + said.join()
  expect(kept).toContain('no http or https address')
  expect(kept).not.toMatch(/very.{0,2}secret|127\.0\.0\.1/)
  expect(sink.requests).toEqual([])
})

test.each([
  [{ alerts: () => ({}) }, 'neither a webhook nor a mail'],
  [{ alerts: () => ({ webhook: { url: '' } }) }, 'webhook.url is no text'],
  [
    {
      alerts: () => {
        throw new Error('oops')
      },
    },
    'alerts of sluice.config.ts cannot be used: oops',
  ],
])('a configuration that cannot work is refused: %#', (config, message) => {
  expect(() => described(config)).toThrow(message)
})
