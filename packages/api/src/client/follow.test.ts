import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { connect } from 'node:net'
import type { SluiceEvent } from '@sluice/core'
import { type Store, newRun } from '@sluice/engine'
import { type Server, openServer } from '@sluice/server'
import { openSqliteInProcess } from '@sluice/storage'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createClient } from './client.ts'

let store: Store
let server: Server
let port = 0
const open = async (): Promise<void> => {
  server = await openServer({ store, port, version: '0.1.0', say: () => {} })
  port = Number(new URL(server.url).port)
}
beforeEach(async () => {
  port = 0
  store = await openSqliteInProcess(':memory:')
  await open()
})
afterEach(async () => {
  await server.close()
  await store.close()
})

const make = async (count: number, title = ''): Promise<void> => {
  const runs = Array.from({ length: count }, () => ({
    ...newRun({ target: { kind: 'flow', name: 'sync' } as const, params: null, entry: null, now: 1 }),
    title,
  }))
  await store.commit(runs.map((run) => ({ change: 'run.create', run })))
}
const all = async (): Promise<number[]> => {
  const ids: number[] = []
  for (let after = 0; ;) {
    const page = await store.events.list({ after, limit: 1000 })
    if (page.length === 0) return ids
    ids.push(...page.map(({ id }) => id))
    after = ids.at(-1)!
  }
}

test('a client whose server goes away again and again misses no event, and gets none twice', async () => {
  const stop = new AbortController()
  const heard: SluiceEvent[] = []
  const client = createClient({ url: server.url })
  const following = (async () => {
    for await (const event of client.events.follow({ signal: stop.signal })) heard.push(event)
  })()
  // Before its first event it knows where it is: what is made while the server is away is behind that.
  const tried = async (): Promise<number> => {
    await make(1)
    return heard.length
  }
  await expect.poll(tried).toBeGreaterThan(0)
  const begun = heard[0]!.id
  for (let round = 0; round < 4; round++) {
    await make(300)
    const soon = begun + 100 + round * 600
    await vi.waitUntil(() => (heard.at(-1)?.id ?? 0) >= soon, 60_000)
    await server.close()
    await make(300)
    await open()
  }
  await make(1)
  const last = await store.events.last()
  await vi.waitUntil(() => heard.at(-1)?.id === last, 60_000)
  stop.abort()
  await following
  expect(heard.map(({ id }) => id)).toEqual((await all()).filter((id) => id >= begun))
})

test('a connection that breaks within an event is taken up behind the last whole one', async () => {
  await make(50)
  const expected = await all()
  // Everything goes through, until so many bytes have: then the line is cut.
  let left = 3_000
  const relay = createServer((request, response) => {
    const socket = connect(port, '127.0.0.1')
    const { host, port: own } = new URL(server.url)
    const headers = Object.entries({ ...request.headers, host: `${host.split(':')[0]}:${own}`, connection: 'close' })
    socket.write(`GET ${request.url} HTTP/1.1\r\n${headers.map(([name, its]) => `${name}: ${its}\r\n`).join('')}\r\n`)
    socket.on('data', (chunk: Buffer) => {
      const allowed = chunk.subarray(0, left)
      left -= allowed.length
      response.socket!.write(allowed)
      if (left > 0) return
      left = 3_000
      socket.destroy()
      response.socket!.destroy()
    })
    socket.on('error', () => response.socket?.destroy())
  })
  relay.listen(0, '127.0.0.1')
  await once(relay, 'listening')
  const client = createClient({ url: `http://127.0.0.1:${(relay.address() as AddressInfo).port}` })
  const heard: number[] = []
  for await (const { id } of client.events.follow({ cursor: '0' })) {
    heard.push(id)
    if (id === expected.at(-1)) break
  }
  relay.closeAllConnections()
  relay.close()
  expect(heard).toEqual(expected)
})

