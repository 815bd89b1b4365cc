import {
  type Empty,
  type Flow,
  type LogLine,
  type SluiceEvent,
  type Step,
  type StepKind,
  type StepState,
  decode,
  fromStoredError,
} from '@sluice/core'
import { type TestOptions, type World, executeFlow, inWorld } from './world.ts'

/** One step of a run, as a test looks at it. */
export interface TestStep {
  readonly name: string
  readonly kind: StepKind
  readonly state: StepState
  readonly key: string | null
  /** The step whose code called it: its index in `steps`; `null` for the flow itself. */
  readonly parent: number | null
  readonly attempts: number
  readonly value: unknown
  readonly error: Error | undefined
  /** Its result was there already. */
  readonly cached: boolean
}

interface Ended {
  /** In the order of their calls. */
  readonly steps: readonly TestStep[]
  readonly title: string | null
  readonly logs: readonly Pick<LogLine, 'level' | 'message' | 'data'>[]
  /** Codes of its warnings, such as `STEP_UNAWAITED`. */
  readonly warnings: readonly string[]
}

/** How a flow ended: test `state`, or `ok` with `value` and `error`. */
export type FlowOutcome<T> = Ended &
  (
    | { readonly ok: true; readonly state: 'succeeded'; readonly value: T; readonly error?: undefined }
    | {
        readonly ok: false
        readonly state: 'failed' | 'canceled' | 'stopped'
        readonly value?: undefined
        readonly error: Error
      }
  )

/** The params that the flow needs, then options: `runFlow(sync, { region: 'eu' }, { with: [db.fake(stub)] })`. */
export type RunFlowArgs<P> = Empty extends P ? [params?: P, options?: TestOptions] : [params: P, options?: TestOptions]

/**
 * Runs a flow as a run would, in memory: real journal, real retries, no waiting (a fake clock jumps over delays and
 * sleeps), nothing left behind. A failure is an outcome, not a throw.
 */
export async function runFlow<P, T>(
  flow: Flow<P, T>,
  ...[params, options = {}]: RunFlowArgs<P>
): Promise<FlowOutcome<T>> {
  return await inWorld(options, (world) => outcomeOf<T>(world, flow, params))
}

async function outcomeOf<T>(world: World, flow: unknown, params: unknown): Promise<FlowOutcome<T>> {
  const { run, end } = await executeFlow(world, flow as never, params)
  const rows = await stepsOf(world, run.id)
  const index = new Map(rows.map((row, at) => [row.step, at]))
  const steps: TestStep[] = []
  for (const row of rows) steps.push(await stepOf(world, row, index.get(row.parent) ?? null))
  const ended: Ended = {
    steps,
    title: run.title,
    logs: (await world.store.logs.list({ run: run.id })).map(({ level, message, data }) => ({ level, message, data })),
    warnings: (await world.store.events.list({ run: run.id })).flatMap(warningOf),
  }
  if (end.state === 'succeeded') return { ...ended, ok: true, state: end.state, value: end.value as T }
  return { ...ended, ok: false, state: end.state, error: end.error }
}

async function stepsOf(world: World, run: string): Promise<readonly Step[]> {
  const rows: Step[] = []
  for (let after = 0; ;) {
    const chunk = await world.store.steps.list(run, { after })
    if (chunk.length === 0) return rows
    rows.push(...chunk)
    after = chunk.at(-1)!.step
  }
}

async function stepOf(world: World, row: Step, parent: number | null): Promise<TestStep> {
  const { name, kind, state, key, attempt, result, error, cachedFrom } = row
  const value =
    result === null ? undefined : 'inline' in result ? decode(result.inline) : await world.values.readResult(result)
  return {
    name,
    kind,
    state,
    key,
    parent,
    attempts: attempt,
    value,
    error: error ? fromStoredError(error) : undefined,
    cached: cachedFrom !== null,
  }
}

function warningOf({ type, data }: SluiceEvent): string[] {
  return type === 'step.warning' || type === 'run.warning' ? [(data as { code: string }).code] : []
}
