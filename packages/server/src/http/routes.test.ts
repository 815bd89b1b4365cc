import { connect } from 'node:net'
import { type Problem, type Routes, apiBase, problem, routes } from '@sluice/api'
import { type Client, createClient } from '@sluice/api/client'
import type { CodeRequest } from '@sluice/api/workers'
import {
  asset,
  collect,
  dynamic,
  errorCodes,
  external,
  flow,
  job,
  schedule,
  sensor,
  snapshotOf,
  when,
} from '@sluice/core'
import { type Store, planBackfill } from '@sluice/engine'
import { openSqliteInProcess } from '@sluice/storage'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { askedWorker } from '../fixtures/asked-worker.ts'
import { type Server, openServer } from '../server.ts'

const sync = flow('sync', () => 1)
const snapshot = snapshotOf(
  collect([
    asset('raw/orders', { partitions: dynamic('customers'), condition: when.executionFailed() }, () => 1),
    external('vendor'),
    sync,
    job('eu', { target: sync }),
    schedule('nightly', { cron: '30 2 * * *', target: sync }),
    sensor('files', { targets: [sync], every: '1h', paused: true }, () => ({})),
  ]),
)
const answer = ({ request }: CodeRequest): unknown => {
  if (request === 'look') return { runs: [], cursor: '"next"', keys: [] }
  if (request === 'preview') return { shape: 'rows', rows: '[]', total: 0 }
  return { params: '{}', title: null, tags: [], limits: [] }
}

const token = 'the one user there is, of this server'
let store: Store
let server: Server
let client: Client
let run: string
let crashed: string
const failed = 'b-that-failed'
const bundle = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const failures: unknown[] = []

beforeAll(async () => {
  store = await openSqliteInProcess(':memory:')
  const say = (level: string, text: string) => void (level === 'error' && failures.push(text))
  server = await openServer({ store, port: 0, version: '0.1.0', token, say })
  client = createClient({ url: server.url, token })
  askedWorker(server, snapshot, answer)
  await vi.waitUntil(async () => (await client.schedules.list()).schedules.length === 1, 30_000)
  run = (await client.runs.launch({ body: { target: 'sync' } })).run.id
  await vi.waitUntil(async () => (await client.runs.get({ run })).run.state === 'running', 30_000)
  crashed = (await client.runs.launch({ body: { target: 'sync', startAt: Date.now() + 1e9 } })).run.id
  const its = { run: crashed, at: Date.now() }
  await store.commit([
    { change: 'run.claim', ...its, from: 0, owner: 'gone', codeVersion: 'v1' },
    { change: 'asset.fail', ...its, epoch: 1, step: 1, asset: 'old', partition: null },
    { change: 'run.end', ...its, epoch: 1, state: 'crashed', error: null, result: null },
    { change: 'partitions.add', name: 'customers', keys: ['acme'], at: its.at },
  ])
  const request = { target: 'raw/orders', partition: 'all' }
  const { backfill } = await planBackfill({ store, location: 'main', snapshot, request, now: its.at })
  await store.commit([
    { change: 'backfill.create', backfill: { ...backfill, id: failed, state: 'failed', endedAt: its.at } },
  ])
})
afterAll(async () => {
  await server.close()
  await store.close()
})

