import type { SluiceEvent } from '@sluice/core'
import type { BodyIn, ParamsOf, QueryIn, ResultOf } from '../route.ts'
import { type Routes, routes } from '../routes.ts'
import { type ClientOptions, type Connection, openConnection } from './connection.ts'
import { type ReferenceTo, referenceTo } from './enqueue.ts'
import { type FollowOptions, follow } from './follow.ts'

type Keys<T> = keyof T extends never ? Record<never, never> : T
type Input<R> = Keys<ParamsOf<R>> &
  Keys<QueryIn<R>> &
  (BodyIn<R> extends undefined ? Record<never, never> : { body: BodyIn<R> })
/** Nothing that must be given: the argument may be left out. */
type Args<I> = Record<never, never> extends I ? [input?: I, options?: CallOptions] : [input: I, options?: CallOptions]

export interface CallOptions {
  readonly signal?: AbortSignal
}

type Methods = {
  readonly [Noun in keyof Routes]: {
    readonly [Name in keyof Routes[Noun]]: (
      ...args: Args<Input<Routes[Noun][Name]>>
    ) => Promise<ResultOf<Routes[Noun][Name]>>
  }
}

/** `client.runs.launch({ body: { target: 'nightly' } })`: a method for each route, params and query together in its argument. */
export type Client = Methods & {
  readonly events: {
    /** Events as they are committed, without end and without a gap: see `FollowOptions`. */
    follow(options?: FollowOptions): AsyncGenerator<SluiceEvent, void, undefined>
  }
  /** A flow, job, task or asset by its name: `client.ref<typeof sync>('sync')`, on a type-only import of it. */
  ref<D>(name: string): ReferenceTo<D>
}

interface Called {
  readonly method: string
  readonly path: string
}

/**
 * A client of a server, for Node 20 and later and for browsers.
 *
 * @throws every method: SluiceError with the server's own code; SERVER_UNREACHABLE where there is no answer.
 */
export function createClient(options: ClientOptions): Client {
  const connect = openConnection(options)
  const nouns = Object.entries(routes).map(([noun, own]) => [
    noun,
    Object.fromEntries(
      Object.entries(own as Record<string, Called>).map(([name, route]) => [
        name,
        (input: Record<string, unknown> = {}, { signal }: CallOptions = {}) => call(connect, route, input, signal),
      ]),
    ),
  ])
  const methods = Object.fromEntries(nouns) as Methods
  const events = { ...methods.events, follow: (asked?: FollowOptions) => follow(connect, asked) }
  const client: Client = { ...methods, events, ref: <D>(name: string) => referenceTo(client, name) as ReferenceTo<D> }
  return client
}

async function call(
  connect: Connection,
  { method, path }: Called,
  input: Record<string, unknown>,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const { body, ...rest } = input
  const query = new URLSearchParams()
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = rest[name]
    delete rest[name]
    return encodeURIComponent(String(value))
  })
  for (const [name, value] of Object.entries(rest)) {
    if (Array.isArray(value)) query.set(name, value.join(','))
    else if (typeof value === 'string') query.set(name, value)
    else if (value !== undefined) query.set(name, JSON.stringify(value))
  }
  const response = await connect(`${filled}${query.size > 0 ? `?${query}` : ''}`, {
    method: method.toUpperCase(),
    signal,
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  return await response.json()
}
