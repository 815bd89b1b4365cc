import { isDeepStrictEqual } from 'node:util'
import { MessageChannel } from 'node:worker_threads'
import { SluiceError, type Step } from '@sluice/core'
import { expect, test } from 'vitest'
import type { Change, Committed, Together } from './changes.ts'
import type { Channel } from './channel.ts'
import { aStep, record } from './contract/rows.ts'
import { ipcChannel, type IpcEnd } from './ipc-channel.ts'
import { portChannel } from './port-channel.ts'
import type { Store } from './ports.ts'
import { connectStore } from './remote.ts'
import { serveStore } from './serve.ts'
import { packSteps, unpackSteps } from './packed-steps.ts'
import { packChanges, packError, unpackChanges, unpackError } from './wire.ts'

type Batch = readonly (Change | Together)[]

/** A store that holds nothing: it answers commits by the function given, and one read. What the contract cannot see. */
function served(commit: (batch: Batch) => Promise<Committed[]>): { client: Store; batches: Batch[]; close(): void } {
  const batches: Batch[] = []
  const store = {
    commit: (batch: Batch) => {
      batches.push(batch)
      return commit(batch)
    },
    runs: { get: (id: string) => Promise.resolve({ id }) },
  } as unknown as Store
  const { port1, port2 } = new MessageChannel()
  serveStore(store, portChannel(port1))
  return { client: connectStore(portChannel(port2)), batches, close: () => port1.close() }
}

const ok = (batch: Batch) => Promise.resolve(batch.map((): Committed => ({ ok: true })))

test('commits that wait are one commit of the store, each answered with its own', async () => {
  const { client, batches, close } = served((batch) =>
    Promise.resolve(batch.map((_, index) => (index === 2 ? { ok: false, code: 'STEP_ENDED' } : { ok: true }))),
  )
  const step = (number: number) => record(aStep('r1', number))
  const answers = await Promise.all([client.commit([step(1)]), client.commit([step(2), step(3)]), client.commit([])])
  expect(answers).toEqual([[{ ok: true }], [{ ok: true }, { ok: false, code: 'STEP_ENDED' }], []])
  expect(batches).toEqual([[step(1), step(2), step(3)]])
  close()
})

