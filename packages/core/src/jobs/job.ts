import type { AnyAsset } from '../assets/asset.ts'
import { calling } from '../calls/calling.ts'
import { type Place, place } from '../definitions/place.ts'
import { SluiceError } from '../errors/sluice-error.ts'
import type { AnyPartitions, SliceOf } from '../partitions/kinds.ts'
import type { Configured } from '../resources/resource.ts'
import type { RunId } from '../runs/run.ts'
import { type RunLimits, type TermOptions, checkTerms } from '../runs/terms.ts'
import type { Empty } from '../schema.ts'

declare const takes: unique symbol
declare const sliced: unique symbol
declare const wrong: unique symbol
/** A mistake, told where it was made. */
interface WrongParam<Why extends string> {
  readonly [wrong]: Why
}
export type LaunchArgs<P> = Empty extends P ? [params?: P] : [params: P]

/** A run that was started, and goes on by itself. */
export interface Launched<T = unknown> {
  readonly id: RunId
  /**
   * What the run returned, once it has ended; rejects with `RUN_FAILED` or `RUN_CANCELED` where it ended otherwise.
   * Inside a flow this is a step: under a worker the flow gives its slots back while it waits, and goes on afterwards.
   */
  result(): Promise<T>
}

/** Adds what can be asked of a run to its id: a recorded launch is plain data. */
export async function launched(launching: Promise<{ readonly id: RunId }>): Promise<Launched> {
  const { id } = await launching
  return { id, result: () => calling('result()').result(id) }
}

/** What a run can be started from, with the params it takes. */
export interface Launchable<P, T = unknown> {
  readonly name: string
  readonly [takes]?: (params: P) => void
  /** Starts a run of its own and does not wait for it. Inside a flow the launch is a step: a replay launches no second one. */
  launch(...params: LaunchArgs<P>): Promise<Launched<T>>
}
// oxlint-disable-next-line no-explicit-any -- any target
export type Target = Launchable<any> | AnyAsset | string

/** Which checks of assets run, while nothing is made: all of them, or those of these names. */
export type OnlyChecks = 'all' | readonly string[]

export interface JobOptions<P = unknown> extends TermOptions {
  readonly description?: string
  /** Besides those of the target. */
  readonly limit?: RunLimits<P>
  readonly tags?: Readonly<Record<string, string>>
  readonly with?: readonly Configured[]
}

/** One object type instead of the way to it: what an error prints. */
type Flat<T> = T extends infer O ? { [N in keyof O]: O[N] } : never
type Remaining<P, D> = Flat<Omit<P, keyof D> & Partial<Pick<P, keyof D & keyof P>>>
type Exact<D, P> = {
  [N in keyof D]: N extends keyof P ? D[N] : WrongParam<`the target takes no param called ${N & string}`>
}

export interface JobDefinition {
  readonly kind: 'job'
  readonly name: string
  readonly options: JobOptions<never> & {
    readonly target: Target | readonly AnyAsset[]
    /** Of a partitioned job of a flow: what it takes for one slice. */
    readonly params?: Readonly<Record<string, unknown>> | ((slice: never) => unknown)
    readonly partitions?: AnyPartitions
    readonly onlyChecks?: OnlyChecks
  }
  readonly place: Place
}
export interface Job<P, T = unknown> extends Launchable<P, T>, JobDefinition {}
export interface AssetJob<P>
  extends Launchable<P extends AnyPartitions ? { partition?: string } : Empty>, JobDefinition {
  readonly partitions: P
}

/** A job of a flow that runs for one slice at a time: launched with the slice, which its params are made from. */
export interface SlicedJob<T> extends Launchable<{ readonly partition: string }, T>, JobDefinition {
  readonly [sliced]: true
}

/** A target with defaults: params (which become optional), pool, priority, limits, tags, configuration. */
export function job<P extends AnyPartitions | undefined = undefined>(
  name: string,
  options: JobOptions & {
    target: string | AnyAsset | readonly AnyAsset[]
    partitions?: P
    /** Tests the assets instead of making them. */
    onlyChecks?: OnlyChecks
  },
): AssetJob<P>
/**
 * A partitioned job of a flow: each run is of one slice, and takes its params from that. A schedule on it, if it says
 * nothing else, runs the slice that ended last.
 */
export function job<P, T, K extends AnyPartitions>(
  name: string,
  options: JobOptions<P> & { target: Launchable<P, T>; partitions: K; params: (slice: SliceOf<K>) => P },
): SlicedJob<T>
export function job<P, const D extends Partial<P>, T>(
  name: string,
  options: JobOptions<P> & { target: Launchable<P, T>; params?: D & Exact<NoInfer<D>, P> },
): Job<Remaining<P, D>, T>
// oxlint-disable-next-line no-explicit-any -- the implementation behind the typed overloads
export function job(name: string, options: any): any {
  checkTerms(`Job "${name}"`, options)
  if (typeof options.params === 'function' && !options.partitions) {
    throw new SluiceError('DEFINITION_INVALID', `Job "${name}" has params by slice, and no partitions.`, {
      hint: "Say which slices there are: partitions: daily({ start: '2026-01-01' }).",
    })
  }
  const made: JobDefinition = Object.freeze({
    kind: 'job',
    name,
    options: Object.freeze({ ...options }),
    partitions: options.partitions,
    place: place(),
    launch: (params?: unknown) => launched(calling(`Job "${name}"`).launch(made, params)),
  })
  return made
}