type Inputs = { readonly [Noun in keyof Routes]: { readonly [Name in keyof Routes[Noun]]: () => object | null } }
const nightly = { location: 'main', name: 'nightly' }
const mine = { location: 'main', name: 'mine' }
const files = { location: 'main', name: 'files' }
/** What each route is asked, in an order in which each can answer. `null`: what it needs is in `alerts.test.ts`. */
const inputs: Inputs = {
  runs: {
    launch: () => ({ body: { target: 'eu', params: {}, once: 'a', tags: { team: 'data' }, priority: 3 } }),
    list: () => ({ limit: 1 }),
    counts: () => ({ states: 'running', parts: 3 }),
    get: () => ({ run }),
    why: () => ({ run }),
    steps: () => ({ run }),
    logs: () => ({ run, step: 0 }),
    find: () => ({ run, step: 0, text: 'loaded' }),
    checks: () => ({ run }),
    made: () => ({ run }),
    cancel: () => ({ run }),
    retry: () => ({ run: crashed, body: {} }),
    resume: () => ({ run: crashed }),
    answer: () => ({ run, body: { request: 'ship', value: { yes: true }, by: 'ann' } }),
  },
  assets: {
    list: () => ({ selection: '*', with: 'health' }),
    get: () => ({ asset: 'raw/orders' }),
    check: () => ({ asset: 'raw/orders', check: 'has_rows' }),
    history: () => ({ asset: 'raw/orders', kind: 'observation' }),
    partitions: () => ({ asset: 'raw/orders' }),
    keys: () => ({ asset: 'raw/orders', step: 2 }),
    places: () => ({ asset: 'raw/orders', partition: 'acme' }),
    made: () => ({ asset: 'raw/orders' }),
    rename: () => ({ asset: 'old', body: { to: 'new', history: 'keep' } }),
    wipe: () => ({ asset: 'new', body: { history: 'clear' } }),
    definitions: () => ({ asset: 'vendor', limit: 5 }),
    report: () => ({ asset: 'vendor', body: { what: 'observation', metadata: { rows: 3 }, once: 'load 1' } }),
    preview: () => ({ asset: 'raw/orders', limit: 3 }),
  },
  lineage: { get: () => ({ selection: '*', run }) },
  partitions: {
    add: () => ({ name: 'customers', body: { keys: ['acme', 'b/c', 'ünï'] } }),
    list: () => ({ name: 'customers', limit: 2 }),
    remove: () => ({ name: 'customers', body: { keys: ['b/c'] } }),
  },
  conditions: {
    list: () => ({ location: 'main' }),
    why: () => ({ asset: 'raw/orders', partition: 'acme' }),
    history: () => ({ asset: 'raw/orders', limit: 1 }),
    pause: () => ({ body: { asset: 'raw/orders', paused: true } }),
  },
  events: { list: () => ({ limit: 3, cursor: '1' }), recent: () => ({ types: 'run.created,tick', limit: 2 }) },
  failures: {
    acknowledge: () => ({ body: { failure: 'a hash', by: 'ann' } }),
    acknowledged: () => ({}),
    mended: () => ({ runs: `${crashed},${run},unknown` }),
  },
  backfills: {
    plan: () => ({ body: { target: 'raw/orders', partition: 'missing', policy: { keys: 'all' } } }),
    create: () => ({ body: { target: 'raw/orders', partition: 'acme', concurrency: 1, tags: { team: 'data' } } }),
    list: () => ({ state: 'running', limit: 1 }),
    get: () => ({ backfill: failed }),
    failed: () => ({ backfill: failed, limit: 1 }),
    retry: () => ({ backfill: failed }),
    set: () => ({ backfill: failed, body: { concurrency: 2 } }),
    pause: () => ({ backfill: failed }),
    resume: () => ({ backfill: failed }),
    cancel: () => ({ backfill: failed }),
  },
  schedules: {
    put: () => ({ ...mine, body: { every: '1h', target: 'sync' } }),
    list: () => ({ limit: 1 }),
    get: () => nightly,
    pause: () => ({ ...nightly, body: { paused: true } }),
    preview: () => ({ ...nightly, limit: 2 }),
    test: () => ({ ...nightly, body: {} }),
    remove: () => mine,
  },
  sensors: {
    list: () => ({}),
    get: () => files,
    pause: () => ({ ...files, body: { paused: null } }),
    test: () => ({ ...files, body: { cursor: null } }),
  },
  ticks: { list: () => ({ outcome: 'failed' }) },
  workers: { list: () => ({}), logs: () => ({ worker: 'fake' }) },
  queue: { pools: () => ({}), limits: () => ({}) },
  locations: {
    list: () => ({}),
    snapshot: () => ({ location: 'main' }),
    register: () => ({
      location: 'main',
      body: { version: 'v2', definitions: snapshot, entries: [], git: null, bundle: null },
    }),
    versions: () => ({ location: 'main' }),
    activate: () => ({ location: 'main', body: { version: 'v1' } }),
  },
  bundles: { put: () => ({ bundle, piece: 0, body: { base64: '' } }), get: () => ({ bundle, piece: 0 }) },
  server: { health: () => ({}) },
  alerts: { list: () => ({}), test: () => null },
}

interface Known {
  readonly method: string
  readonly path: string
  readonly params?: unknown
  readonly body?: unknown
  readonly result: { parse(value: unknown): unknown }
}
const all = Object.entries(inputs).flatMap(([noun, own]) =>
  Object.entries(own).map(([name, input]) => {
    const route = (routes as unknown as Record<string, Record<string, Known>>)[noun]![name]!
    return { name: `${noun}.${name}`, noun, method: name, route, input }
  }),
)

type Init = Omit<RequestInit, 'headers'> & { readonly headers?: Readonly<Record<string, string>> }
const ask = (path: string, init: Init = {}): Promise<Response> =>
  fetch(server.url + apiBase + path, {
    ...init,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...init.headers },
  })
const at = (route: Known, word = 'x'): string => route.path.replaceAll(/\{\w+\}/g, word)

