import { type SluiceEvent, SluiceError } from '@sluice/core'
import type { Context as Request } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { Context } from '../context.ts'
import { problemOf } from '../http/problem.ts'
import { checkCursor } from './cursor.ts'

/** How often the store is asked where nobody wakes: another server may have committed. */
const pace = 500
/** Nothing was sent for this long: a line that keeps proxies from closing the stream. */
const heartbeat = 15_000
/** How often it is said of which runs something was written. */
const touchPace = 100
/** Characters of events that are in memory for one client. */
const inMemory = 200_000
/** And of one write. */
const atOnce = 8_000

/**
 * Events as they are committed, each with its number as `id`: a client that comes back with `Last-Event-ID` misses
 * nothing. A client that does not read is not sent to: what it has not taken stays in the store, not in memory. With
 * `touched`, runs of which steps or lines of the log were written are named as well: without an id, and by this server only.
 *
 * @throws SluiceError REQUEST_INVALID for a cursor that is no number, CURSOR_EXPIRED.
 */
export async function eventStreamOf(context: Context, request: Request): Promise<Response> {
  const { store, live } = context
  const cursor = cursorIn(request)
  const run = request.req.query('run')
  const says = request.req.query('touched') === 'true'
  if (cursor !== null) await checkCursor(store, cursor)
  let after = cursor ?? (await store.events.last())
  return streamSSE(request, async (stream) => {
    const gone = new AbortController()
    stream.onAbort(() => gone.abort())
    // So that a client that never gets an event knows where it is.
    await stream.writeSSE({ event: 'ready', data: String(after), id: String(after) })
    let sentAt = Date.now()
    let limit = 10
    const touched = says ? live.touched(gone.signal) : null
    let toldAt = 0
    while (!gone.signal.aborted) {
      const events = await store.events.list({ after, limit, ...(run !== undefined && { run }) })
      try {
        if (events.length > 0 && events[0]!.id > after + 1) await checkCursor(store, after)
      } catch (error) {
        // It fell behind retention. It comes back with the same cursor, and is refused.
        await stream.writeSSE({ event: 'expired', data: JSON.stringify(problemOf(error)) })
        return
      }
      if (events.length > 0) {
        const lines = events.map(lineOf)
        // Waits until the client has taken it.
        for (const part of partsOf(lines)) await stream.write(part)
        after = events.at(-1)!.id
        limit = nextPage(lines)
        sentAt = Date.now()
        continue
      }
      if (Date.now() - sentAt > heartbeat) {
        await stream.write(': still here\n\n')
        sentAt = Date.now()
      }
      const rest = toldAt + touchPace - Date.now()
      if (touched !== null && touched.size > 0 && rest <= 0) {
        const runs = [...touched].filter((one) => run === undefined || one === run)
        touched.clear()
        toldAt = Date.now()
        if (runs.length > 0) await stream.write(`event: touched\ndata: ${JSON.stringify(runs)}\n\n`)
      }
      // Runs that are collected until they may be told again wake nobody.
      if (touched !== null && touched.size > 0) await live.next(Math.max(1, rest), gone.signal)
      else await live.next(pace, gone.signal, touched)
    }
  })
}

/** As it is sent: its data is one line. */
const lineOf = (event: SluiceEvent): string =>
  `event: ${event.type}\ndata: ${JSON.stringify(event)}\nid: ${event.id}\n\n`

/** As many as fit into memory, if they are as large as these. */
function nextPage(lines: readonly string[]): number {
  const size = lines.reduce((sum, line) => sum + line.length, 0)
  return Math.max(1, Math.min(500, Math.floor((inMemory * lines.length) / size)))
}

/** Joined, as a write costs more than the few events in it. */
function* partsOf(lines: readonly string[]): Generator<string> {
  let part = ''
  for (const line of lines) {
    part += line
    if (part.length < atOnce) continue
    yield part
    part = ''
  }
  if (part !== '') yield part
}

/** `null`: from now on. */
function cursorIn(request: Request): number | null {
  const text = request.req.header('last-event-id') ?? request.req.query('cursor')
  if (text === undefined) return null
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new SluiceError(
    'REQUEST_INVALID',
    `The cursor ${JSON.stringify(text.slice(0, 40))} is no number of an event.`,
    {
      hint: 'It is the id of an event, or next of GET /api/events.',
    },
  )
}
