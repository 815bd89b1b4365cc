import { type StateRange, partitionStates } from '@sluice/core'
import { z } from '../route.ts'

/** Neighbouring partitions of one state. */
export const stateRange: z.ZodType<StateRange> = z
  .object({
    state: z.enum(partitionStates),
    count: z.int(),
    from: z.string().nullable(),
    to: z.string().nullable(),
    dims: z
      .record(
        z.string(),
        z.object({
          from: z.string(),
          to: z.string(),
          at: z.int().describe('The first is this one of all keys of the dimension, from 0.'),
          count: z.int(),
        }),
      )
      .exactOptional(),
  })
  .openapi('PartitionRange')
