import { comma, json, next, paged, pagedByNumber, queryNumber, route, z } from '../route.ts'
import { checkResult, logLine, materialization, run, runState, step, time, waitingFor } from '../shapes.ts'

const params = z.object({ run: z.string().describe('The id, or a beginning of it that only one run has.') })

/** What a launch may say. Params are checked by the code's own schema before there is a run. */
export const launchBody = z
  .object({
    target: z.string().min(1).describe('A job, a flow, a task, an asset, or a selection of assets.'),
    location: z.string().exactOptional().describe('Whose code; may be left out where only one has the target.'),
    params: json.exactOptional().describe('An object for a flow, a list of arguments for a task.'),
    args: z
      .array(json)
      .exactOptional()
      .describe('In the place of `params`: what code would call it with. A flow or a job takes its params alone.'),
    texts: z
      .record(z.string(), z.string())
      .exactOptional()
      .describe('Single params as text, which may be JSON; as a command line gives them.'),
    partition: z.string().exactOptional().describe('A key, a range A..B, all, latest or missing.'),
    stale: z.boolean().exactOptional().describe('Only assets and partitions that are stale or were never made.'),
    onlyChecks: z
      .union([z.literal('all'), z.array(z.string().min(1)).min(1).max(1000)])
      .exactOptional()
      .describe('Tests the assets instead of making them: all their checks, or those of these names.'),
    tags: z.record(z.string(), z.string()).exactOptional(),
    pool: z.string().exactOptional(),
    priority: z.int().min(-1_000_000).max(1_000_000).exactOptional(),
    startAt: time.exactOptional().describe('Not before this.'),
    once: z
      .string()
      .min(1)
      .max(500)
      .exactOptional()
      .describe('A second launch with the same word finds the first run.'),
  })
  .openapi('Launch')

/** Which runs. */
const filters = {
  states: comma('Separated by commas: `waiting,running`.').pipe(z.array(runState)).optional(),
  job: z.string().optional().describe('Launched by this job.'),
  name: z.string().optional().describe('Of the target.'),
  asset: z.string().optional().describe('One of the assets that it makes or tests.'),
  partition: z.string().optional().describe('One of the partitions that it makes or tests.'),
  tag: z.string().optional().describe('`team`, or `team=data`.'),
  owner: z.string().optional().describe('Who answers for what it runs.'),
  text: z.string().max(200).optional().describe('In the name or the title, or the beginning of the id.'),
  since: queryNumber.optional().describe('Made at or after; milliseconds since 1970.'),
  until: queryNumber.optional().describe('Made before.'),
}

