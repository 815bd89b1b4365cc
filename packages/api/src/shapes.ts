import type {
  CheckResult,
  LogLine,
  Materialization,
  Run,
  SluiceEvent,
  Step,
  StoredError,
  StoredValue,
  TickRecord,
  WaitingFor,
} from '@sluice/core'
import { asIs, json, z } from './route.ts'

/** Milliseconds since 1970. */
export const time = z.int().describe('Milliseconds since 1970.')
/** What the code was taken from; null where that is no repository. */
export const git = z.object({ commit: z.string(), dirty: z.boolean(), message: z.string().nullable() }).nullable()
const nullable = <S extends z.ZodType>(schema: S) => schema.nullable()
const strings = z.record(z.string(), z.string())

export const storedError: z.ZodType<StoredError> = z
  .object({
    name: z.string(),
    code: z.string(),
    message: z.string(),
    hint: z.string().exactOptional(),
    stack: z.string().exactOptional(),
    data: z.string().exactOptional(),
    cause: asIs<StoredError>('The error that caused it, of the same shape.').exactOptional(),
  })
  .openapi('Error')

export const storedValue: z.ZodType<StoredValue> = z
  .union([
    z.object({ inline: z.string() }),
    z.object({ io: z.string(), ref: json, bytes: nullable(z.number()), rows: nullable(z.number()) }),
  ])
  .openapi('Value')

export const waitingFor: z.ZodType<WaitingFor> = z
  .discriminatedUnion('for', [
    z.object({ for: z.literal('time'), until: time }),
    z.object({
      for: z.literal('turn'),
      limit: z.string(),
      key: z.string().exactOptional(),
      since: time.exactOptional(),
      holders: z.array(z.string()).exactOptional(),
      until: time.exactOptional(),
    }),
    z.object({ for: z.literal('worker'), version: z.string().exactOptional() }),
    z.object({ for: z.literal('retry'), until: time }),
    z.object({ for: z.literal('upstream'), names: z.array(z.string()) }),
    z.object({ for: z.literal('person'), request: z.string() }),
    z.object({ for: z.literal('event'), event: z.string() }),
    z.object({ for: z.literal('child'), run: z.string() }),
  ])
  .openapi('WaitingFor')

export const runState = z.enum([
  'waiting',
  'starting',
  'running',
  'canceling',
  'succeeded',
  'failed',
  'crashed',
  'canceled',
])

const limitOptions = z.union([
  z.object({ atOnce: z.int(), full: z.enum(['wait', 'skip', 'cancel-oldest']).exactOptional() }),
  z.object({ rate: z.templateLiteral([z.number(), '/', z.enum(['s', 'm', 'h', 'd'])]) }),
])

const duration = z.templateLiteral([z.number(), z.enum(['ms', 's', 'm', 'h', 'd'])])

const runRetries = z.object({
  max: z.int(),
  delay: z.union([duration, z.array(duration)]).exactOptional(),
  backoff: z.enum(['fixed', 'linear', 'exponential', 'doubling']).exactOptional(),
  jitter: z.union([z.number(), z.enum(['full', 'plus-minus'])]).exactOptional(),
  from: z.enum(['failure', 'start']).exactOptional(),
})

export const run: z.ZodType<Run> = z
  .object({
    id: z.string(),
    state: runState,
    waitingFor: nullable(waitingFor),
    epoch: z.int(),
    target: z.union([
      z.object({ kind: z.enum(['flow', 'task']), name: z.string() }),
      z.object({
        kind: z.literal('assets'),
        selection: z.string(),
        assets: z.array(z.string()),
        partitions: nullable(z.array(z.string())).describe('Of all assets together.'),
        partitionsOf: z
          .record(z.string(), z.array(z.string()))
          .exactOptional()
          .describe('Of each of these only so many of them.'),
      }),
      z.object({
        kind: z.literal('checks'),
        selection: z.string(),
        assets: z.array(z.string()),
        checks: z.array(z.string()),
        partitions: nullable(z.array(z.string())),
      }),
    ]),
    name: z.string(),
    title: nullable(z.string()),
    params: nullable(z.string()),
    tags: strings,
    entry: nullable(z.string()),
    codeVersion: nullable(z.string()),
    owner: nullable(z.string()),
    job: nullable(z.string()),
    terms: nullable(
      z.object({
        location: z.string(),
        pool: z.string(),
        priority: z.int(),
        limits: z.array(z.object({ name: z.string(), key: nullable(z.string()), options: limitOptions })),
        maxDuration: nullable(z.number()),
        memory: nullable(z.number()),
        maxResumes: z.int(),
        runRetries: runRetries.exactOptional(),
        env: strings.exactOptional(),
        onCodeChange: z.enum(['resume', 'wait', 'fail']),
      }),
    ),
    cause: z.object({
      by: z.enum(['person', 'schedule', 'sensor', 'condition', 'backfill', 'flow', 'retry', 'report']),
      name: z.string().exactOptional(),
      retry: z.int().exactOptional(),
      scheduledFor: time.exactOptional(),
      parent: z.object({ run: z.string(), step: z.int() }).exactOptional(),
    }),
    owners: z.array(z.string()),
    retryOf: nullable(z.string()),
    resumes: z.int(),
    cancelRequested: z.boolean(),
    error: nullable(storedError),
    result: nullable(storedValue),
    createdAt: time,
    startedAt: nullable(time),
    endedAt: nullable(time),
  })
  .openapi('Run')

