import {
  type AnyAsset,
  type ApprovalRequest,
  type Calls,
  type CurrentRun,
  type CurrentStep,
  type Flow,
  type FlowDefinition,
  type Limit,
  type LogLevel,
  type Run,
  type TaskDefinition,
  SluiceError,
  canonical,
  encode,
  hash,
} from '@sluice/core'
import { type Answer, askPerson } from '../approvals/ask.ts'
import { type Frame, frames, signalOf } from '../steps/frame.ts'
import { type StepSpec, performStep } from '../steps/perform.ts'
import { taskSpec } from '../tasks/spec.ts'
import { resultsIn } from '../tasks/lineage.ts'
import { planChild, resultSpec } from './children.ts'
import { runHook } from './hooks.ts'
import { parseParams } from './params.ts'
import { waitOn } from './session.ts'

/** What calls mean where no run is going on: in a script they start one. */
export interface Outside {
  task(definition: TaskDefinition, args: readonly unknown[]): Promise<unknown>
  flow(definition: FlowDefinition, params: unknown): Promise<unknown>
  log(level: LogLevel, message: string, fields: Readonly<Record<string, unknown>> | undefined): void
  load(asset: AnyAsset, partition: string | undefined): Promise<unknown>
  partitions: Calls['partitions']
  /** Starts a run of its own; absent where this process executes one run only. */
  launch?: Calls['launch']
  /** Of a run of its own; the same holds. */
  result?: Calls['result']
  /** An answer that is there before anybody is asked. */
  answer?(request: ApprovalRequest): Answer | undefined
}

/** The engine behind the SDK's port: inside a run calls are steps, outside one they are what `outside` makes of them. */
export function createCalls(outside: Outside): Calls {
  const inside = (what: string): Frame => {
    const frame = frames.getStore()
    if (frame) return frame
    throw new SluiceError('RUN_REQUIRED', `${what} works only inside a run.`, {
      hint: 'Call it in a task, a flow or an asset.',
    })
  }
  return {
    task(definition, args, key) {
      const frame = frames.getStore()
      if (frame) {
        try {
          return performStep(frame, taskSpec(frame.session, definition, args, key))
        } catch (error) {
          return Promise.reject(error instanceof Error ? error : new Error(String(error)))
        }
      }
      if (!definition.inline) return outside.task(definition, args)
      return Promise.reject(
        new SluiceError('RUN_REQUIRED', `step('${definition.name}', …) works only inside a flow, a task or an asset.`, {
          hint: `Outside one, make it a task: task('${definition.name}', …).`,
        }),
      )
    },
    flow(definition, params) {
      const frame = frames.getStore()
      if (!frame) return outside.flow(definition, params)
      try {
        return performStep(frame, flowSpec(definition, params, frame))
      } catch (error) {
        return Promise.reject(error instanceof Error ? error : new Error(String(error)))
      }
    },
    launch: (definition, params) => launchFrom(frames.getStore(), outside, definition, params),
    result: async (run) => {
      if (!frames.getStore() && outside.result) return outside.result(run)
      return performStep(inside('result()'), resultSpec(run))
    },
    approval: async (request) => askPerson(inside(`approval('${request.name}')`), request, outside.answer?.(request)),
    use: async (resource) => {
      const frame = inside('use()')
      return frame.session.resources.open(resource, frame)
    },
    hold: (limit, slots) => hold(limit, slots, inside),
    sleep: async (ms) => performStep(inside('sleep()'), sleepSpec(ms)) as Promise<void>,
    log(level, message, fields) {
      const frame = frames.getStore()
      if (!frame) return outside.log(level, message, fields)
      const { session, entry, attempt } = frame
      const replayed = session.logged.get(entry.step) ?? 0
      if (replayed > 0 && frame.row.kind === 'flow') return void session.logged.set(entry.step, replayed - 1)
      session.log({
        step: entry.step,
        attempt,
        at: session.clock.now(),
        level,
        message,
        data: fields ? fieldsText(fields) : null,
      })
    },
    run: () => currentRun(frames.getStore()),
    step: () => currentStep(frames.getStore()),
    load: outside.load,
    partitions: outside.partitions,
  }
}

type Child = Awaited<ReturnType<Calls['launch']>>

