import { json, route, z } from '../route.ts'
import { time } from '../shapes.ts'

const common = {
  partition: z.string().min(1).max(1000).exactOptional().describe('Of a partitioned asset: its key.'),
  metadata: z
    .record(z.string().min(1).max(200), json)
    .exactOptional()
    .describe('Facts: numbers, texts, booleans, JSON; or an object with a `type`, as answers have them.'),
  at: time.exactOptional().describe('When it happened; default: now.'),
  once: z
    .string()
    .min(1)
    .max(500)
    .exactOptional()
    .describe('A second report with the same word (an id of your event) records nothing.'),
}

/** What another program says of an asset. */
const reportBody = z
  .discriminatedUnion('what', [
    z.object({
      what: z.enum(['materialization', 'observation']),
      dataVersion: z
        .string()
        .min(1)
        .max(1000)
        .exactOptional()
        .describe('What the data is: equal versions are equal data. Default: new.'),
      ...common,
    }),
    z.object({
      what: z.literal('check'),
      check: z.string().min(1).max(500).describe('Its name; one that the code has, or one that only you run.'),
      passed: z.boolean().nullable().describe('null: nothing could be said.'),
      severity: z.enum(['warn', 'error']).exactOptional().describe('Default: as the code says, else error.'),
      ...common,
    }),
  ])
  .openapi('Report')

export const reportRoute = route({
  method: 'post',
  path: '/assets/{asset}/report',
  permission: 'assets:report',
  summary: 'Tell that something else made an asset, looked at it, or tested it',
  params: z.object({ asset: z.string() }),
  body: reportBody,
  result: z.object({ run: z.string().describe('The run that stands for the report.'), isNew: z.boolean() }),
  status: 201,
})