test('a defect in one message does not fail those that were sent with it; an outage fails them all', async () => {
  const bad = record(aStep('r1', 7))
  let outage: Error | null = null
  const { client, close } = served((batch) => {
    if (outage) return Promise.reject(outage)
    return batch.some((item) => isDeepStrictEqual(item, bad)) || batch.length > 1
      ? Promise.reject(new TypeError('no'))
      : ok(batch)
  })
  const good = record(aStep('r1', 1))
  const settled = await Promise.allSettled([client.commit([good]), client.commit([good, bad]), client.commit([good])])
  expect(settled.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  outage = new SluiceError('STORE_FULL', 'full', { hint: 'free some space' })
  const failed = await Promise.allSettled([client.commit([good]), client.commit([good])])
  expect(failed).toEqual(
    [1, 2].map(() => ({
      status: 'rejected',
      reason: expect.objectContaining({ code: 'STORE_FULL', hint: 'free some space' }),
    })),
  )
  close()
})

test('what cannot be sent fails alone, at its caller', async () => {
  const { client, batches, close } = served(ok)
  const good = record(aStep('r1', 1))
  const bad = record(aStep('r1', 2, { args: (() => {}) as never }))
  const settled = await Promise.allSettled([client.commit([good]), client.commit([bad]), client.commit([good])])
  expect(settled.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(batches.flat()).toEqual([good, good])
  close()
})

test('when the other side is gone what waits is refused, and so is what comes later', async () => {
  const { client, close } = served(() => new Promise(() => {}))
  const waiting = client.commit([record(aStep('r1', 1))])
  waiting.catch(() => {})
  expect(await client.runs.get('r1')).toEqual({ id: 'r1' }) // a read does not wait for a commit that hangs
  close()
  await expect(waiting).rejects.toMatchObject({ code: 'STORE_FAILED', hint: expect.stringContaining('again') })
  await expect(client.runs.get('r1')).rejects.toMatchObject({ code: 'STORE_FAILED' })
  await client.close()
})

test('only reads of the store can be asked for', async () => {
  const { port1, port2 } = new MessageChannel()
  serveStore({ commit: ok, runs: {} } as unknown as Store, portChannel(port1))
  const answers: unknown[] = []
  const channel: Channel = portChannel(port2)
  const two = new Promise<void>((resolve) =>
    channel.listen((message) => void (answers.push(message) === 2 && resolve())),
  )
  channel.send([['read', 1, 'runs', 'constructor', []]])
  channel.send([['read', 2, '__proto__', 'toString', []]])
  await two
  expect(answers).toEqual([1, 2].map((id) => ['failed', id, expect.objectContaining({ code: 'INTERNAL' })]))
  channel.close()
})

test('steps are the same after they were packed, whatever they have in common', () => {
  const full = {
    tags: ['a'],
    upstream: [1],
    waitingFor: { for: 'worker' },
    floor: 3,
    key: 'k',
    reason: 'why',
    error: { name: 'Error', code: 'STEP_FAILED', message: 'no', stack: null, cause: null, data: null },
    cachedFrom: { run: 'r0', step: 4 },
  } as unknown as Partial<Step>
  const file = { io: 'files', ref: 'a', bytes: 1, rows: null }
  const lists = [
    [],
    [aStep('r1', 1)],
    [aStep('r1', 2, full)],
    [aStep('r1', 1, full), aStep('r1', 2, full)],
    [aStep('r1', 1), aStep('r2', 2, full), aStep('r2', 3, { result: file }), aStep('r2', 4, { result: null })],
    [aStep('r1', 1, { result: { inline: '[1]' } }), aStep('r1', 2, { result: { inline: '[1]' } })],
  ]
  for (const steps of lists) expect(unpackSteps(structuredClone(packSteps(steps)))).toEqual(steps)
})

test('changes keep their order, their epochs and what stands together', () => {
  const due: Change = { change: 'queue.due', at: 1 }
  const changes = [
    record(aStep('r1', 1)),
    record(aStep('r1', 2)),
    due,
    [record(aStep('r1', 3)), due],
    { ...record(aStep('r1', 4)), epoch: 7 },
    record(aStep('r2', 5)),
    [due],
  ]
  expect(unpackChanges(structuredClone(packChanges(changes)))).toEqual(changes)
})

test('an error keeps its code, hint, data and cause; a foreign one becomes a defect', () => {
  const error = new SluiceError('STORE_BUSY', 'busy', {
    hint: 'wait',
    retryable: true,
    data: { path: 'p' },
    cause: new Error('why'),
  })
  const copy = unpackError(structuredClone(packError(error)))
  expect(copy).toMatchObject({
    code: 'STORE_BUSY',
    message: 'busy',
    hint: 'wait',
    retryable: true,
    data: { path: 'p' },
  })
  expect(copy.cause).toMatchObject({ message: 'why' })
  expect(unpackError(packError('text'))).toMatchObject({ code: 'INTERNAL', message: 'text' })
})

test('a process channel keeps early messages, and leaves those of others alone', () => {
  const listeners: ((message: unknown) => void)[] = []
  const sent: unknown[] = []
  const end: IpcEnd = {
    connected: true,
    send: (message) => sent.push(message) > 0,
    on: (_, listener) => listeners.push(listener),
    once: () => {},
  }
  const channel = ipcChannel(end, 'mine')
  for (const message of [['mine', 1], ['theirs', 2], 'text', ['mine', 3]])
    for (const listener of listeners) listener(message)
  const heard: unknown[] = []
  channel.listen((message) => heard.push(message))
  listeners[0]!(['mine', 4])
  expect(heard).toEqual([1, 3, 4])
  channel.send(5)
  expect(sent).toEqual([['mine', 5]])
})
