import type { AlertMessage } from '@sluice/core'
import { asIs, next, paged, route, z } from '../route.ts'
import { time } from '../shapes.ts'

const channel = z.enum(['webhook', 'mail'])

const alert = z.object({
  id: z.string(),
  location: z.string(),
  channel,
  message: asIs<AlertMessage>('What it says.'),
  state: z.enum(['waiting', 'sent', 'failed']),
  attempts: z.int(),
  nextAt: time,
  error: z.string().nullable(),
  createdAt: time,
  endedAt: time.nullable(),
})

export const alertRoutes = {
  list: route({
    method: 'get',
    path: '/alerts',
    permission: 'alerts:read',
    summary: 'What people were told, or will be, newest first',
    query: z.object(paged()),
    result: z.object({ alerts: z.array(alert), next }),
  }),
  test: route({
    method: 'post',
    path: '/alerts/test',
    permission: 'alerts:send',
    summary: 'Send a test message to every receiver, and say what came back',
    body: z.object({ location: z.string().exactOptional() }),
    result: z.object({
      sent: z.array(z.object({ location: z.string(), channel, ok: z.boolean(), says: z.string() })),
    }),
  }),
}
