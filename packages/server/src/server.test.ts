import { createClient } from '@sluice/api/client'
import { type FromWorker, type ToWorker, protocolVersion } from '@sluice/api/workers'
import type { Run } from '@sluice/core'
import { type Channel, type Store, connectStore } from '@sluice/engine'
import { openSqliteInProcess } from '@sluice/storage'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Server, openServer } from './server.ts'

let store: Store
let server: Server
const said: string[] = []

const start = async (over: Partial<Parameters<typeof openServer>[0]> = {}): Promise<Server> =>
  openServer({ store, port: 0, version: '0.1.0', lease: 1_000, say: (_, text) => said.push(text), ...over })

beforeEach(async () => {
  said.length = 0
  store = await openSqliteInProcess(':memory:')
  server = await start()
})
afterEach(async () => {
  await server.close()
  await store.close()
})

const client = () => createClient({ url: server.url })
const named = (name: string) => ({ name, place: `pipeline.ts:1:1`, description: undefined })
const snapshot = {
  flows: [{ ...named('sync'), takesParams: false, terms: {} }],
  tasks: [],
  jobs: [{ ...named('eu'), target: { kind: 'flow', name: 'sync' }, tags: { region: 'eu' }, terms: { priority: 5 } }],
  assets: [],
  schedules: [],
  sensors: [],
  resources: [],
  limits: [],
} as never

/** A worker that says what it is told to, and notes what it hears. */
function fakeWorker(slots = 2) {
  const heard: ToWorker[] = []
  let toServer: (message: unknown) => void = () => {}
  let closed: (reason: Error) => void = () => {}
  const channel: Channel = {
    send: (message) => void heard.push(message as ToWorker),
    listen: (to) => void (toServer = to),
    onClose: (to) => void (closed = to),
    close: () => closed(new Error('closed')),
  }
  const say = (message: FromWorker): void => toServer(message)
  const connection = server.connectWorker(channel)
  const find = <Name extends ToWorker['message']>(name: Name) =>
    heard.filter((one) => one.message === name) as Extract<ToWorker, { message: Name }>[]
  const until = async <Name extends ToWorker['message']>(name: Name, count = 1) => {
    await expect.poll(() => find(name).length, { timeout: 60_000 }).toBeGreaterThanOrEqual(count)
    return find(name)
  }
  const hello = (session: string | null = null, held: { run: string; epoch: number }[] = []): void =>
    say({
      message: 'hello',
      protocol: protocolVersion,
      worker: {
        name: 'fake',
        pool: 'default',
        slots,
        machine: { host: 'here', pid: 1, node: '26', sluice: '0.1.0' },
      },
      session,
      held,
      fetches: false,
    })
  const offer = (version = 'v1', activate = true): void =>
    say({
      message: 'offer',
      activate,
      version: { location: 'main', version, snapshot, entries: ['pipeline.ts'], git: null },
    })
  return { heard, say, hello, offer, until, find, channel, connection }
}

async function joined(slots = 2) {
  const worker = fakeWorker(slots)
  worker.hello()
  const [welcome] = await worker.until('welcome')
  worker.offer()
  await expect.poll(async () => (await client().locations.list()).locations[0]?.active).toBe('v1')
  return { worker, session: welcome!.terms.session }
}

const queue = async (): Promise<Run> => {
  // By the code itself where it is known; without a worker params are checked when the run starts.
  const { run } = await server.launch({ target: 'sync', location: 'main', cause: { by: 'person' } })
  return run
}

