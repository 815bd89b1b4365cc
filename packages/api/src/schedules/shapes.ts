import type { Duration } from '@sluice/core'
import { json, z } from '../route.ts'
import { tick } from '../shapes.ts'

/** What schedules and sensors have in common. */
export const listed = z.object({
  location: z.string(),
  name: z.string(),
  spec: json.describe('Its definition as plain data.'),
  paused: z.boolean(),
  overridden: z.boolean().describe('A person said so, and not the code.'),
  last: tick.nullable(),
})

export const pause = z.object({ paused: z.boolean().nullable().describe('`null`: as the code says.') })

/** A run that would be launched. */
export const asked = z.object({
  target: z.string(),
  params: z.string().nullable().describe('Encoded.'),
  title: z.string().nullable(),
  once: z.string().nullable(),
  tags: z.record(z.string(), z.string()),
  partition: z.string().nullable(),
})

const duration = z
  .custom<Duration>((value) => typeof value === 'string' && /^\d+(?:\.\d+)?(?:ms|s|m|h|d)$/.test(value))
  .openapi({ type: 'string', description: 'A number and a unit: 30s, 1.5h.' })

/** A schedule that is made at run time. */
export const timed = z.object({
  cron: z.union([z.string(), z.array(z.string()).min(1).max(50)]).exactOptional(),
  every: duration.exactOptional(),
  anchor: z.string().exactOptional(),
  rrule: z.string().exactOptional(),
  timeZone: z.string().exactOptional(),
  target: z.string().min(1).describe('A job, a flow, a task, an asset or a selection of assets.'),
  params: json.exactOptional(),
  texts: z
    .record(z.string(), z.string())
    .exactOptional()
    .describe('Single params as text, which may be JSON; as a command line gives them.'),
  catchUp: z
    .union([z.enum(['none', 'latest', 'all']), z.object({ all: z.int().min(1) })])
    .default('latest')
    .describe('What happens to ticks that nobody was there to decide.'),
  jitter: duration.exactOptional(),
  paused: z.boolean().default(false),
  tags: z.record(z.string(), z.string()).default({}),
  description: z.string().max(2000).exactOptional(),
})