/** A refusal: problem+json of its shape, with a code that the documentation has. */
async function refused(response: Response): Promise<Problem> {
  const said = problem.parse(await response.json())
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(said.status).toBe(response.status)
  expect(Object.keys(errorCodes)).toContain(said.code)
  return said
}

test('there is a call of every route, and of nothing else', () => {
  const known = Object.entries(routes).flatMap(([noun, own]) => Object.keys(own).map((name) => `${noun}.${name}`))
  expect(all.map(({ name }) => name).toSorted()).toEqual(known.toSorted())
})

describe('every route', () => {
  test.each(all.filter(({ name }) => name !== 'alerts.test'))(
    '$name answers what its contract says, no less and no more',
    async ({ noun, method, route, input }) => {
      const call = (client as unknown as Record<string, Record<string, (input: object) => Promise<unknown>>>)[noun]!
      const answered = await call[method]!(input()!)
      expect(route.result.parse(answered)).toEqual(answered)
    },
  )

  test.each(all)('$name is for the one user there is, and for nobody else', async ({ route }) => {
    const { method } = route
    for (const headers of [{ authorization: '' }, { authorization: 'Bearer other' }, { authorization: token }]) {
      const response = await ask(at(route), { method, headers })
      expect([response.status, (await refused(response)).code]).toEqual([401, 'UNAUTHORIZED'])
    }
    expect((await ask(at(route), { method })).status).not.toBe(401)
  })

  test.each(all.filter(({ route }) => route.params !== undefined))(
    '$name refuses names that cannot be',
    async ({ route }) => {
      const body = route.body === undefined ? {} : { body: '{}' }
      for (const word of ['a%00b', 'nope', '..%2F..%2Fetc', '%F0%9F%98%80', 'x'.repeat(5000), '%E0%A4%A']) {
        const response = await ask(at(route, word), { method: route.method, ...body })
        if (response.ok) continue
        const { code, status } = await refused(response)
        expect([word.slice(0, 20), code, status < 500]).not.toContain(false)
        expect(code).not.toBe('INTERNAL')
      }
      expect((await refused(await ask(at(route, 'a%00b'), { method: route.method, ...body }))).code).toBe(
        'REQUEST_INVALID',
      )
    },
  )

  test.each(all.filter(({ route }) => route.body !== undefined))(
    '$name refuses a body that is not what it takes',
    async ({ route, name }) => {
      const send = async (body: string | Uint8Array<ArrayBuffer>, type = 'application/json') => {
        const response = await ask(at(route), { method: route.method, body, headers: { 'content-type': type } })
        expect(response.status).toBeLessThan(500)
        return response.ok ? null : (await refused(response)).code
      }
      const deep = `${'['.repeat(600)}${']'.repeat(600)}`
      for (const text of ['', '{', 'null', '7', '"text"', '[]', '\u0000', '{"__proto__": {"polluted": true}}', deep])
        expect([text.slice(0, 20), await send(text)]).toEqual([text.slice(0, 20), 'REQUEST_INVALID'])
      expect(await send('{"a": "\\u0000"}')).toBe('REQUEST_INVALID')
      expect(await send(new Uint8Array([0xff, 0xfe, 0x7b]))).toBe('REQUEST_INVALID')
      for (const type of ['text/plain', 'application/json-patch+json', 'application/x-www-form-urlencoded', ''])
        expect([type, await send('{}', type)]).toEqual([type, 'REQUEST_INVALID'])
      const larger = name === 'locations.register' ? 65 : 1.1
      expect(await send(`"${'x'.repeat(larger * 1024 * 1024)}"`)).toBe('REQUEST_TOO_LARGE')
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    },
    120_000,
  )
})

test('what is wrong with a query is said, with its name', async () => {
  for (const query of ['limit=0', 'limit=1001', 'limit=x', 'since=-1', 'cursor=', 'states=gone', 'text=a%00b'])
    expect((await refused(await ask(`/runs?${query}`))).code).toBe('REQUEST_INVALID')
  expect((await refused(await ask('/events?cursor=x'))).detail).toContain('cursor')
  expect((await refused(await ask('/assets?selection=%28'))).code).toBe('SELECTION_INVALID')
  expect((await refused(await ask('/nowhere'))).code).toBe('NOT_FOUND')
  const misspelled = await refused(await ask('/runs?state=failed'))
  expect(misspelled.detail).toBe('/api/runs has no parameter "state".')
  expect(misspelled.hint).toContain('states')
  expect((await refused(await ask('/events/stream?runs=x'))).hint).toBe('It takes run, cursor, touched.')
})