describe('workers', () => {
  test('one of another version is refused, and says which', async () => {
    const worker = fakeWorker()
    worker.say({ ...helloOf(), protocol: 99 })
    const [refused] = await worker.until('refused')
    expect(refused!.error).toMatchObject({ code: 'PROTOCOL_VERSION', message: expect.stringContaining('99') as string })
  })

  test('a run goes to a worker that has its code, under the epoch it was claimed with', async () => {
    const { worker, session } = await joined()
    answerPrepare(worker)
    const run = await queue()
    const [start] = await worker.until('start')
    expect(start).toMatchObject({ fresh: true, version: 'v1', run: { id: run.id, epoch: 1, owner: session } })
    expect((await client().workers.list()).workers[0]).toMatchObject({ id: session, runs: [run.id] })
  })

  test('its process died: the run goes on later, counted, and is given up in the end', async () => {
    const { worker } = await joined()
    answerPrepare(worker)
    const run = await queue()
    const [start] = await worker.until('start')
    const outcome = { how: 'died', exitCode: 1, signal: null } as const
    worker.say({ message: 'done', seq: 1, run: run.id, epoch: start!.run.epoch, outcome })
    await expect.poll(async () => (await store.runs.get(run.id))?.state).toBe('waiting')
    expect(await store.runs.get(run.id)).toMatchObject({ resumes: 1, waitingFor: { for: 'time' } })
  })

  test('what it says again over another connection is stored once, and what other servers kept is not waited for', async () => {
    const { worker, session } = await joined()
    const words = (seq: number): FromWorker => ({
      message: 'output',
      seq,
      of: null,
      lines: [{ at: seq, level: 'stdout', message: `line ${seq}`, step: 0 }],
    })
    const kept = async (one: typeof worker) => (await one.until('kept', 2)).map(({ seq }) => seq)
    for (const seq of [1, 2]) worker.say(words(seq))
    expect(await kept(worker)).toEqual([1, 2])
    worker.channel.close()
    const again = fakeWorker()
    again.hello(session)
    await again.until('welcome')
    for (const seq of [2, 3]) again.say(words(seq))
    expect(await kept(again)).toEqual([2, 3])
    again.channel.close()
    const later = fakeWorker()
    later.hello(session)
    await later.until('welcome')
    // The others went to another server meanwhile.
    for (const seq of [7, 8]) later.say(words(seq))
    expect(await kept(later)).toEqual([7, 8])
    const { lines } = await client().workers.logs({ worker: 'fake' })
    expect(lines.map(({ message }) => message)).toEqual([1, 2, 3, 7, 8].map((seq) => `line ${seq}`))
  })

  test('a worker that is silent for a lease loses its runs, uncounted, and is told when it comes back', async () => {
    const { worker, session } = await joined()
    answerPrepare(worker)
    const run = await queue()
    await worker.until('start')
    await expect.poll(async () => (await store.runs.get(run.id))?.state, { timeout: 60_000 }).toBe('waiting')
    expect(await store.runs.get(run.id)).toMatchObject({ resumes: 0, epoch: 1 })
    const late = fakeWorker()
    late.hello(session, [{ run: run.id, epoch: 1 }])
    const [welcome] = await late.until('welcome')
    expect(welcome!.terms.session).not.toBe(session)
    // What it still sends for the old epoch is refused.
    late.say({ message: 'store', run: run.id, epoch: 1, frame: [] })
    await late.until('drop')
  })

  test('one that comes back within its lease keeps its runs', async () => {
    const { worker, session } = await joined()
    answerPrepare(worker)
    const run = await queue()
    const [start] = await worker.until('start')
    worker.channel.close()
    const again = fakeWorker()
    again.hello(session, [{ run: run.id, epoch: start!.run.epoch }])
    const [welcome] = await again.until('welcome')
    expect(welcome!.terms.session).toBe(session)
    expect(again.find('drop')).toEqual([])
    await client().runs.cancel({ run: run.id })
    await again.until('cancel')
  })

  test('what an earlier process of a worker kept is written under its epoch, and not once others have the run', async () => {
    const { worker } = await joined()
    answerPrepare(worker)
    const run = await queue()
    const [start] = await worker.until('start')
    const epoch = start!.run.epoch
    await worker.connection.gone()
    const say = (text: string, under: number): Promise<unknown> =>
      frameOf((to) =>
        to.commit([
          { change: 'log.add', run: run.id, epoch: under, once: 1, lines: [{ ...line, run: run.id, message: text }] },
        ]),
      )
    const again = fakeWorker()
    again.hello()
    again.say({ message: 'left', run: run.id, epoch, frame: await say('kept', epoch) })
    again.say({ message: 'left', run: run.id, epoch: 9, frame: await say('of nobody', 9) })
    await again.until('taken', 2)
    expect((await client().runs.logs({ run: run.id })).lines.map(({ message }) => message)).toEqual(['kept'])
  })

  test('code that a worker has no more is not given to it', async () => {
    const { worker } = await joined()
    answerPrepare(worker)
    worker.say({ message: 'retract', location: 'main', version: 'v1' })
    await expect.poll(async () => (await client().workers.list()).workers[0]?.versions).toEqual({ main: [] })
    const run = await queue()
    await expect.poll(async () => (await store.runs.get(run.id))?.waitingFor).toMatchObject({ for: 'worker' })
    worker.offer('v1', false)
    await worker.until('start')
  })

  test('without a worker a run waits, and why says for what', async () => {
    await joined().then(({ worker }) => worker.connection.gone())
    const run = await queue()
    await expect
      .poll(async () => (await client().runs.why({ run: run.id })).notes)
      .toContainEqual(expect.stringContaining('No worker of the pool "default"'))
  })

  test('more runs than slots: the rest waits for its turn', async () => {
    const { worker } = await joined(1)
    answerPrepare(worker)
    const first = await queue()
    await worker.until('start')
    const second = await queue()
    const why = await client().runs.why({ run: second.id })
    expect(why.notes.join(' ')).toContain(`has 1 slots, 1 of them taken (by ${first.id})`)
    worker.say({ message: 'done', seq: 1, run: first.id, epoch: 1, outcome: { how: 'failed', error } })
    expect((await worker.until('start', 2))[1]).toMatchObject({ run: { id: second.id } })
  })
})