function launchFrom(
  frame: Frame | undefined,
  outside: Outside,
  definition: Parameters<Calls['launch']>[0],
  params: unknown,
): Promise<Child> {
  const { name } = definition
  const start = (): Promise<Child> => {
    if (outside.launch) return outside.launch(definition, params)
    const error = new SluiceError(
      'RUN_REQUIRED',
      `"${name}" cannot be launched from a run that a command executes: it has no worker to give it to.`,
      {
        hint: `Await ${name}(…) in this run, launch it from a script of your own, or start sluice dev.`,
      },
    )
    return Promise.reject(error)
  }
  if (!frame) return start()
  const text = params === undefined ? '' : hash(canonical(params, { code: 'ARGUMENT_NOT_STORABLE' }))
  const spec = {
    ...plain,
    kind: 'step',
    name: `launch ${name}`,
    base: `launch ${name}:${text}`,
    key: null,
    keyed: false,
  } as const
  if (frame.session.run.terms === null) return performStep(frame, { ...spec, body: start }) as Promise<Child>
  // The run exists when the step is committed, and not before: there is never a second one.
  return performStep(frame, {
    ...spec,
    body: (inside) => planChild(inside, definition, params),
    record(run) {
      const child = run as Run
      const value: Child = { id: child.id }
      const changes = [{ change: 'run.create', run: child }] as const
      return { state: 'succeeded', result: { inline: encode(value) }, reason: null, changes, value }
    },
  }) as Promise<Child>
}

function fieldsText(fields: Readonly<Record<string, unknown>>): string {
  try {
    return encode(fields)
  } catch {
    return JSON.stringify(Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)])))
  }
}

function currentRun(frame: Frame | undefined): CurrentRun | undefined {
  const run = frame?.session.run
  return run && { id: run.id, name: run.name, resumes: run.resumes, tags: run.tags }
}

function currentStep(frame: Frame | undefined): CurrentStep | undefined {
  if (!frame || frame.entry.step === 0) return undefined
  return {
    name: frame.name,
    step: frame.entry.step,
    attempt: frame.attempt,
    get signal() {
      return signalOf(frame)
    },
  }
}

async function hold(limit: Limit, slots: number, inside: (what: string) => Frame): Promise<AsyncDisposable> {
  const here = inside(`${limit.name}.hold()`)
  const release = await here.session.limits.hold(here, limit, slots)
  return {
    [Symbol.asyncDispose]() {
      release()
      return Promise.resolve()
    },
  }
}

const plain = { args: null, upstream: null, retries: undefined, timeout: undefined, limits: [], tags: [] } as const

/** A durable wait. Its end is reckoned from when it was first asked for, so a resume waits only for what is left. */
function sleepSpec(ms: number): StepSpec {
  return {
    ...plain,
    kind: 'step',
    name: 'sleep',
    base: `sleep:${ms}`,
    key: null,
    keyed: false,
    body: (frame) =>
      new Promise<void>((resolve, reject) => {
        const signal = signalOf(frame)
        const since = frame.entry.row?.startedAt ?? frame.session.clock.now()
        const { clock } = frame.session
        const forget = waitOn(clock, Math.max(0, since + ms - clock.now()), resolve)
        const stop = (): void => {
          forget()
          reject(signal.reason as Error)
        }
        signal.addEventListener('abort', stop, { once: true })
      }),
  }
}

// oxlint-disable-next-line no-explicit-any -- any flow
function flowSpec(definition: Flow<any, any>, params: unknown, parent: Frame): StepSpec {
  const { name, options } = definition as unknown as FlowDefinition
  const upstream: number[] = []
  const onObject = resultsIn(parent.session.run.id, upstream)
  const text =
    params === undefined ? '' : encode(params, { code: 'ARGUMENT_NOT_STORABLE', ...(onObject && { onObject }) })
  const { session } = parent
  const hooked = options.onSuccess !== undefined || options.onFailure !== undefined
  return {
    ...plain,
    kind: 'flow',
    name,
    base: `${name}:${params === undefined ? '' : hash(canonical(params))}`,
    key: null,
    keyed: false,
    args: text !== '' && text.length <= 1_024 ? text : null,
    upstream: upstream.length > 0 ? upstream : null,
    retries: options.retries,
    timeout: options.timeout,
    limits: typeof options.limit === 'function' ? [] : [options.limit ?? []].flat(),
    tags: options.tags ?? [],
    body: (frame) => flowBody(frame, definition, params),
    ...(hooked && {
      committed: ({ state, error }) =>
        void runHook(session, definition, {
          params,
          state: state === 'failed' ? 'failed' : 'succeeded',
          error: error ?? undefined,
        }),
    }),
  }
}

/** A flow inside another: a limit that depends on its params is taken when they are known. */
async function flowBody(frame: Frame, definition: FlowDefinition, params: unknown): Promise<unknown> {
  const given = await parseParams(definition, params)
  const { limit } = definition.options
  if (typeof limit !== 'function') return definition.run(given)
  const release = await frame.session.limits.take(frame, [limit(given as never)].flat())
  try {
    return await definition.run(given)
  } finally {
    release()
  }
}
