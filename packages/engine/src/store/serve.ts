import { SluiceError, type Step } from '@sluice/core'
import type { Change, Together } from './changes.ts'
import type { Channel } from './channel.ts'
import type { Store } from './ports.ts'
import { packSteps } from './packed-steps.ts'
import { type Nouns, type ReadRequest, reads, type Request, type Response } from './protocol.ts'
import { packAnswer, packError, unpackChanges } from './wire.ts'

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
      const answers = group.map(({ id, items }) => {
        const own = committed.slice(from, (from += items.length))
        return [id, packAnswer(own)] as const
      })
      answer(['committed', answers])
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
    for (const request of message as readonly Request[]) {
      if (request[0] === 'commit') commits.push({ id: request[1], items: unpackChanges(request[2]) })
      else asked.push(request)
    }
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
  return noun === 'steps' && method === 'list' ? ['steps', id, packSteps(value as Step[])] : ['rows', id, value]
}
