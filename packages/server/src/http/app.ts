import { OpenAPIHono } from '@hono/zod-openapi'
import { type Permission, type Routes, apiBase, eventStream, openApi, routes } from '@sluice/api'
import { SluiceError } from '@sluice/core'
import type { Context as Request } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { alertHandlers } from '../alerts/handlers.ts'
import { assetHandlers, partitionHandlers } from '../assets/handlers.ts'
import type { Context } from '../context.ts'
import { conditionHandlers } from '../conditions/handlers.ts'
import { eventHandlers } from '../events/handlers.ts'
import { eventStreamOf } from '../events/stream.ts'
import { lineageHandlers } from '../lineage/handlers.ts'
import { failureHandlers } from '../failures/handlers.ts'
import { runHandlers } from '../runs/handlers.ts'
import { backfillHandlers } from '../backfills/handlers.ts'
import { scheduleHandlers } from '../schedules/handlers.ts'
import { sensorHandlers } from '../sensors/handlers.ts'
import { tickHandlers } from '../ticks/handlers.ts'
import { bundleHandlers, locationHandlers, queueHandlers, serverHandlers, workerHandlers } from '../workers/handlers.ts'
import { addApp } from './app-files.ts'
import { checkBody, checkText } from './body.ts'
import { type Access, checkOrigin, checkPermission } from './guard.ts'
import type { HandlersOf } from './handlers.ts'
import { problemOf } from './problem.ts'
import { referencePage, referencePolicy } from './reference.ts'
import { addSession } from './session.ts'

const handlers: { readonly [Noun in keyof Routes]: HandlersOf<Noun> } = {
  runs: runHandlers,
  assets: assetHandlers,
  lineage: lineageHandlers,
  partitions: partitionHandlers,
  events: eventHandlers,
  failures: failureHandlers,
  backfills: backfillHandlers,
  schedules: scheduleHandlers,
  sensors: sensorHandlers,
  ticks: tickHandlers,
  conditions: conditionHandlers,
  workers: workerHandlers,
  queue: queueHandlers,
  locations: locationHandlers,
  bundles: bundleHandlers,
  server: serverHandlers,
  alerts: alertHandlers,
}

/** Bytes of a request, where a route says nothing else. */
const largest = 1024 * 1024

type AnyRoute = {
  readonly openapi: never
  readonly permission: Permission
  readonly status: number
  readonly largest?: number
  readonly deepest?: number
  readonly query?: Shaped
}
interface Shaped {
  readonly shape: Readonly<Record<string, unknown>>
}
const limited = (maxSize: number) =>
  bodyLimit({
    maxSize,
    async onError(request) {
      await passOver(request.req.raw.body, 2 * maxSize)
      throw new SluiceError('REQUEST_TOO_LARGE', `A request here may have ${maxSize} bytes.`, {
        hint: 'Store what is larger as a value, and give its place.',
      })
    },
  })

/** A client that still sends would find the connection closed, and never read why. */
async function passOver(body: ReadableStream<Uint8Array> | null, most: number): Promise<void> {
  let size = 0
  if (body && !body.locked) for await (const { length } of body) if ((size += length) > most) return
}

/** A filter whose name is misspelled would answer with everything. */
function checkQuery({ req }: Request, query: Shaped | undefined): void {
  const known = Object.keys(query?.shape ?? {})
  const unknown = Object.keys(req.query()).filter((name) => !known.includes(name))
  if (unknown.length === 0) return
  throw new SluiceError(
    'REQUEST_INVALID',
    `${req.path} has no parameter ${unknown.map((name) => JSON.stringify(name.slice(0, 40))).join(', ')}.`,
    {
      hint: known.length === 0 ? 'It takes none.' : `It takes ${known.join(', ')}.`,
    },
  )
}

type AnyHandler = (context: Context, input: object) => Promise<unknown>

export interface AppOptions {
  readonly access: Access
  readonly failed: (error: unknown) => void
  /** Where the files of the web app are; `null` for a server without one. */
  readonly appFolder: (() => Promise<string>) | null
}

/** The API over HTTP, and the web app beside it. */
export function createApp(context: Context, { access, failed, appFolder }: AppOptions): OpenAPIHono {
  const app = new OpenAPIHono({
    defaultHook(result) {
      if (result.success) return
      const list = result.error.issues.map(({ path, message }) => `${path.join('.') || result.target}: ${message}`)
      throw new SluiceError('REQUEST_INVALID', `The request does not fit: ${list.join('; ')}.`, {
        hint: `${apiBase}/reference shows what each route takes.`,
      })
    },
  })
  app.onError((error, request) => {
    const problem = problemOf(error)
    if (problem.status >= 500) failed(error)
    return request.body(JSON.stringify(problem), problem.status as never, {
      'content-type': 'application/problem+json',
    })
  })
  app.notFound((request) => {
    throw new SluiceError('NOT_FOUND', `There is nothing at ${new URL(request.req.url).pathname}.`, {
      hint: `${apiBase}/reference lists every route.`,
    })
  })
  app.use(async (request, next) => {
    checkOrigin(request.req.raw.headers, access)
    await next()
    request.header('x-content-type-options', 'nosniff')
    if (!request.res.headers.has('cache-control')) request.header('cache-control', 'no-store')
  })
  const may = (request: Request, permission: Permission): void =>
    checkPermission(request.req.raw.headers, access, permission)

  const api = new OpenAPIHono()
  for (const [noun, own] of Object.entries(routes)) {
    for (const [name, route] of Object.entries(own as unknown as Record<string, AnyRoute>)) {
      const { path } = route.openapi as { path: string }
      const handler = (handlers as unknown as Record<string, Record<string, AnyHandler>>)[noun]![name]!
      app.use(apiBase + path.replaceAll(/\{(\w+)\}/g, ':$1'), async (request, next) => {
        if (request.req.method !== (route.openapi as { method: string }).method.toUpperCase()) return await next()
        may(request, route.permission)
        for (const text of Object.values<string>({ ...request.req.param(), ...request.req.query() })) checkText(text)
        return await limited(route.largest ?? largest)(request, async () => {
          if ((route as { body?: unknown }).body !== undefined) await checkBody(request, route.deepest)
          await next()
        })
      })
      api.openapi(
        route.openapi,
        (async (request: Request & { req: { valid(what: string): object } }) => {
          checkQuery(request, route.query)
          const valid = request.req.valid.bind(request.req)
          const { body } = route as unknown as { body?: unknown }
          const input = { ...valid('param'), ...valid('query'), ...(body !== undefined && { body: valid('json') }) }
          return request.json(await handler(context, input), route.status as 200)
        }) as never,
        app.defaultHook as never,
      )
    }
  }
  app.get(apiBase + eventStream.path, (request) => {
    may(request, eventStream.permission)
    checkQuery(request, eventStream.query)
    return eventStreamOf(context, request)
  })
  const document = openApi()
  const reference = referencePage(document)
  app.get(`${apiBase}/openapi.json`, (request) => {
    may(request, 'server:read')
    return request.json(document)
  })
  app.get(`${apiBase}/reference`, (request) => {
    may(request, 'server:read')
    return request.html(reference, 200, { 'content-security-policy': referencePolicy })
  })
  addSession(app, access)
  app.route(apiBase, api)
  if (appFolder) addApp(app, appFolder)
  return app
}
