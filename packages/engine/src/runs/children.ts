import {
  type FlowDefinition,
  type JobDefinition,
  type Run,
  type RunId,
  SluiceError,
  decode,
  encode,
  fromStoredError,
  isTerminalRun,
  resolveLaunch,
  runLimitsOf,
  snapshotOf,
} from '@sluice/core'
import { planLaunch } from '../launches/plan.ts'
import { type Frame, signalOf } from '../steps/frame.ts'
import { type StepSpec, recordResult } from '../steps/perform.ts'
import { stale } from '../steps/within.ts'
import type { Store } from '../store/ports.ts'
import type { ValuePlaces } from '../values/places.ts'
import { parseParams } from './params.ts'
import type { Session } from './session.ts'
import { titleOf } from './launch.ts'
import { pause } from '../steps/pause.ts'

/** How often a run is looked at that somebody waits for. */
const pace = 100
/** How long a run waits in its process before it gives its slots back: a short child is not worth a new start. */
const patience = 300

/**
 * A run that a step launches, as its definition says: the same checks as a launch from outside.
 *
 * @throws SluiceError PARAMS_…, TARGET_UNKNOWN where the file does not export it, SELECTION_…, PARTITION_….
 */
export async function planChild(
  frame: Frame,
  definition: FlowDefinition | JobDefinition,
  given: unknown,
): Promise<Run> {
  const { session, entry } = frame
  const { run, store, definitions, clock } = session
  const all = snapshotOf(definitions)
  // A job may be called as its flow is.
  const snapshot = definition.kind === 'flow' ? { ...all, jobs: [] } : all
  const { target, params, partition: slice } = resolveLaunch(definition, given)
  const cause = { by: 'flow', name: run.name, parent: { run: run.id, step: entry.step } } as const
  const common = { target: definition.name, cause } as const
  const { location } = run.terms!
  const plan = (request: Parameters<typeof planLaunch>[0]['request']): Promise<Run> =>
    planLaunch({ store, location, snapshot, request, now: clock.now() })
  if (!isFlow(target)) {
    const { partition } = (params ?? {}) as { partition?: string }
    return plan({ ...common, ...(partition !== undefined && { partition }) })
  }
  const parsed = await parseParams(target, params)
  return plan({
    ...common,
    ...(slice !== undefined && { partition: slice }),
    params: params === undefined ? null : encode(params, { code: 'ARGUMENT_NOT_STORABLE' }),
    title: titleOf(target.options.runName, parsed),
    tags: Object.fromEntries((target.options.tags ?? []).map((tag) => [tag, ''])),
    limits: runLimitsOf(definition, parsed),
  })
}

const isFlow = (target: ReturnType<typeof resolveLaunch>['target']): target is FlowDefinition =>
  typeof target === 'function' && (target as { readonly kind?: string }).kind === 'flow'

/** Waits for a run, durably: where nothing else goes on in its own run, that one gives its slots back meanwhile. */
export function resultSpec(id: RunId): StepSpec {
  return {
    kind: 'step',
    name: `result of ${id}`,
    base: `result:${id}`,
    key: null,
    keyed: false,
    args: null,
    upstream: null,
    retries: undefined,
    timeout: undefined,
    limits: [],
    tags: [],
    body: (frame) => waitInStep(frame, id),
    record: recordResult,
  }
}

async function waitInStep(frame: Frame, id: RunId): Promise<unknown> {
  const { session } = frame
  const waiting = waitingIn(session)
  frame.row = { ...frame.row, state: 'waiting', waitingFor: { for: 'child', run: id } }
  waiting.add(frame)
  const since = performance.now()
  try {
    return await resultOf(session, id, signalOf(frame), async () => {
      if (performance.now() - since > patience && isIdle(session, waiting)) await suspend(session, id)
    })
  } finally {
    waiting.delete(frame)
  }
}

/**
 * What a run returned, once it has ended.
 *
 * @param meanwhile Called after each look that found it going on.
 * @throws SluiceError RUN_UNKNOWN, RUN_FAILED, RUN_CANCELED; the reason of the signal.
 */
export async function resultOf(
  { store, values }: { readonly store: Store; readonly values: ValuePlaces },
  id: RunId,
  signal?: AbortSignal,
  meanwhile?: () => Promise<void>,
): Promise<unknown> {
  for (;;) {
    const run = await store.runs.get(id)
    if (!run) throw new SluiceError('RUN_UNKNOWN', `There is no run ${id}.`)
    if (isTerminalRun(run.state)) return await outcomeOf(run, values)
    await meanwhile?.()
    await pause(pace, signal)
  }
}

async function outcomeOf({ id, name, state, result, error }: Run, values: ValuePlaces): Promise<unknown> {
  if (state === 'succeeded') {
    if (result === null) return undefined
    return 'inline' in result ? decode(result.inline) : await values.readResult(result)
  }
  const code = state === 'canceled' ? 'RUN_CANCELED' : 'RUN_FAILED'
  throw new SluiceError(code, `Run ${id} of "${name}" ${state === 'canceled' ? 'was canceled' : state}.`, {
    ...(error && { cause: fromStoredError(error) }),
    hint: `sluice runs show ${id}`,
  })
}

const byRun = new WeakMap<Session, Set<Frame>>()

/** The steps of a run that wait for other runs. */
function waitingIn(session: Session): Set<Frame> {
  const waiting = byRun.get(session) ?? new Set()
  byRun.set(session, waiting)
  return waiting
}

/** Does everything in the run wait for other runs? A call that has not come back goes on somewhere. */
function isIdle({ running, run, stopped }: Session, waiting: ReadonlySet<Frame>): boolean {
  if (run.terms === null || stopped) return false
  return running.all().every((frame) => (frame.children === 0 ? waiting.has(frame) : frame.inFlight === frame.children))
}

/** Back to the queue, behind the other run; this process stops. The journal has everything that was done. */
async function suspend(session: Session, child: RunId): Promise<void> {
  const { run, outbox, clock } = session
  session.flushLogs()
  await outbox.flush()
  const back = { change: 'run.requeue', run: run.id, epoch: run.epoch, until: null, child, at: clock.now() } as const
  const done = await outbox.add(back)
  session.stop(
    done.ok ? new SluiceError('RUN_WAITS', `Run ${run.id} goes on when run ${child} has ended.`) : stale(run.id),
  )
}
