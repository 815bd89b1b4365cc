import { calling } from '../calls/calling.ts'
import { type Place, place } from '../definitions/place.ts'
import { SluiceError } from '../errors/sluice-error.ts'
import type { Limit } from '../limits/limit.ts'
import { type TermOptions, checkTerms } from '../runs/terms.ts'
import type { Awaitable, OneOrMore } from '../schema.ts'
import type { Retries } from '../steps/retry.ts'
import { checkRetries } from '../steps/retry.ts'
import { type Duration, milliseconds } from '../time/duration.ts'
import { noteIsolated } from './isolated.ts'
import { type MapOptions, type Results, mapCalls } from './map.ts'
import { type Outcome, settle } from './outcome.ts'

export interface CacheOptions {
  /** How long a result is reused. Default: for ever. */
  readonly for?: Duration
  /** Part of the key besides the inputs: change it when the code changes its meaning. Default: the task's own source text. */
  readonly version?: string
  /** Run even where there is a result, and store the new one. */
  readonly refresh?: boolean
}

// oxlint-disable-next-line no-explicit-any -- the arguments of any task
export interface TaskOptions<A extends readonly any[] = any[]> extends TermOptions {
  readonly description?: string
  /** How often it is tried again after a failure, and when. Default: never. */
  readonly retries?: number | Retries
  /** Of one attempt. It fails with `STEP_TIMEOUT` and its signal is aborted. Default: none. */
  readonly timeout?: Duration
  /** What makes a call the same call on a replay, instead of the hash of its arguments. */
  readonly key?: (...args: A) => string
  readonly limit?: OneOrMore<Limit> | ((...args: A) => OneOrMore<Limit>)
  readonly tags?: readonly string[]
  /** `'process'`: in a process of its own, for work that blocks the event loop. It may call no other step. */
  readonly isolate?: 'process'
  /** Reuses the result of an earlier success with equal arguments, of any run. `true` is `{}`. Default: no. */
  readonly cache?: boolean | CacheOptions
}

// oxlint-disable-next-line no-explicit-any -- any function at all
export type Fn = (...args: any[]) => any
/** `F` itself when it is async: generics, overloads, parameter names and docs survive. */
// oxlint-disable-next-line no-explicit-any -- any function at all
type Callable<F extends Fn> = F extends (...args: any[]) => Promise<any>
  ? F
  : (...args: Parameters<F>) => Promise<ReturnType<F>>
// oxlint-disable-next-line no-explicit-any -- any function at all
type Rest<F extends Fn> = Parameters<F> extends [any, ...infer R] ? R : []
type R1<F extends Fn> = Awaited<ReturnType<F>>
type First<F extends Fn> = Parameters<F>[0]

interface Calls<F extends Fn> {
  /** The same task with other options; those given replace the task's own. */
  with(options: TaskOptions<Parameters<F>>): Task<F>
  /** One call for each item. Awaited: every result in the order of the items. Iterated: each as it comes. */
  map(
    items: Iterable<First<F>> | AsyncIterable<First<F>>,
    ...options: [] extends Rest<F>
      ? [options?: MapOptions<First<F>>]
      : [options: MapOptions<First<F>> & { rest: Rest<F> }]
  ): Results<R1<F>>
}
type Settled<F extends Fn> = (...args: Parameters<F>) => Promise<Outcome<R1<F>>>

/** A task as plain data and its function: what the engine gets. */
export interface TaskDefinition {
  readonly kind: 'task'
  readonly name: string
  readonly options: TaskOptions
  readonly run: Fn
  readonly place: Place
  /** Made by `step()`: no definition of its own, its name is known only where it is called. */
  readonly inline: boolean
}

/** `.settled` is the same task, giving an `Outcome` where it would throw: `page.settled(1)`, `page.settled.map(…)`. */
export type Task<F extends Fn> = Callable<F> &
  Calls<F> & { readonly settled: Settled<F> & Pick<Calls<Settled<F>>, 'map'> } & Omit<TaskDefinition, 'run'> & {
    readonly run: F
  }

