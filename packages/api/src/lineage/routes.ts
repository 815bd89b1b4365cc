import { partitionStates } from '@sluice/core'
import { route, z } from '../route.ts'

export const lineageRoutes = {
  get: route({
    method: 'get',
    path: '/lineage',
    permission: 'assets:read',
    summary: 'The graph of a selection: its assets, the edges between them, and where they stand, in one answer',
    description: 'Of a larger selection the first by name; an asset that several locations know of is one.',
    query: z.object({
      selection: z.string().max(4000).default('*'),
      run: z.string().max(200).optional().describe('Only what this run is to make.'),
      most: z.coerce.number<number>().int().min(1).max(20_000).default(20_000),
    }),
    result: z.object({
      assets: z.array(
        z.object({
          name: z.string(),
          location: z.string().describe('Whose code makes it; of what nobody here makes, one that knows of it.'),
          group: z.string().nullable(),
          external: z.boolean().describe('Something else makes it.'),
          states: z
            .array(z.enum(partitionStates))
            .describe(
              'Each in which any of its partitions is, the most urgent first; none of what cannot be made here.',
            ),
          upstream: z
            .array(z.int())
            .describe('Those of this list that it is made from, as their places in it, which begin with 0.'),
        }),
      ),
      total: z.int().describe('How many the selection has.'),
    }),
  }),
}
