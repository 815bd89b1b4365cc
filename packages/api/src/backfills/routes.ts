import { next, paged, pagedByNumber, route, z } from '../route.ts'
import { time } from '../shapes.ts'

const state = z.enum(['running', 'paused', 'canceling', 'succeeded', 'failed', 'canceled'])

const policy = z
  .union([
    z.object({ keys: z.union([z.int().min(1).max(10_000), z.literal('all')]) }),
    z.object({ by: z.string().min(1) }),
  ])
  .describe(
    'Which slices one run makes: `keys` that follow each other, or all that have the same key `by` a dimension of a grid.',
  )
  .openapi('BackfillPolicy')

const counts = {
  slices: z.number().describe('How many there are to make: of each asset, each of its partitions.'),
  done: z.number(),
  failed: z.number(),
  open: z.number().describe('In runs that wait or go on.'),
}

const backfill = z
  .object({
    id: z.string(),
    location: z.string(),
    target: z.string(),
    partitions: z.string().describe('As they were asked for.'),
    policy,
    concurrency: z.int().nullable().describe('Runs at once; null for as many as there are places.'),
    job: z.string().nullable(),
    tags: z.record(z.string(), z.string()),
    state,
    ...counts,
    runs: z.object({ open: z.int(), ended: z.int() }),
    left: z.number().nullable().describe('Milliseconds until it is done, about; null where that is not known.'),
    parts: z
      .array(z.object({ assets: z.array(z.string()), ...counts }))
      .describe(
        'Assets that are made in the same runs, each part after those that it needs; of a job of a flow one without any.',
      ),
    createdAt: time,
    endedAt: time.nullable(),
  })
  .openapi('Backfill')

const request = z.object({
  target: z
    .string()
    .min(1)
    .max(10_000)
    .describe('A job of assets, an asset, a selection of assets, or a partitioned job of a flow.'),
  location: z.string().exactOptional().describe('Whose, where several have one of this name.'),
  partition: z
    .string()
    .max(100_000)
    .describe(
      'A key, a range A..B, several with commas, of a grid by dimension A..B|x,y; all, latest, missing or stale.',
    ),
  policy: policy.exactOptional().describe('Default: a run for each key.'),
  concurrency: z.int().min(1).exactOptional(),
  tags: z.record(z.string(), z.string()).exactOptional(),
  pool: z.string().exactOptional(),
  priority: z.int().exactOptional(),
})

const one = z.object({ backfill: z.string() })

const action = (name: string, summary: string) =>
  route({
    method: 'post',
    path: `/backfills/{backfill}/${name}`,
    permission: 'backfills:write',
    summary,
    params: one,
    result: z.object({ backfill }),
  })

export const backfillRoutes = {
  list: route({
    method: 'get',
    path: '/backfills',
    permission: 'backfills:read',
    summary: 'Backfills, newest first',
    query: z.object({ state: state.optional(), ...paged() }),
    result: z.object({ backfills: z.array(backfill), next }),
  }),
  create: route({
    method: 'post',
    path: '/backfills',
    permission: 'backfills:write',
    summary: 'Make many runs, that fill many partitions',
    body: request,
    result: z.object({
      backfill,
      leftOut: z.number().describe('Slices that cannot be made (yet): what they need does not exist.'),
    }),
    status: 201,
  }),
  plan: route({
    method: 'post',
    path: '/backfills/plan',
    permission: 'backfills:read',
    summary: 'What a backfill would make; nothing is stored',
    body: request,
    result: z.object({
      backfill,
      leftOut: z.number(),
      runs: z.number().describe('How many there would be.'),
      waves: z.number().describe('The longest chain of runs of which each waits for the one before.'),
    }),
  }),
  get: route({
    method: 'get',
    path: '/backfills/{backfill}',
    permission: 'backfills:read',
    summary: 'One backfill',
    params: one,
    result: z.object({ backfill }),
  }),
  failed: route({
    method: 'get',
    path: '/backfills/{backfill}/failed',
    permission: 'backfills:read',
    summary: 'Slices that failed, by part and key',
    params: one,
    query: z.object(pagedByNumber()),
    result: z.object({
      slices: z.array(z.object({ assets: z.array(z.string()), partition: z.string().nullable() })),
      next,
    }),
  }),
  set: route({
    method: 'post',
    path: '/backfills/{backfill}/set',
    permission: 'backfills:write',
    summary: 'Another number of runs at once, from now on: those that have not started wait anew',
    params: one,
    body: z.object({
      concurrency: z.int().min(1).nullable().describe('Runs at once; null for as many as there are places.'),
    }),
    result: z.object({ backfill }),
  }),
  pause: action('pause', 'Make no more runs, and take those back that have not started'),
  resume: action('resume', 'Let a paused one go on'),
  cancel: action('cancel', 'Make no more runs, and stop those that go on'),
  retry: action('retry', 'Make again what failed, and what that held back'),
}