/**
 * A function whose calls are tracked, retried and cached, and never repeated once they are committed. An existing
 * function drops in and keeps its own type. Arguments and result must be storable (see `encode`), or the task gives a
 * `key`. Called outside a flow it is a run of its own.
 */
export function task<F extends Fn>(name: string, run: F): Task<F>
export function task<F extends Fn>(name: string, options: TaskOptions<Parameters<NoInfer<F>>>, run: F): Task<F>
export function task<F extends Fn>(name: string, a: F | TaskOptions, b?: F): Task<F> {
  const [options, run] = typeof a === 'function' ? [{}, a] : [a, b as F]
  if (typeof run !== 'function')
    throw new SluiceError('DEFINITION_INVALID', `Task "${name}" has no function: task(name, options, function).`)
  return define(name, options, run, place())
}

function define<F extends Fn>(name: string, options: TaskOptions, run: F, at: Place): Task<F> {
  checkTaskOptions(`Task "${name}"`, options)
  const definition: TaskDefinition = Object.freeze({
    kind: 'task',
    name,
    options: Object.freeze({ ...options }),
    run,
    place: at,
    inline: false,
  })
  if (options.isolate === 'process') noteIsolated(definition)
  const call = (...args: unknown[]): Promise<unknown> => calling(`Task "${name}"`).task(definition, args, undefined)
  const keyed = (args: readonly unknown[], key: string | undefined): Promise<unknown> =>
    calling(`Task "${name}"`).task(definition, args, key)
  const settled = (...args: unknown[]): Promise<Outcome<unknown>> => settle(call(...args))
  Object.assign(settled, {
    map: (items: Iterable<unknown>, o?: MapOptions<unknown>) =>
      mapCalls((args, key) => settle(keyed(args, key)), items, o),
  })
  const extras = {
    ...definition,
    with: (more: TaskOptions) => define(name, { ...options, ...more }, run, at),
    map: (items: Iterable<unknown>, o?: MapOptions<unknown>) => mapCalls(keyed, items, o),
    settled: Object.freeze(settled),
  }
  for (const [key, value] of Object.entries(extras)) Object.defineProperty(call, key, { value, enumerable: true })
  return Object.freeze(call) as unknown as Task<F>
}

/** Refuses what cannot work when it is defined, not when it runs. */
export function checkTaskOptions(whose: string, options: Pick<TaskOptions, 'retries' | 'timeout'> & TermOptions): void {
  checkTerms(whose, options)
  if (options.retries !== undefined) checkRetries(whose, options.retries)
  if (options.timeout !== undefined) milliseconds(options.timeout)
}

/**
 * One tracked, journaled step, inline: for clocks, random numbers, reads, anything whose result must be the same when
 * the flow is replayed. `name` is what the journal calls it; equal names in one place are told apart by their order.
 */
export function step<T>(name: string, run: () => Awaitable<T>): Promise<T>
export function step<T>(name: string, options: TaskOptions<[]>, run: () => Awaitable<T>): Promise<T>
export function step<T>(name: string, a: (() => Awaitable<T>) | TaskOptions<[]>, b?: () => Awaitable<T>): Promise<T> {
  const [options, run] = typeof a === 'function' ? [{}, a] : [a, b as () => Awaitable<T>]
  checkTaskOptions(`Step "${name}"`, options)
  const definition: TaskDefinition = { kind: 'task', name, options, run, place: inlinePlace, inline: true }
  return calling(`Step "${name}"`).task(definition, [], undefined) as Promise<T>
}

const inlinePlace: Place = Object.assign(() => undefined, { files: () => [] })

/** Waits, durably: a replay does not wait again. Never race a step against a plain timer: it does not replay. */
export function sleep(duration: Duration): Promise<void> {
  return calling('sleep()').sleep(milliseconds(duration))
}