export const step: z.ZodType<Step> = z
  .object({
    run: z.string(),
    step: z.int(),
    parent: z.int(),
    kind: z.enum(['flow', 'task', 'step', 'asset', 'assets', 'check']),
    name: z.string(),
    identity: z.string(),
    key: nullable(z.string()),
    state: z.enum(['waiting', 'running', 'succeeded', 'failed', 'skipped', 'upstream_failed', 'canceled']),
    waitingFor: nullable(waitingFor),
    attempt: z.int(),
    epoch: z.int(),
    floor: z.int(),
    seq: nullable(z.int()),
    after: z.int(),
    tracked: z.boolean(),
    startedAt: nullable(time),
    endedAt: nullable(time),
    args: nullable(z.string()),
    upstream: nullable(z.array(z.int())),
    result: nullable(storedValue),
    error: nullable(storedError),
    reason: nullable(z.string()),
    cachedFrom: nullable(z.object({ run: z.string(), step: z.int() })),
    tags: z.array(z.string()),
  })
  .openapi('Step')

export const logLine: z.ZodType<LogLine> = z
  .object({
    id: z.int(),
    run: z.string(),
    step: z.int(),
    attempt: z.int(),
    at: time,
    level: z.enum(['debug', 'info', 'warn', 'error', 'stdout', 'stderr']),
    message: z.string(),
    data: nullable(z.string()),
  })
  .openapi('LogLine')

/** Typed facts; `core` says what each kind holds. */
const metadata = z.record(
  z.string(),
  asIs<Materialization['metadata'][string]>('A typed fact: `type`, and what it holds.'),
)

export const materialization: z.ZodType<Materialization> = z
  .object({
    id: z.int(),
    kind: z.enum(['materialization', 'observation', 'wiped']),
    asset: z.string(),
    partition: nullable(z.string()),
    run: z.string(),
    step: z.int(),
    attempt: z.int(),
    at: time,
    value: nullable(storedValue),
    dataVersion: z.string(),
    codeVersion: nullable(z.string()),
    inputVersions: nullable(strings),
    metadata,
  })
  .openapi('Materialization')

export const checkResult: z.ZodType<CheckResult> = z
  .object({
    id: z.int(),
    asset: z.string(),
    check: z.string(),
    partition: nullable(z.string()),
    run: z.string(),
    step: z.int(),
    at: time,
    passed: nullable(z.boolean()),
    severity: z.enum(['warn', 'error']),
    blocking: z.boolean(),
    metadata,
  })
  .openapi('CheckResult')

export const event: z.ZodType<SluiceEvent> = z
  .object({
    id: z.int(),
    type: z.custom<SluiceEvent['type']>((value) => typeof value === 'string').openapi({ type: 'string' }),
    at: time,
    run: nullable(z.string()),
    step: nullable(z.int()),
    asset: nullable(z.string()),
    partition: nullable(z.string()),
    data: json,
  })
  .openapi('Event')

export const tick: z.ZodType<TickRecord> = z
  .object({
    id: z.int(),
    kind: z.enum(['schedule', 'sensor']),
    location: z.string(),
    name: z.string(),
    scheduledFor: time,
    decidedAt: time,
    outcome: z.enum(['launched', 'skipped', 'failed', 'missed']),
    reason: nullable(z.string()),
    error: nullable(storedError),
    runs: z.array(z.string()),
    count: z.int(),
  })
  .openapi('Tick')
