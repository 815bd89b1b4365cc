import type { LocationVersion, Snapshot } from '@sluice/core'
import { asIs, next, paged, pagedByNumber, route, z } from '../route.ts'
import { git, time } from '../shapes.ts'

const worker = z
  .object({
    id: z.string(),
    name: z.string(),
    pool: z.string(),
    slots: z.int(),
    draining: z.boolean(),
    versions: z.record(z.string(), z.array(z.string())),
    machine: z.object({ host: z.string(), pid: z.int(), node: z.string(), sluice: z.string() }),
    joinedAt: time,
    leaseUntil: time,
    runs: z.array(z.string()),
  })
  .openapi('Worker')

export const workerRoutes = {
  list: route({
    method: 'get',
    path: '/workers',
    permission: 'workers:read',
    summary: 'Who executes runs, what they have and what they do',
    query: z.object(paged()),
    result: z.object({ workers: z.array(worker), next }),
  }),
  logs: route({
    method: 'get',
    path: '/workers/{worker}/logs',
    permission: 'workers:read',
    summary: 'What a worker had to say for itself',
    description:
      'By its name: also when it, or its machine, is gone. A cursor is the `id` of a line: what follows it may be asked for again.',
    params: z.object({ worker: z.string() }),
    query: z.object(pagedByNumber(1000, 5000)),
    result: z.object({
      lines: z.array(z.object({ id: z.int(), at: time, level: z.string(), message: z.string() })),
      next,
    }),
  }),
}

export const queueRoutes = {
  pools: route({
    method: 'get',
    path: '/queue/pools',
    permission: 'limits:read',
    summary: 'How many runs wait, by pool',
    query: z.object(paged()),
    result: z.object({
      pools: z.array(
        z.object({
          pool: z.string(),
          slots: z.int(),
          held: z.int(),
          ready: z.int(),
          later: z.int(),
          blocked: z.int(),
          delivered: z.int(),
        }),
      ),
      next,
    }),
  }),
  limits: route({
    method: 'get',
    path: '/queue/limits',
    permission: 'limits:read',
    summary: 'Every limit that is in use or waited for, and who holds it',
    query: z.object(paged()),
    result: z.object({
      limits: z.array(
        z.object({
          name: z.string(),
          key: z.string().nullable(),
          held: z.int(),
          waiting: z.int(),
          holders: z.array(z.string()).describe('Runs, the longest first; at most 20.'),
        }),
      ),
      next,
    }),
  }),
}

const about = asIs<Omit<LocationVersion, 'snapshot'>>('A code version.')
const name = z.object({ location: z.string() })

export const locationRoutes = {
  list: route({
    method: 'get',
    path: '/locations',
    permission: 'locations:read',
    summary: 'Bodies of code, and which version of each is active',
    query: z.object(paged()),
    result: z.object({
      locations: z.array(
        z.object({
          name: z.string(),
          active: z.string().nullable(),
          activatedAt: time.nullable(),
          problem: z
            .object({ code: z.string(), message: z.string(), hint: z.string().exactOptional(), at: time })
            .nullable(),
          counts: z.record(z.string(), z.int()).nullable(),
        }),
      ),
      next,
    }),
  }),
  snapshot: route({
    method: 'get',
    path: '/locations/{location}/definitions',
    permission: 'locations:read',
    summary: 'What the active code defines',
    params: name,
    query: z.object({ version: z.string().optional() }),
    result: z.object({ version: z.string(), definitions: asIs<Snapshot>('Everything that the code defines.') }),
  }),
  versions: route({
    method: 'get',
    path: '/locations/{location}/versions',
    permission: 'locations:read',
    summary: 'Its versions, newest first',
    params: name,
    query: z.object(paged()),
    result: z.object({ versions: z.array(about), next }),
  }),
  register: route({
    method: 'post',
    path: '/locations/{location}/versions',
    permission: 'locations:deploy',
    summary: 'Make a version known, with the bundle that workers fetch',
    params: name,
    body: z.object({
      version: z.string().min(1),
      definitions: asIs<Snapshot>('Everything that the code defines.'),
      entries: z.array(z.string()),
      git,
      parts: z.record(z.string(), z.string()).exactOptional().describe('Hashes of what it is made of.'),
      bundle: z.string().nullable(),
    }),
    result: z.object({ version: z.string() }),
    status: 201,
    largest: 64 * 1024 * 1024,
    deepest: 500,
  }),
  activate: route({
    method: 'post',
    path: '/locations/{location}/activate',
    permission: 'locations:deploy',
    summary: 'Let new runs use a version',
    params: name,
    body: z.object({ version: z.string() }),
    result: z.object({ active: z.string() }),
  }),
}

const piece = z.object({
  bundle: z.string().regex(/^[0-9a-f]{64}$/),
  piece: z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .describe('From 0 on.'),
})

export const bundleRoutes = {
  get: route({
    method: 'get',
    path: '/bundles/{bundle}/{piece}',
    permission: 'workers:join',
    summary: 'A piece of uploaded code; null behind the last',
    params: piece,
    result: z.object({ base64: z.string().nullable() }),
  }),
  put: route({
    method: 'put',
    path: '/bundles/{bundle}/{piece}',
    permission: 'locations:deploy',
    summary: 'Upload a piece of a bundle, named by the SHA-256 of the whole',
    params: piece,
    body: z.object({ base64: z.string() }),
    result: z.object({ bundle: z.string() }),
  }),
}

export const serverRoutes = {
  health: route({
    method: 'get',
    path: '/health',
    permission: 'server:read',
    summary: 'Does it work, and since when',
    result: z.object({
      ok: z.boolean(),
      version: z.string(),
      startedAt: time,
      workers: z.int(),
      problems: z.array(z.string()),
    }),
  }),
}
