import { next, pagedByNumber, route, z } from '../route.ts'
import { event } from '../shapes.ts'

export const eventRoutes = {
  list: route({
    method: 'get',
    path: '/events',
    permission: 'events:read',
    summary: 'What happened, in the order of commits, after a cursor',
    description:
      'Without a cursor it begins with the oldest that is kept. A cursor below that is refused: CURSOR_EXPIRED.',
    query: z.object({ run: z.string().optional(), ...pagedByNumber(200) }),
    result: z.object({
      events: z.array(event),
      next: z.string().describe('Never null: what happens from now on is behind it.'),
    }),
  }),
  recent: route({
    method: 'get',
    path: '/events/recent',
    permission: 'events:read',
    summary: 'What happened, newest first',
    description:
      'It looks at 20,000 events at most: a page may have fewer than were asked for, or none, and others behind it.',
    query: z.object({
      types: z
        .string()
        .regex(/^[a-z]+(?:\.[a-z]+)?(?:,[a-z]+(?:\.[a-z]+)?)*$/)
        .transform((text) => text.split(','))
        .optional()
        .describe('Types, or what they begin with, separated by commas: `run.failed,tick`.'),
      run: z.string().optional(),
      asset: z.string().optional(),
      ...pagedByNumber(100),
    }),
    result: z.object({ events: z.array(event), next }),
  }),
}

/** The same as a stream (text/event-stream): `id` is the cursor, which `Last-Event-ID` or `?cursor=` goes on from. */
export const eventStream = {
  path: '/events/stream',
  permission: 'events:read',
  query: z.object({
    run: z.string().optional().describe('Only events of this run.'),
    cursor: pagedByNumber().cursor.describe('Go on behind this; without it: from now on.'),
    touched: z
      .literal('true')
      .optional()
      .describe(
        'Also messages `touched`, without an id: a list of runs of which steps or lines of the log were written through this server, of which no event tells. A hint to read them again.',
      ),
  }),
} as const
