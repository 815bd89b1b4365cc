import { calling } from '../calls/calling.ts'
import { type Place, place } from '../definitions/place.ts'
import { SluiceError } from '../errors/sluice-error.ts'
import { type Launchable, type LaunchArgs, launched } from '../jobs/job.ts'
import { type RunLimits, type TermOptions } from '../runs/terms.ts'
import type { Awaitable, Empty, In, Out, Schema } from '../schema.ts'
import type { StoredError } from '../values/stored.ts'
import type { Retries } from '../steps/retry.ts'
import { checkTaskOptions } from '../tasks/task.ts'
import type { Duration } from '../time/duration.ts'

/** What a hook is told. */
export interface FlowEnd<P = unknown> {
  readonly run: string
  readonly flow: string
  readonly params: P
  readonly state: 'succeeded' | 'failed' | 'crashed' | 'canceled'
  readonly error: StoredError | undefined
}

export interface FlowOptions<S> extends TermOptions {
  readonly description?: string
  /** Validates the params, fills in defaults, and draws the form. */
  readonly params?: S
  /** The run's title: `sync {region} since {since}`; each `{name}` is a param. */
  readonly runName?: string
  readonly tags?: readonly string[]
  /** Of the whole flow: it runs again from its top, and finds the steps that succeeded done. */
  readonly retries?: number | Retries
  readonly timeout?: Duration
  /** Called inside another flow, it is a step that waits for them; launched, it is a run that does. */
  readonly limit?: RunLimits<Out<S>>
  readonly onSuccess?: (end: FlowEnd<Out<S>>) => unknown
  readonly onFailure?: (end: FlowEnd<Out<S>>) => unknown
  /** Called when a crashed run is found, by the process that finds it and has the code loaded. */
  readonly onCrash?: (end: FlowEnd<Out<S>>) => unknown
  readonly onCancel?: (end: FlowEnd<Out<S>>) => unknown
}

export interface FlowDefinition {
  readonly kind: 'flow'
  readonly name: string
  readonly options: FlowOptions<Schema | undefined>
  readonly run: (params: unknown) => unknown
  readonly place: Place
}

/** A task that can be launched by itself, with params. Called inside a flow it is a subtree of the same run. */
export interface Flow<P, T> extends Launchable<P, T>, Omit<FlowDefinition, 'run'> {
  (...params: LaunchArgs<P>): Promise<T>
  readonly run: (params: unknown) => Awaitable<T>
}

/**
 * A tracked, resumable function. Killed in the middle and run again, it starts from its top, and every step that was
 * committed returns its recorded outcome instead of running. It fails when its function throws; a failed step that is
 * caught does not fail it, and one that nobody awaited is a warning.
 */
export function flow<T>(name: string, run: () => Awaitable<T>): Flow<Empty, T>
export function flow<T, S extends Schema | undefined = undefined>(
  name: string,
  options: FlowOptions<S>,
  run: (params: Out<S>) => Awaitable<T>,
): Flow<S extends Schema ? In<S> : Empty, T>
// oxlint-disable-next-line no-explicit-any -- the implementation behind the typed overloads
export function flow(name: string, a: any, b?: any): any {
  const [options, run] = typeof a === 'function' ? [{}, a] : [a, b]
  if (typeof run !== 'function')
    throw new SluiceError('DEFINITION_INVALID', `Flow "${name}" has no function: flow(name, options, function).`)
  checkTaskOptions(`Flow "${name}"`, options)
  const call = (params?: unknown): Promise<unknown> => calling(`Flow "${name}"`).flow(call as never, params)
  const launch = (params?: unknown): Promise<unknown> =>
    launched(calling(`Flow "${name}"`).launch(call as never, params))
  const extras = { launch, kind: 'flow', name, options: Object.freeze({ ...options }), run, place: place() }
  for (const [key, value] of Object.entries(extras)) Object.defineProperty(call, key, { value, enumerable: true })
  return Object.freeze(call)
}