describe('the API', () => {
  test('refuses what does not fit, with a code and the place', async () => {
    await expect(client().runs.list({ limit: 5000 })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      message: expect.stringContaining('limit') as string,
    })
    await expect(client().runs.get({ run: 'nope' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const response = await fetch(`${server.url}/api/runs`, { method: 'POST', body: '{}' })
    expect([response.status, response.headers.get('content-type')]).toEqual([400, 'application/problem+json'])
  })

  test('a page of another site, and a name that is not ours, get nothing', async () => {
    const get = (headers: Record<string, string>) =>
      fetch(`${server.url}/api/runs`, { headers }).then((it) => it.status)
    expect(await get({ origin: 'https://evil.example' })).toBe(403)
    expect(await get({ origin: server.url })).toBe(200)
    expect(await rawHost('evil.example')).toContain('403')
    expect(await rawHost(`127.0.0.1:${new URL(server.url).port}`)).toContain('200')
  })

  test('another bind than this machine asks for a token', async () => {
    await expect(start({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(start({ host: '0.0.0.0', token: 'x'.repeat(31) })).rejects.toMatchObject({ code: 'FORBIDDEN' })
    const guarded = await start({ token: 'secret'.repeat(6) })
    const url = guarded.url
    await expect(createClient({ url }).runs.list()).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
    expect(await createClient({ url, token: 'secret'.repeat(6) }).runs.list()).toEqual({ runs: [], next: null })
    await guarded.close()
  })

  test('a launch with the same word finds the first run, and pages go on where they ended', async () => {
    const { worker } = await joined(10)
    answerPrepare(worker)
    const body = { target: 'eu', once: 'monday' }
    const first = await client().runs.launch({ body })
    expect(first).toMatchObject({ isNew: true, run: { job: 'eu', tags: { region: 'eu' }, terms: { priority: 5 } } })
    expect(await client().runs.launch({ body })).toMatchObject({ isNew: false, run: { id: first.run.id } })
    for (let n = 0; n < 4; n++) await queue()
    const pages = await client().runs.list({ limit: 3 })
    const rest = await client().runs.list({ limit: 3, cursor: pages.next! })
    expect([pages.runs.length, rest.runs.length, rest.next]).toEqual([3, 2, null])
    expect((await client().runs.list({ job: 'eu' })).runs).toHaveLength(1)
  })

  test('events stream from a cursor and miss nothing', async () => {
    const { worker } = await joined()
    answerPrepare(worker)
    const run = await queue()
    await worker.until('start')
    const all = await client().events.list({ run: run.id })
    expect(all.events.map(({ type }) => type)).toEqual(['run.created', 'run.started'])
    const stop = new AbortController()
    const response = await fetch(`${server.url}/api/events/stream?cursor=${all.events[0]!.id}`, { signal: stop.signal })
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    await client().runs.cancel({ run: run.id })
    let text = ''
    while (!text.includes('run.canceling')) text += (await reader.read()).value ?? ''
    expect(text.match(/^event: (.+)$/gm)).toEqual(['event: ready', 'event: run.started', 'event: run.canceling'])
    stop.abort()
  })

  test('every route is in the document, with its permission', async () => {
    const document = (await (await fetch(`${server.url}/api/openapi.json`)).json()) as {
      openapi: string
      paths: Record<string, Record<string, { 'x-permission'?: string }>>
    }
    expect(document.openapi).toBe('3.1.0')
    const routes = Object.values(document.paths).flatMap((methods) => Object.values(methods))
    expect(routes.length).toBeGreaterThan(25)
    expect(routes.filter((one) => one['x-permission'] === undefined)).toEqual([])
    expect(await (await fetch(`${server.url}/api/reference`)).text()).toContain('GET /runs/{run}')
  })
})

const error = { name: 'Error', code: 'STEP_FAILED', message: 'no' }

const line = { id: 0, run: '', step: 0, attempt: 0, at: 1, level: 'info', message: '', data: null } as const

/** What the process of a run sends to write this. */
async function frameOf(write: (store: Store) => Promise<unknown>): Promise<unknown> {
  let sent: unknown
  const channel: Channel = {
    send: (frame) => void (sent ??= frame),
    listen: () => {},
    onClose: () => {},
    close: () => {},
  }
  void write(connectStore(channel))
  await expect.poll(() => sent).toBeTruthy()
  return sent
}

const helloOf = (): Extract<FromWorker, { message: 'hello' }> => ({
  message: 'hello',
  protocol: protocolVersion,
  worker: { name: 'fake', pool: 'default', slots: 1, machine: { host: 'here', pid: 1, node: '26', sluice: '0.1.0' } },
  session: null,
  held: [],
  fetches: false,
})

/** The code of the fake worker takes any params. */
function answerPrepare(worker: ReturnType<typeof fakeWorker>): void {
  const { heard } = worker
  const push = heard.push.bind(heard)
  heard.push = (...messages) => {
    for (const message of messages) {
      if (message.message !== 'ask') continue
      const value = { params: null, title: null, tags: [], limits: [] }
      queueMicrotask(() => worker.say({ message: 'answer', ask: message.ask, answer: { ok: true, value } }))
    }
    return push(...messages)
  }
}

/** `fetch` sets Host by itself. */
async function rawHost(host: string): Promise<string> {
  const { connect } = await import('node:net')
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  socket.write(`GET /api/runs HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return text.split('\r\n')[0]!
}
