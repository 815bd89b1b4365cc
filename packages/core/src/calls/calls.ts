import type { AnyAsset } from '../assets/asset.ts'
import type { ApprovalRequest } from '../approvals/approval.ts'
import type { Flow, FlowDefinition } from '../flows/flow.ts'
import type { JobDefinition } from '../jobs/job.ts'
import type { Limit } from '../limits/limit.ts'
import type { LogLevel } from '../logs/log-line.ts'
import type { RunId } from '../runs/run.ts'
import type { Resource } from '../resources/resource.ts'
import type { TaskDefinition } from '../tasks/task.ts'

export interface CurrentRun {
  readonly id: RunId
  readonly name: string
  /** How often this run was continued after a crash. */
  readonly resumes: number
  readonly tags: Readonly<Record<string, string>>
}

export interface CurrentStep {
  readonly name: string
  /** Its number in the run. */
  readonly step: number
  /** From 1. */
  readonly attempt: number
  /** Aborted on cancel and on timeout. */
  readonly signal: AbortSignal
}

/**
 * What the SDK asks of whoever runs the code: one port on `globalThis`, so that two copies of this package agree and
 * neither needs to know the engine.
 */
export interface Calls {
  /** A call of a task, or of an inline step (a task without parameters). Rejects with the decoded error. */
  task(definition: TaskDefinition, args: readonly unknown[], key: string | undefined): Promise<unknown>
  // oxlint-disable-next-line no-explicit-any -- any flow
  flow(definition: Flow<any, any>, params: unknown): Promise<unknown>
  /** Starts a run of its own; resolves when it exists, not when it ends. */
  launch(definition: FlowDefinition | JobDefinition, params: unknown): Promise<{ readonly id: RunId }>
  /** What a run returned, once it has ended; rejects where it ended otherwise. */
  result(run: RunId): Promise<unknown>
  /** Waits until a person answers; rejects where nobody could. */
  approval(request: ApprovalRequest): Promise<unknown>
  use(resource: Resource): Promise<unknown>
  hold(limit: Limit, slots: number): Promise<AsyncDisposable>
  sleep(ms: number): Promise<void>
  log(level: LogLevel, message: string, fields: Readonly<Record<string, unknown>> | undefined): void
  run(): CurrentRun | undefined
  step(): CurrentStep | undefined
  load(asset: AnyAsset, partition: string | undefined): Promise<unknown>
  partitions(name: string): {
    add(keys: readonly string[]): Promise<void>
    remove(keys: readonly string[]): Promise<void>
    keys(): Promise<string[]>
  }
}

const slot = Symbol.for('sluice.calls.v1')
const holder = globalThis as { [slot]?: Calls }

/** Who runs the code now; `undefined` where nobody does (a browser, a file that is only being read). */
export function currentCalls(): Calls | undefined {
  return holder[slot]
}

/** Puts an engine behind the SDK's calls; gives back what was there before. */
export function installCalls(calls: Calls | undefined): Calls | undefined {
  const before = holder[slot]
  if (calls) holder[slot] = calls
  else delete holder[slot]
  return before
}