test('the graph of a selection has at most so many assets, says how many there are, and may be that of a run', async () => {
  const few = await client.lineage.get({ most: 1 })
  expect([few.total, few.assets.map(({ name, states }) => [name, states.includes('missing')])]).toEqual([
    2,
    [['raw/orders', true]],
  ])
  const made = { name: 'vendor', location: 'main', group: null, external: true, states: [], upstream: [] }
  expect(await client.lineage.get({ selection: 'is:external' })).toEqual({ assets: [made], total: 1 })
  expect(await client.lineage.get({ run })).toEqual({ assets: [], total: 0 })
  await expect(client.lineage.get({ run: 'none' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('launches of what cannot be are refused before there is a run', async () => {
  const count = async () => (await client.runs.list({ limit: 1000 })).runs.length
  const before = await count()
  const bodies = [
    {},
    { target: '' },
    { target: 7 },
    { target: 'sync', priority: 1e9 },
    { target: 'sync', priority: 0.5 },
    { target: 'sync', tags: { a: 1 } },
    { target: 'sync', once: '' },
    { target: 'sync', once: 'x'.repeat(501) },
    { target: 'sync', startAt: 'tomorrow' },
    { target: 'sync', partition: ['a'] },
    { target: 'nothing' },
    { target: 'sync', location: 'nowhere' },
  ]
  for (const body of bodies) await refused(await ask('/runs', { method: 'post', body: JSON.stringify(body) }))
  expect(await count()).toBe(before)
})

test('one word launches one run, however many ask for it at the same time', async () => {
  const asked = Array.from({ length: 20 }, () => client.runs.launch({ body: { target: 'sync', once: 'at once' } }))
  const launched = await Promise.all(asked)
  expect(new Set(launched.map((one) => one.run.id)).size).toBe(1)
  expect(launched.filter(({ isNew }) => isNew)).toHaveLength(1)
})

test('a report with a word is recorded once, however many send it; what does not fit is refused', async () => {
  const send = (body: object) => ask('/assets/vendor/report', { method: 'post', body: JSON.stringify(body) })
  const body = { what: 'materialization', dataVersion: '7', metadata: { rows: 9 }, once: 'load 2' } as const
  const answers = await Promise.all(Array.from({ length: 10 }, () => client.assets.report({ asset: 'vendor', body })))
  expect(answers.filter(({ isNew }) => isNew)).toHaveLength(1)
  expect(new Set(answers.map((one) => one.run)).size).toBe(1)
  const { records } = await client.assets.history({ asset: 'vendor', kind: 'materialization' })
  expect(records).toMatchObject([{ dataVersion: '7', metadata: { rows: { type: 'number', value: 9 } } }])
  for (const wrong of [{}, { what: 'made' }, { what: 'check', passed: true }, { what: 'check', check: 'a', passed: 1 }])
    expect((await refused(await send(wrong))).code).toBe('REQUEST_INVALID')
  expect((await refused(await send({ what: 'observation', partition: 'x' }))).code).toBe('PARTITION_UNKNOWN')
})

describe('pages of other sites', () => {
  /** `fetch` sets these headers by itself. */
  async function raw(headers: Record<string, string>, method = 'GET'): Promise<string> {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    const lines = Object.entries({ authorization: `Bearer ${token}`, connection: 'close', ...headers })
    socket.write(
      `${method} /api/runs HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
    )
    let text = ''
    for await (const chunk of socket) text += String(chunk)
    return text
  }
  const own = () => new URL(server.url).host

  test('get nothing by a name that was bound to this machine', async () => {
    for (const host of ['evil.example', `evil.example:${new URL(server.url).port}`, 'localhost.evil.example', ''])
      expect(await raw({ host }), host).toMatch(/^HTTP\/1\.1 40[03]/)
    for (const host of [own(), 'localhost:1', '127.0.0.1', '[::1]:80']) expect(await raw({ host })).toContain('200 OK')
  })

  test('get nothing under their own name, and no header that would let them', async () => {
    for (const origin of ['https://evil.example', 'null', `http://${own()}.evil.example`, `https://127.0.0.1`])
      expect(await raw({ host: own(), origin }), origin).toContain('403')
    expect(await raw({ host: own(), 'sec-fetch-site': 'cross-site' })).toContain('403')
    expect(await raw({ host: own(), 'sec-fetch-site': 'same-origin' })).toContain('200 OK')
    for (const method of ['GET', 'OPTIONS']) {
      const answered = await raw({ host: own(), origin: server.url, 'access-control-request-method': 'POST' }, method)
      expect(answered.toLowerCase()).not.toContain('access-control-allow')
    }
  })
})

test('nothing of all this was a failure of the server itself', () => {
  expect(failures).toEqual([])
})
