import { SluiceError, type Step } from '@sluice/core'
import type { Change, Committed, Together } from './changes.ts'
import type { Channel } from './channel.ts'
import type { Store } from './ports.ts'
import {
  packAnswer,
  packError,
  packItem,
  packStep,
  unpackAnswer,
  unpackError,
  unpackItem,
  unpackStep,
  type PackedAnswer,
  type PackedError,
  type PackedItem,
  type PackedStep,
} from './wire.ts'

type Nouns = Omit<Store, 'commit' | 'close'>

/** Every read there is: what may be asked for over a channel. */
const reads = {
  runs: { get: true, find: true, list: true, active: true, resumable: true },
  steps: { list: true, get: true, counts: true },
  assets: { latest: true, history: true, partitions: true, summary: true },
  checks: { latest: true, ofRun: true },
  partitions: { keys: true },
  cache: { get: true },
  events: { list: true },
  logs: { list: true, counts: true },
  values: { collectable: true, live: true },
} as const satisfies { [Noun in keyof Nouns]: { [Method in keyof Nouns[Noun]]: true } }

type ReadRequest = readonly ['read', id: number, noun: string, method: string, args: readonly unknown[]]
type Request = readonly ['commit', id: number, items: readonly PackedItem[]] | ReadRequest

type Response =
  | readonly ['committed', id: number, refused: PackedAnswer]
  | readonly ['rows', id: number, value: unknown]
  | readonly ['steps', id: number, steps: readonly PackedStep[]]
  | readonly ['failed', id: number, error: PackedError]

interface Waiting {
  readonly count: number
  resolve(value: unknown): void
  reject(reason: Error): void
}

/** The store at the other end of a channel that `serveStore` listens on. Closing it closes the channel. */
export function connectStore(channel: Channel): Store {
  const waiting = new Map<number, Waiting>()
  let lastId = 0
  let closed: Error | null = null

  const settle = (id: number): Waiting | undefined => {
    const one = waiting.get(id)
    if (waiting.delete(id) && waiting.size === 0) channel.unref?.()
    return one
  }

  channel.listen((message) => {
    const [kind, id, value] = message as Response
    const one = settle(id)
    if (!one) return
    if (kind === 'committed') one.resolve(unpackAnswer(one.count, value))
    else if (kind === 'steps') one.resolve(value.map(unpackStep))
    else if (kind === 'rows') one.resolve(value)
    else one.reject(unpackError(value))
  })
  channel.onClose((reason) => {
    closed = new SluiceError('STORE_FAILED', 'The connection to the store was lost.', {
      cause: reason,
      hint: 'What was not acknowledged may or may not be in the store; sending it again is safe.',
    })
    for (const id of waiting.keys()) settle(id)!.reject(closed)
  })

  const ask = (count: number, request: (id: number) => Request): Promise<unknown> => {
    if (closed) return Promise.reject(closed)
    const id = ++lastId
    return new Promise((resolve, reject) => {
      if (waiting.size === 0) channel.ref?.()
      waiting.set(id, { count, resolve, reject })
      try {
        channel.send(request(id))
      } catch (error) {
        settle(id)
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    })
  }

  const nouns = Object.fromEntries(
    Object.entries(reads).map(([noun, methods]) => [
      noun,
      Object.fromEntries(
        Object.keys(methods).map((method) => [
          method,
          (...args: unknown[]) => ask(0, (id) => ['read', id, noun, method, args]),
        ]),
      ),
    ]),
  ) as unknown as Nouns

  return {
    ...nouns,
    commit: (changes) =>
      ask(changes.length, (id) => ['commit', id, changes.map(packItem)]) as Promise<readonly Committed[]>,
    async close() {
      closed ??= new SluiceError('STORE_FAILED', 'The store was closed.')
      await Promise.allSettled([...waiting.values()].map((one) => new Promise((resolve) => settled(one, resolve))))
      channel.close()
    },
  }
}

/** Tells when a request is answered, besides whoever asked. */
function settled(one: Waiting, then: (value: unknown) => void): void {
  const { resolve, reject } = one
  one.resolve = (value) => {
    resolve(value)
    then(value)
  }
  one.reject = (reason) => {
    reject(reason)
    then(reason)
  }
}

/**
 * Answers what `connectStore` asks at the other end. Commits that wait together are one commit of the store, so one
 * flush to disk serves them all; a change that the store cannot take at all fails its own message only.
 */
export function serveStore(store: Store, channel: Channel): void {
  type Commit = { readonly id: number; readonly items: (Change | Together)[] }
  let commits: Commit[] = []
  let asked: ReadRequest[] = []
  let flushing = false

  const answer = (response: Response): void => channel.send(response)
  const fail = (id: number, error: unknown): void => answer(['failed', id, packError(error)])

  const commit = async (group: readonly Commit[]): Promise<void> => {
    try {
      const committed = await store.commit(group.length === 1 ? group[0]!.items : group.flatMap(({ items }) => items))
      let from = 0
      for (const { id, items } of group)
        answer(['committed', id, packAnswer(committed.slice(from, (from += items.length)))])
    } catch (error) {
      if (group.length === 1 || isOutage(error)) for (const { id } of group) fail(id, error)
      else for (const one of group) await commit([one])
    }
  }
  const flush = (): void => {
    flushing = false
    const [group, reads] = [commits, asked]
    commits = []
    asked = []
    if (group.length > 0) void commit(group)
    // After the commits that wait with them: they see more than what was sent before, never less.
    for (const request of reads) void read(store, request).then(answer, (error: unknown) => fail(request[1], error))
  }
  const take = (message: unknown): void => {
    const request = message as Request
    if (request[0] === 'commit') commits.push({ id: request[1], items: request[2].map(unpackItem) })
    else asked.push(request)
  }

  channel.listen((message) => {
    take(message)
    if (channel.take) {
      for (let next = channel.take(); next !== undefined; next = channel.take()) take(next)
      flush()
    } else if (!flushing) {
      flushing = true
      setImmediate(flush)
    }
  })
}

/** Nothing can be written now: trying the messages one by one would not help. */
function isOutage(error: unknown): boolean {
  return error instanceof SluiceError && error.code.startsWith('STORE_') && error.code !== 'STORE_FAILED'
}

async function read(store: Store, [, id, noun, method, args]: ReadRequest): Promise<Response> {
  const methods = Object.hasOwn(reads, noun) ? reads[noun as keyof Nouns] : {}
  if (!Object.hasOwn(methods, method)) throw new SluiceError('INTERNAL', `The store has no read "${noun}.${method}".`)
  const reader = store[noun as keyof Nouns] as unknown as Record<
    string,
    (...args: readonly unknown[]) => Promise<unknown>
  >
  const value = await reader[method]!(...args)
  return noun === 'steps' && method === 'list' ? ['steps', id, (value as Step[]).map(packStep)] : ['rows', id, value]
}
