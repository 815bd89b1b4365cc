import type { SetRecord, TraceRecord } from '@sluice/core'
import { next, paged, pagedByNumber, route, z } from '../route.ts'
import { storedError, time } from '../shapes.ts'

const params = z.object({ asset: z.string() })
const check = z.string().optional().describe('A check of the asset, where that is meant.')

const requested = z
  .custom<SetRecord>((value) => typeof value === 'boolean' || Array.isArray(value))
  .openapi({
    description:
      'Of an asset that is not partitioned, whether. Else its keys as products of dimensions: names, and ranges [first, last].',
    type: ['boolean', 'array'],
    items: {},
  })

const outcome = {
  at: time,
  run: z.string().nullable(),
  error: storedError.nullable().describe('Why there is no run.'),
}

const condition = z
  .object({
    location: z.string(),
    asset: z.string(),
    check: z.string().nullable(),
    label: z.string().describe('Of the condition: its name, or its operator.'),
    paused: z.boolean(),
    overridden: z.boolean().describe('A person said so of this one, and not of all.'),
    latest: z
      .object({ ...outcome, requested })
      .nullable()
      .describe('The newest look that said something new.'),
  })
  .openapi('Condition')

const tree: z.ZodType<TraceRecord> = z
  .custom<TraceRecord>((value) => typeof value === 'object' && value !== null)
  .openapi({ type: 'object', description: 'Each part of the condition: where it was asked and where it was true.' })

export const conditionRoutes = {
  list: route({
    method: 'get',
    path: '/conditions',
    permission: 'conditions:read',
    summary: 'Assets and checks that have a condition, with what the newest look at it came to',
    query: z.object({ location: z.string().optional(), ...paged() }),
    result: z.object({
      conditions: z.array(condition),
      paused: z.boolean().describe('All of them.'),
      count: z.int(),
      next,
    }),
  }),
  pause: route({
    method: 'post',
    path: '/conditions/pause',
    permission: 'conditions:write',
    summary: 'Pause a condition or all of them, or let them go on from now',
    body: z.object({
      asset: z.string().exactOptional().describe('Left out: all conditions.'),
      check: z.string().exactOptional(),
      paused: z.boolean(),
    }),
    result: z.object({ paused: z.boolean() }),
  }),
  why: route({
    method: 'get',
    path: '/conditions/{asset}/why',
    permission: 'conditions:read',
    summary: 'Why a condition requests an asset, or does not',
    params,
    query: z.object({ check, partition: z.string().optional() }),
    result: z.object({
      entity: z.string(),
      partition: z.string().nullable(),
      condition: z.object({ label: z.string(), paused: z.boolean() }).nullable(),
      says: z.array(z.string()),
      at: time.nullable(),
      lines: z.array(z.object({ depth: z.int(), answer: z.enum(['true', 'false', 'unasked']), text: z.string() })),
      requested: z.object(outcome).nullable(),
    }),
  }),
  history: route({
    method: 'get',
    path: '/conditions/{asset}/history',
    permission: 'conditions:read',
    summary: 'What looks at a condition came to, newest first: where something was requested, or was other than before',
    params,
    query: z.object({ check, ...pagedByNumber() }),
    result: z.object({
      evaluations: z.array(z.object({ id: z.int(), ...outcome, requested, tree })),
      next,
    }),
  }),
}
