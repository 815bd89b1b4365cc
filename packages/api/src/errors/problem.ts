import { z } from '@hono/zod-openapi'

/** What every refusal looks like (RFC 9457), with the code that the same mistake has everywhere. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    hint: z.string().exactOptional(),
    data: z.record(z.string(), z.unknown()).exactOptional(),
  })
  .openapi('Problem')

export type Problem = z.infer<typeof problem>