test('of one run only', async () => {
  await make(2000)
  const [run] = await store.runs.list({ limit: 1 })
  const stop = new AbortController()
  for await (const event of createClient({ url: server.url }).events.follow({
    run: run!.id,
    cursor: '0',
    signal: stop.signal,
  })) {
    expect(event).toMatchObject({ type: 'run.created', run: run!.id })
    stop.abort()
  }
})

test('of what is written without an event the runs are told to who asks, and the cursor stays', async () => {
  await make(2)
  const [one, other] = await store.runs.list({ limit: 2 })
  const stop = new AbortController()
  const told: string[] = []
  const touched = (runs: readonly string[]): void => void told.push(...runs)
  const { signal } = stop
  const following = (async () => {
    for await (const { type, run } of createClient({ url: server.url }).events.follow({ cursor: '0', signal, touched }))
      if (type === 'run.started' && run === other!.id) return
  })()
  const line = { id: 0, step: 0, attempt: 0, at: 2, level: 'info', message: 'begins', data: null } as const
  const claim = { change: 'run.claim', from: 0, owner: 'me', at: 2, codeVersion: null } as const
  const through = server.context.store
  await store.commit([{ ...claim, run: one!.id }])
  await expect
    .poll(async () => {
      await through.commit([{ change: 'log.add', epoch: 1, run: one!.id, lines: [{ ...line, run: one!.id }] }])
      return told.length
    })
    .toBeGreaterThan(0)
  await through.commit([{ ...claim, run: other!.id }])
  await following
  stop.abort()
  expect(new Set(told)).toEqual(new Set([one!.id]))
})

test('a cursor that is no number, and one below what is kept, are refused, and follow says so', async () => {
  await make(3)
  const client = createClient({ url: server.url })
  await expect(client.events.follow({ cursor: 'x' }).next()).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
  const response = await fetch(`${server.url}/api/events/stream`, { headers: { 'last-event-id': '1' } })
  expect(response.status).toBe(200)
  await response.body!.cancel()
  const last = await store.events.last()
  vi.spyOn(server.context.store.events, 'first').mockResolvedValue(last)
  await expect(client.events.follow({ cursor: '1' }).next()).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' })
  await expect(client.events.list({ cursor: '1' })).rejects.toMatchObject({
    code: 'CURSOR_EXPIRED',
    data: { first: last },
  })
  expect((await client.events.list({ cursor: String(last - 1) })).events).toHaveLength(1)
  expect((await client.events.list()).events).toHaveLength(last)
})

test('clients that never read cost less than 1 MB each, however much there is for them', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const used = (): number => {
    collect()
    const { heapUsed, external, arrayBuffers } = process.memoryUsage()
    return heapUsed + external + arrayBuffers
  }
  // Without end, each event of 30 KB. No spy: it would keep what it gave.
  const large = 'x'.repeat(30_000)
  let calls = 0
  const list: Store['events']['list'] = async ({ after = 0, limit = 1 }) => {
    calls++
    return Array.from({ length: limit }, (_, nth) => ({
      id: after + nth + 1,
      type: 'run.created' as const,
      at: 1,
      run: 'r',
      step: null,
      asset: null,
      partition: null,
      data: large + nth,
    }))
  }
  Object.assign(server.context.store.events, { list })
  const before = used()
  const clients = 40
  const sockets = Array.from({ length: clients }, () => {
    const socket = connect(port, '127.0.0.1')
    socket.write(`GET /api/events/stream?cursor=0 HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
    return socket.pause()
  })
  // All are connected, and nothing more is asked for them: each waits until its client reads.
  let seen = -1
  await vi.waitUntil(
    () => {
      const stands = calls >= clients && calls === seen
      seen = calls
      return stands
    },
    { timeout: 60_000, interval: 2_000 },
  )
  const each = (used() - before) / clients
  for (const socket of sockets) socket.destroy()
  expect(each).toBeLessThan(1024 * 1024)
})