export const runRoutes = {
  list: route({
    method: 'get',
    path: '/runs',
    permission: 'runs:read',
    summary: 'Runs, newest first',
    query: z.object({ ...filters, ...paged() }),
    result: z.object({ runs: z.array(run), next }),
  }),
  launch: route({
    method: 'post',
    path: '/runs',
    permission: 'runs:launch',
    summary: 'Launch a run',
    body: launchBody,
    result: z.object({ run, isNew: z.boolean() }),
    status: 201,
  }),
  counts: route({
    method: 'get',
    path: '/runs/counts',
    permission: 'runs:read',
    summary: 'How many runs pass, by when they were made and their state',
    description:
      'From `since` (default: the oldest run) to `until` (default: now), in stretches of equal length. However many runs there are, of each stretch only so many are looked at: `isMore` says that there are at least these.',
    query: z.object({ ...filters, parts: z.coerce.number<number>().int().min(1).max(60).default(48) }),
    result: z.object({
      since: time,
      until: time,
      width: z.int().describe('Milliseconds of a stretch.'),
      counts: z.array(z.object({ from: time, states: z.partialRecord(runState, z.int()), isMore: z.boolean() })),
    }),
  }),
  get: route({
    method: 'get',
    path: '/runs/{run}',
    permission: 'runs:read',
    summary: 'A run, and how many of its steps are in each state',
    params,
    result: z.object({ run, steps: z.record(z.string(), z.int()) }),
  }),
  why: route({
    method: 'get',
    path: '/runs/{run}/why',
    permission: 'runs:read',
    summary: 'Why a run waits, from what was recorded when that was decided',
    params,
    result: z.object({
      run: z.string(),
      state: runState,
      says: z.string().describe('In a sentence.'),
      waitingFor: waitingFor.nullable(),
      ahead: z.int().nullable().describe('How many runs of its pool come first; 10,000 stands for more.'),
      steps: z.array(z.object({ step: z.int(), name: z.string(), says: z.string(), waitingFor })),
      notes: z.array(z.string()),
    }),
  }),
  steps: route({
    method: 'get',
    path: '/runs/{run}/steps',
    permission: 'runs:read',
    summary: 'The steps of a run, in the order of their numbers',
    params,
    query: z.object(pagedByNumber(1000, 5000)),
    result: z.object({ steps: z.array(step), next }),
  }),
  logs: route({
    method: 'get',
    path: '/runs/{run}/logs',
    permission: 'runs:read',
    summary: 'What a run logged and printed',
    description: 'A cursor is the `id` of a line: what follows it may be asked for again while the run goes on.',
    params,
    query: z.object({ step: queryNumber.optional(), ...pagedByNumber(1000, 5000) }),
    result: z.object({ lines: z.array(logLine), next }),
  }),
  find: route({
    method: 'get',
    path: '/runs/{run}/logs/find',
    permission: 'runs:read',
    summary: 'Which lines of its log contain a text',
    description:
      'In the message or the data, whatever the case of ASCII letters. It looks at 100,000 lines at most: where `next` is not null there are more behind it.',
    params,
    query: z.object({
      text: z.string().min(1).max(200),
      step: queryNumber.optional(),
      cursor: pagedByNumber().cursor,
    }),
    result: z.object({ ids: z.array(z.int()).describe('Of the lines, in their order.'), next }),
  }),
  checks: route({
    method: 'get',
    path: '/runs/{run}/checks',
    permission: 'runs:read',
    summary: 'What its checks came to',
    params,
    query: z.object(pagedByNumber()),
    result: z.object({ checks: z.array(checkResult), next }),
  }),
  made: route({
    method: 'get',
    path: '/runs/{run}/made',
    permission: 'runs:read',
    summary: 'What it recorded of assets, the oldest first',
    params,
    query: z.object(pagedByNumber()),
    result: z.object({ records: z.array(materialization), next }),
  }),
  cancel: route({
    method: 'post',
    path: '/runs/{run}/cancel',
    permission: 'runs:cancel',
    summary: 'Ask a run to stop',
    params,
    result: z.object({ run }),
  }),
  resume: route({
    method: 'post',
    path: '/runs/{run}/resume',
    permission: 'runs:launch',
    summary: 'Let a crashed run go on from its last committed step',
    params,
    result: z.object({ run }),
  }),
  retry: route({
    method: 'post',
    path: '/runs/{run}/retry',
    permission: 'runs:launch',
    summary: 'A new run of the same: with what succeeded, from the start, of chosen steps, or with other params',
    params,
    body: z.object({
      from: z.enum(['failure', 'start']).default('failure'),
      steps: z
        .array(z.string().min(1).max(1000))
        .max(1000)
        .exactOptional()
        .describe('Steps that run again though they succeeded: numbers, names, or "name key". Of assets, only these.'),
      alone: z.string().min(1).max(1000).exactOptional().describe('Only this step, with the arguments that it had.'),
      params: json
        .exactOptional()
        .describe(
          'Other ones than it had, of a flow or a task. From the failure, calls of tasks and flows with the same arguments are taken over; a `step()` and a call with a key run again, as they may come from the params.',
        ),
    }),
    result: z.object({ run }),
    status: 201,
  }),
  answer: route({
    method: 'post',
    path: '/runs/{run}/answer',
    permission: 'runs:answer',
    summary: 'Answer what a run asks a person',
    params,
    body: z.object({
      request: z
        .string()
        .exactOptional()
        .describe('The name of the approval; may be left out where it asks for one only.'),
      value: json.describe('What the approval asks for.'),
      by: z.string().min(1).max(200),
    }),
    result: z.object({ answered: z.boolean() }),
  }),
}
