import type { CodeRequest } from '@sluice/api/workers'
import { collect, encode, snapshotOf } from '@sluice/core'
import type { Store } from '@sluice/engine'
import { type Server, openServer } from '@sluice/server'
import { openSqliteInProcess } from '@sluice/storage'
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest'
// What is known of the definitions here is their types.
import type { few, orders, resize, scrape } from '../fixtures/pipeline.ts'
import * as pipeline from '../fixtures/pipeline.ts'
import { type Client, createClient } from './client.ts'
import type { Enqueued } from './enqueue.ts'
import { pages } from './pages.ts'

let store: Store
let server: Server
let client: Client
const asked: CodeRequest[] = []

beforeEach(async () => {
  asked.length = 0
  store = await openSqliteInProcess(':memory:')
  server = await openServer({ store, port: 0, version: '0.1.0', say: () => {} })
  client = createClient({ url: server.url })
  const snapshot = snapshotOf(collect(Object.values(pipeline)))
  await server.context.locations.register({ location: 'main', version: 'v1', snapshot, entries: [], git: null }, null)
  await server.context.locations.activate('main', 'v1')
})
afterEach(async () => {
  await server.close()
  await store.close()
})

const end = async (run: string, state: 'succeeded' | 'failed' | 'canceled', result: unknown): Promise<void> => {
  const error = state === 'failed' ? { name: 'Error', code: 'STEP_FAILED', message: 'no such page' } : null
  const stored = state === 'succeeded' ? { inline: encode(result) } : null
  await store.commit([
    { change: 'run.claim', run, from: 0, owner: 'w', at: 1, codeVersion: 'v1' },
    { change: 'run.end', run, epoch: 1, state, error, result: stored, at: 2 },
  ])
}

describe('ref', () => {
  test('knows what a definition takes and gives, by its type alone', () => {
    const flow = client.ref<typeof scrape>('scrape')
    expectTypeOf(flow.enqueue).parameters.toEqualTypeOf<[params: { pages: number; since?: string }]>()
    expectTypeOf(flow.enqueue).returns.toEqualTypeOf<Promise<Enqueued<{ pages: number }>>>()
    expectTypeOf(client.ref<typeof few>('few').enqueue).toBeCallableWith({ since: 'x' })
    const task = client.ref<typeof resize>('resize')
    expectTypeOf(task.enqueue).parameters.toEqualTypeOf<[size: number, how: 'fit' | 'fill']>()
    expectTypeOf(task.enqueue).returns.toEqualTypeOf<Promise<Enqueued<string>>>()
    expectTypeOf(client.ref<typeof orders>('orders').enqueue).parameters.toEqualTypeOf<[]>()
    // @ts-expect-error -- pages is a number
    expectTypeOf(flow.enqueue).toBeCallableWith({ pages: 'many' })
    // @ts-expect-error -- it has two arguments
    expectTypeOf(task.enqueue).toBeCallableWith(7)
  })

  test('puts runs into the queue as the definition takes them', async () => {
    const of = async ({ id }: { id: string }) => (await client.runs.get({ run: id })).run
    expect(await of(await client.ref<typeof scrape>('scrape').enqueue({ pages: 2 }))).toMatchObject({
      target: { kind: 'flow', name: 'scrape' },
      params: '{"pages":2}',
      cause: { by: 'person' },
    })
    expect(await of(await client.ref<typeof resize>('resize').enqueue(7, 'fit'))).toMatchObject({
      target: { kind: 'task', name: 'resize' },
      params: '[7,"fit"]',
    })
    const soon = client.ref<typeof few>('few').with({ priority: 4, tags: { by: 'web' }, startAt: 1 })
    const job = await of(await soon.with({ tags: { by: 'shop' } }).enqueue())
    expect(job).toMatchObject({ job: 'few', tags: { by: 'shop' }, terms: { priority: 4 } })
    const one = await of(await client.ref<typeof orders>('orders').with({ partition: 'eu' }).enqueue())
    expect(one.target).toMatchObject({ kind: 'assets', assets: ['orders'], partitions: ['eu'] })
  })

  test('one word, one run', async () => {
    const ref = client.ref<typeof resize>('resize').with({ once: 'order 7' })
    const [first, second] = [await ref.enqueue(7, 'fit'), await ref.enqueue(7, 'fit')]
    expect([first.isNew, second.isNew, second.id]).toEqual([true, false, first.id])
  })

  test('the result comes when the run has ended', async () => {
    const run = await client.ref<typeof scrape>('scrape').enqueue({ pages: 2 })
    const result = run.result()
    await end(run.id, 'succeeded', { pages: 2, at: new Date(5) })
    expect(await result).toEqual({ pages: 2, at: new Date(5) })
    const failed = await client.ref<typeof scrape>('scrape').enqueue({ pages: 2 })
    await end(failed.id, 'failed', null)
    await expect(failed.result()).rejects.toMatchObject({
      code: 'RUN_FAILED',
      message: expect.stringContaining('no such page') as string,
    })
    const canceled = await client.ref<typeof scrape>('scrape').enqueue({ pages: 2 })
    await client.runs.cancel({ run: canceled.id })
    await expect(canceled.result()).rejects.toMatchObject({ code: 'RUN_CANCELED' })
    const left = await client.ref<typeof scrape>('scrape').enqueue({ pages: 2 })
    const stop = new AbortController()
    const waits = left.result({ signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(waits).rejects.toThrow('enough')
  })

  test('what does not fit is refused: by its type, by JSON, by the server', async () => {
    const flow = client.ref<typeof scrape>('scrape')
    // @ts-expect-error -- a date is no text
    await expect(flow.enqueue({ pages: 1, since: new Date() })).rejects.toMatchObject({
      code: 'PARAMS_INVALID',
      message: 'JSON has no word for the Date in argument 1.since.',
    })
    await expect(flow.enqueue({ pages: Number.NaN })).rejects.toMatchObject({ code: 'PARAMS_INVALID' })
    await expect(client.ref<typeof scrape>('scrap').enqueue({ pages: 1 })).rejects.toMatchObject({
      code: 'TARGET_UNKNOWN',
    })
    const wrong = client.ref<typeof resize>('scrape')
    await expect(wrong.enqueue(1, 'fit')).rejects.toMatchObject({ code: 'PARAMS_INVALID' })
    const both = { target: 'scrape', params: {}, args: [] }
    await expect(client.runs.launch({ body: both })).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
    expect((await client.runs.list()).runs).toEqual([])
  })
})

test('pages goes through a list, and asks for no more than is taken', async () => {
  for (let nth = 0; nth < 7; nth++) await client.ref<typeof resize>('resize').enqueue(nth, 'fit')
  const asks = vi.spyOn(server.context.store.runs, 'list')
  const sizes: number[] = []
  for await (const { runs } of pages(client.runs.list, { name: 'resize', limit: 3 })) sizes.push(runs.length)
  expect(sizes).toEqual([3, 3, 1])
  expect(asks).toHaveBeenCalledTimes(3)
  for await (const { runs } of pages(client.runs.list, { limit: 1 })) {
    expect(runs).toHaveLength(1)
    break
  }
  expect(asks).toHaveBeenCalledTimes(4)
  // @ts-expect-error -- events have no last page
  expect(pages(client.events.list, {})).toBeDefined()
})
