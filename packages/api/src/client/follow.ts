import { SluiceError, type SluiceEvent } from '@sluice/core'
import type { Problem } from '../errors/problem.ts'
import { eventStream } from '../events/routes.ts'
import { type Connection, errorOf } from './connection.ts'

export interface FollowOptions {
  /** Go on behind this: the `id` of an event, as text. Default: what happens from now on. */
  readonly cursor?: string
  /** Only events of this run. */
  readonly run?: string
  /**
   * Called with runs of which steps or lines of the log were written, of which no event tells: at most ten times a second,
   * and only for what was written through the server that answers. A hint to read them again, beside a slower clock.
   */
  readonly touched?: (runs: readonly string[]) => void
  readonly signal?: AbortSignal
}

/** A stream on which nothing comes for so long is dead: the server sends something every 15 s. */
const silence = 60_000
/** Milliseconds between two tries, at first and at most. */
const [soonest, latest] = [200, 5_000]

/**
 * Events as they are committed, in their order, without end. A connection that breaks is opened again, from the last
 * event that was taken: none is missed, none comes twice. Ends when the signal is aborted.
 *
 * @throws SluiceError what the server refuses: CURSOR_EXPIRED where events behind the cursor were deleted meanwhile,
 *   UNAUTHORIZED; SERVER_UNREACHABLE where not even the first connection came about.
 */
export async function* follow(
  connect: Connection,
  { cursor, run, touched, signal }: FollowOptions = {},
): AsyncGenerator<SluiceEvent, void, undefined> {
  const query = new URLSearchParams({ ...(run !== undefined && { run }), ...(touched && { touched: 'true' }) })
  let last = cursor
  let wait = soonest
  for (let isFirst = true; !signal?.aborted; isFirst = false) {
    const own = new AbortController()
    const both = signal ? AbortSignal.any([signal, own.signal]) : own.signal
    try {
      const asked = last === undefined ? query : new URLSearchParams([...query, ['cursor', last]])
      const response = await connect(`${eventStream.path}?${asked}`, {
        headers: { accept: 'text/event-stream' },
        signal: both,
      })
      for await (const { id, event, data } of messages(response, own)) {
        if (event === 'expired') throw errorOf(JSON.parse(data) as Problem, 'The cursor has expired.')
        wait = soonest
        if (event === 'touched') {
          touched?.(JSON.parse(data) as string[])
          continue
        }
        last = id
        if (event !== 'ready') yield JSON.parse(data) as SluiceEvent
      }
    } catch (error) {
      if (signal?.aborted) return
      if (error instanceof SluiceError && (isFirst || !passes(error))) throw error
    } finally {
      own.abort()
    }
    await pause(wait, signal)
    wait = Math.min(latest, wait * 2)
  }
}

/** Will the same question be answered later? */
const passes = ({ code }: SluiceError): boolean =>
  code === 'SERVER_UNREACHABLE' || code === 'INTERNAL' || code.startsWith('STORE_')

interface Message {
  readonly id: string
  readonly event: string
  readonly data: string
}

/** Server-sent events. Ends with the connection, or fails with it; `own` is aborted when nothing comes any more. */
async function* messages(response: Response, own: AbortController): AsyncGenerator<Message> {
  const reader = response.body!.getReader()
  const decoder = new TextDecoder()
  let text = ''
  for (;;) {
    const timer = setTimeout(() => own.abort(), silence)
    const { done, value } = await reader.read().finally(() => clearTimeout(timer))
    if (done) return
    text += decoder.decode(value, { stream: true })
    const blocks = text.split('\n\n')
    text = blocks.pop()!
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s, 2)))
      const { id, event, data } = fields as Partial<Message>
      if (event !== undefined && data !== undefined) yield { id: id ?? '', event, data }
    }
  }
}

const pause = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done, { once: true })
  })
