import type { CheckResult, LogLine, Materialization, Run, RunTerms, SluiceEvent, Step } from '@sluice/core'
import type { Change } from '../changes.ts'
import type { Store } from '../ports.ts'

/** What every part of the contract is given: a store that is open and empty. */
export type WithStore = () => Store

/** The id of the nth run that was made. */
export const id = (nth: number): string => `r${String(nth).padStart(20, '0')}`

/** A run that waits for a worker: the nth, or of an id. */
export function aRun(which: number | string, over: Partial<Run> = {}): Run {
  return {
    id: typeof which === 'string' ? which : id(which),
    state: 'waiting',
    waitingFor: { for: 'worker' },
    epoch: 0,
    target: { kind: 'flow', name: 'sync' },
    name: 'sync',
    title: null,
    params: null,
    tags: {},
    entry: 'flows.ts',
    codeVersion: null,
    owner: null,
    job: null,
    terms: null,
    cause: { by: 'person' },
    owners: [],
    retryOf: null,
    resumes: 0,
    cancelRequested: false,
    error: null,
    result: null,
    createdAt: 1000 + (typeof which === 'string' ? 0 : which),
    startedAt: null,
    endedAt: null,
    ...over,
  }
}

/** A step that has succeeded. */
export function aStep(run: string, step: number, over: Partial<Step> = {}): Step {
  return {
    run,
    step,
    parent: 0,
    kind: 'task',
    name: 'page',
    identity: `page:hash:${step}`,
    key: null,
    state: 'succeeded',
    waitingFor: null,
    attempt: 1,
    epoch: 1,
    floor: 0,
    seq: step,
    after: 0,
    tracked: true,
    startedAt: 2000,
    endedAt: 2001,
    args: null,
    upstream: null,
    result: { inline: String(step) },
    error: null,
    reason: null,
    cachedFrom: null,
    tags: [],
    ...over,
  }
}

export function aMaterialization(run: string, step: number, over: Partial<Materialization> = {}): Materialization {
  return {
    id: 0,
    kind: 'materialization',
    asset: 'orders',
    partition: null,
    run,
    step,
    attempt: 1,
    at: 3000,
    value: { inline: '1' },
    dataVersion: 'v1',
    codeVersion: null,
    inputVersions: {},
    metadata: {},
    ...over,
  }
}

export function aCheck(run: string, step: number, over: Partial<CheckResult> = {}): CheckResult {
  return {
    id: 0,
    asset: 'orders',
    check: 'has_rows',
    partition: null,
    run,
    step,
    at: 3000,
    passed: true,
    severity: 'error',
    blocking: true,
    metadata: {},
    ...over,
  }
}

export function aLine(run: string, message: string, over: Partial<LogLine> = {}): LogLine {
  return { id: 0, run, step: 0, attempt: 1, at: 4000, level: 'info', message, data: null, ...over }
}

export function anEvent(over: Partial<SluiceEvent> = {}): SluiceEvent {
  return {
    id: 0,
    type: 'run.warning',
    at: 5000,
    run: null,
    step: null,
    asset: null,
    partition: null,
    data: null,
    ...over,
  }
}

export const create = (which: number | string, over: Partial<Run> = {}): Change => ({
  change: 'run.create',
  run: aRun(which, over),
})

/** Terms of a run that waits for a worker of the pool `default`. */
export const terms = (over: Partial<RunTerms> = {}): RunTerms => ({
  location: 'main',
  pool: 'default',
  priority: 0,
  limits: [],
  maxDuration: null,
  memory: null,
  maxResumes: 3,
  onCodeChange: 'resume',
  ...over,
})

/** A run in the queue. */
export const queued = (nth: number, over: Partial<RunTerms> = {}, run: Partial<Run> = {}): Change =>
  create(nth, { terms: terms(over), ...run })

export const deliver = (nth: number, capacity = 10, at = 1200, epoch = 0): Change => ({
  change: 'run.deliver',
  run: id(nth),
  epoch,
  capacity,
  at,
})

export const claim = (run: string, from = 0, owner = 'o1'): Change => ({
  change: 'run.claim',
  run,
  from,
  owner,
  at: 1500,
  codeVersion: 'c1',
})

export function end(
  run: string,
  epoch: number,
  state: 'succeeded' | 'failed' | 'crashed' | 'canceled',
  at = 9000,
): Change {
  const error = state === 'failed' ? { name: 'Error', code: 'STEP_FAILED', message: 'no' } : null
  return { change: 'run.end', run, epoch, state, error, result: null, at }
}

export const record = (step: Step, epoch = 1): Change => ({ change: 'step.record', epoch, step })

/** Makes a run and claims it: it is running in epoch 1. Gives its id. */
export async function running(store: Store, nth: number, over: Partial<Run> = {}): Promise<string> {
  await store.commit([create(nth, over), claim(id(nth))])
  return id(nth)
}

export const ok = { ok: true } as const
export const drop = (code: string) => ({ ok: false, code })
export const types = (events: readonly SluiceEvent[]): string[] => events.map((event) => event.type)
