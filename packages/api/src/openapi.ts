import { OpenAPIHono, createRoute, z } from '@hono/zod-openapi'
import { problem } from './errors/problem.ts'
import { eventStream } from './events/routes.ts'
import type { Route } from './route.ts'
import { apiBase, apiVersion, routes } from './routes.ts'

/** The stream of events, as far as OpenAPI can say what a stream is. */
const stream = createRoute({
  method: 'get',
  path: eventStream.path,
  summary: 'Events as they are committed',
  description:
    'Each message is an event: `id` is its number, `event` its type, `data` the event as JSON. The first one, `ready`, says the cursor where the stream begins. A client that comes back with the last `id` that it got misses nothing.',
  tags: ['events'],
  'x-permission': eventStream.permission,
  request: { query: eventStream.query, headers: z.object({ 'last-event-id': z.string().optional() }) },
  responses: {
    200: { description: 'Done.', content: { 'text/event-stream': { schema: z.string() } } },
    default: { description: 'Refused.', content: { 'application/problem+json': { schema: problem } } },
  },
})

/** An OpenAPI 3.1 document, as far as our own code reads it. */
export interface OpenApi {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string }
  /** By path and method. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

/** The API as an OpenAPI 3.1 document: every route, with the permission that it asks for. */
export function openApi(): OpenApi {
  const app = new OpenAPIHono()
  for (const own of Object.values(routes))
    for (const { openapi } of Object.values(own) as unknown as Route[]) app.openAPIRegistry.registerPath(openapi)
  app.openAPIRegistry.registerPath(stream)
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' })
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Sluice',
      version: String(apiVersion),
      description: 'What a Sluice server answers.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: apiBase }],
    security: [{ token: [] }, {}],
  }) as unknown as OpenApi
}
