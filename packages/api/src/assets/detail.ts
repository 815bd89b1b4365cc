import { type Staleness, partitionStates } from '@sluice/core'
import { asIs, z } from '../route.ts'
import { checkResult, git, time } from '../shapes.ts'
import { stateRange } from './state-range.ts'

const health = z.enum(['healthy', 'warning', 'degraded', 'unknown'])

/** How an asset does. */
export const healthNow = {
  health: z
    .object({ health, materialization: health, checks: health.nullable(), freshness: health.nullable() })
    .describe('The worst of its parts; null for a part that it does not have.'),
  freshness: z
    .object({
      state: z.enum(['passed', 'warned', 'failed', 'unknown']),
      nextAt: time.nullable().describe('When it may be another, if nothing is made until then.'),
      madeAt: time.nullable(),
    })
    .nullable()
    .describe('null: it has no policy.'),
}

/** What there is to say of one asset, beside its definition. */
export const detail = {
  ...healthNow,
  upstream: z.array(z.string()),
  downstream: z.array(z.string()),
  code: z
    .object({ version: z.string(), git })
    .describe('The active code that its definition is of; the place in it is in the definition.'),
  staleness: asIs<Staleness & { readonly partition: string | null }>('Whether it is up to date, and why not.')
    .nullable()
    .describe('Of the newest partition, where it has some; null where nothing was made.'),
  slices: z
    .object({
      count: z.int(),
      first: z.string().nullable(),
      last: z.string().nullable(),
      counts: z.record(z.enum(partitionStates), z.int()),
      missing: z.array(stateRange).describe('The first ranges that were never made.'),
    })
    .nullable()
    .describe('null: it is not partitioned.'),
  checks: z.array(checkResult).describe('The newest result of each check.'),
  failedChecks: z.array(checkResult).describe('The newest of each check and partition that did not pass, at most 100.'),
}
