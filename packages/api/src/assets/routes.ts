import { type AssetSnapshot, partitionStates } from '@sluice/core'
import { asIs, next, paged, pagedByNumber, queryNumber, route, z } from '../route.ts'
import { definitionVersion } from './definition-version.ts'
import { detail, healthNow } from './detail.ts'
import { reportRoute } from './report.ts'
import { stateRange } from './state-range.ts'
import { checkResult, materialization } from '../shapes.ts'

const params = z.object({ asset: z.string() })

/** The definition of an asset as its snapshot has it, and what is known of its data. */
const listed = z.object({
  location: z.string(),
  definition: asIs<AssetSnapshot>('The definition of an asset.'),
  latest: materialization.nullable(),
  records: z.int(),
  partitions: z.int(),
})

export const assetRoutes = {
  list: route({
    method: 'get',
    path: '/assets',
    permission: 'assets:read',
    summary: 'Assets, by a selection',
    query: z.object({
      selection: z.string().max(4000).default('*'),
      with: z.literal('health').optional().describe('How each does, too: some reads for each asset of the page.'),
      ...paged(),
    }),
    result: z.object({
      assets: z
        .array(listed.extend(z.object(healthNow).partial().shape))
        .describe('Health and freshness only where asked for.'),
      next,
    }),
  }),
  get: route({
    method: 'get',
    path: '/assets/{asset}',
    permission: 'assets:read',
    summary: 'One asset: its definition, how it does, and what it is made from',
    params,
    result: z.object({ asset: listed, ...detail }),
  }),
  history: route({
    method: 'get',
    path: '/assets/{asset}/history',
    permission: 'assets:read',
    summary: 'When it was made or looked at, newest first',
    params,
    query: z.object({
      partition: z.string().optional(),
      kind: z.enum(['materialization', 'observation', 'wiped']).optional(),
      ...pagedByNumber(),
    }),
    result: z.object({ records: z.array(materialization), next }),
  }),
  partitions: route({
    method: 'get',
    path: '/assets/{asset}/partitions',
    permission: 'assets:read',
    summary: 'The state of every partition, run-length encoded',
    params,
    query: z.object(pagedByNumber(1000, 10_000)),
    result: z.object({
      /** One for each dimension; none of an asset that is not partitioned. */
      dims: z.array(
        z.object({
          name: z.string().nullable(),
          kind: z.string(),
          count: z.int(),
          first: z.string(),
          last: z.string(),
        }),
      ),
      counts: z.record(z.enum(partitionStates), z.int()),
      ranges: z.array(stateRange).describe('In order of the keys; both ends are part of a range.'),
      total: z.int().describe('How many ranges there are in all.'),
      next,
    }),
  }),
  keys: route({
    method: 'get',
    path: '/assets/{asset}/keys',
    permission: 'assets:read',
    summary: 'The keys of its partitions by their place, of a grid those of one dimension',
    params,
    query: z.object({
      dim: z.string().optional().describe('Which dimension of a grid; default: its first.'),
      from: queryNumber.default(0).describe('The place of the first, from 0.'),
      step: z.coerce.number<number>().int().min(1).default(1).describe('Only every so many of them.'),
      ...pagedByNumber(1000, 10_000),
    }),
    result: z.object({ keys: z.array(z.string()), next }),
  }),
  places: route({
    method: 'get',
    path: '/assets/{asset}/places',
    permission: 'assets:read',
    summary: 'Where partitions are among all, that are written as A..B and such',
    params,
    query: z.object({ partition: z.string().max(10_000) }),
    result: z.object({
      places: z
        .array(z.array(z.object({ at: z.int(), count: z.int() })))
        .describe('Products of one stretch of each dimension; `at` is the place of its first key, from 0.'),
    }),
  }),
  made: route({
    method: 'get',
    path: '/assets/{asset}/made',
    permission: 'assets:read',
    summary: 'The keys of the partitions that have been made, in order',
    params,
    query: z.object(paged(1000, 10_000)),
    result: z.object({ made: z.array(z.string()), next }),
  }),
  wipe: route({
    method: 'post',
    path: '/assets/{asset}/wipe',
    permission: 'assets:write',
    summary: 'Forget that it was made, or these partitions of it; what is known of it is kept as history, or deleted',
    params,
    body: z.object({ partition: z.string().max(10_000).optional(), history: z.enum(['keep', 'clear']) }),
    result: z.object({ partitions: z.int().nullable() }),
  }),
  rename: route({
    method: 'post',
    path: '/assets/{asset}/rename',
    permission: 'assets:write',
    summary: 'Go on under another name, with its history or without',
    params,
    body: z.object({ to: z.string().min(1).max(1000), history: z.enum(['keep', 'clear']) }),
    result: z.object({ to: z.string() }),
  }),
  check: route({
    method: 'get',
    path: '/assets/{asset}/checks/{check}',
    permission: 'assets:read',
    summary: 'What one of its checks came to, newest first',
    params: z.object({ asset: z.string(), check: z.string() }),
    query: z.object({ partition: z.string().optional(), ...pagedByNumber() }),
    result: z.object({ results: z.array(checkResult), next }),
  }),
  definitions: route({
    method: 'get',
    path: '/assets/{asset}/definitions',
    permission: 'assets:read',
    summary: 'How its definition changed from version to version of the code, newest first',
    description:
      'A page is of so many versions of the code: it may be empty where the asset is the same in all of them.',
    params,
    query: z.object({
      location: z.string().optional().describe('Whose code; may be left out where only one has the asset.'),
      ...paged(20, 200),
    }),
    result: z.object({ location: z.string(), versions: z.array(definitionVersion), next }),
  }),
  report: reportRoute,
  preview: route({
    method: 'get',
    path: '/assets/{asset}/preview',
    permission: 'values:read',
    summary: 'The first rows of its newest value, read by a worker',
    params,
    query: z.object({
      partition: z.string().optional(),
      limit: z.coerce.number<number>().int().min(1).max(1000).default(10),
    }),
    result: z.union([
      z.object({ shape: z.literal('rows'), rows: z.string(), total: z.int().nullable() }),
      z.object({ shape: z.literal('value'), value: z.string() }),
    ]),
  }),
}

const set = z.object({ name: z.string() })
const keys = z.object({ keys: z.array(z.string().min(1).max(1000)).min(1).max(10_000) })

/** The keys of dynamic partitions. */
export const partitionRoutes = {
  list: route({
    method: 'get',
    path: '/partitions/{name}',
    permission: 'assets:read',
    summary: 'The keys of a dynamic set, in the order they were added',
    params: set,
    query: z.object(pagedByNumber(1000, 10_000)),
    result: z.object({ keys: z.array(z.string()), next }),
  }),
  add: route({
    method: 'post',
    path: '/partitions/{name}/add',
    permission: 'assets:write',
    summary: 'Add keys',
    params: set,
    body: keys,
    result: z.object({ keys: z.int() }),
  }),
  remove: route({
    method: 'post',
    path: '/partitions/{name}/remove',
    permission: 'assets:write',
    summary: 'Remove keys; what was made of them stays in the history',
    params: set,
    body: keys,
    result: z.object({ keys: z.int() }),
  }),
}
