import { comma, route, z } from '../route.ts'
import { time } from '../shapes.ts'

const failure = z.string().min(1).max(200).describe('What all failures of one cause have in common, as a hash.')

export const failureRoutes = {
  acknowledged: route({
    method: 'get',
    path: '/failures/acknowledged',
    permission: 'runs:read',
    summary: 'Failures that a person knows of, newest first: at most 1000, of 90 days',
    result: z.object({ acknowledged: z.array(z.object({ failure, by: z.string(), at: time })) }),
  }),
  mended: route({
    method: 'get',
    path: '/failures/mended',
    permission: 'runs:read',
    summary: 'Which of some runs that failed a later one has made good',
    description:
      'A run of the same with the same params and partitions that was made later, and succeeded. Runs that are not known are left out.',
    query: z.object({
      runs: comma('Ids, separated by commas.').pipe(z.array(z.string()).max(100)),
    }),
    result: z.object({ mended: z.array(z.object({ run: z.string(), by: z.string().describe('The later run.') })) }),
  }),
  acknowledge: route({
    method: 'post',
    path: '/failures/acknowledge',
    permission: 'runs:answer',
    summary: 'Say that you know of a failure, or that it is to be seen again',
    body: z.object({ failure, by: z.string().min(1).max(200).nullable().describe('Who; null takes it back.') }),
    result: z.object({ acknowledged: z.boolean() }),
  }),
}
