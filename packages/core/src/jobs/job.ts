import type { AnyAsset } from '../assets/asset.ts'
import { calling } from '../calls/calling.ts'
import { type Place, place } from '../definitions/place.ts'
import type { Limit } from '../limits/limit.ts'
import type { AnyPartitions } from '../partitions/kinds.ts'
import type { Configured } from '../resources/resource.ts'
import type { RunId } from '../runs/run.ts'
import type { Empty, OneOrMore } from '../schema.ts'

declare const takes: unique symbol
declare const wrong: unique symbol
/** A mistake, told where it was made. */
interface WrongParam<Why extends string> {
  readonly [wrong]: Why
}
export type LaunchArgs<P> = Empty extends P ? [params?: P] : [params: P]

/** A run that was started, and goes on by itself. */
export interface Launched {
  readonly id: RunId
}

/** What a run can be started from, with the params it takes. */
export interface Launchable<P> {
  readonly name: string
  readonly [takes]?: (params: P) => void
  /** Starts a run of its own and does not wait for it. Inside a flow the launch is a step: a replay launches no second one. */
  launch(...params: LaunchArgs<P>): Promise<Launched>
}
// oxlint-disable-next-line no-explicit-any -- any target
export type Target = Launchable<any> | AnyAsset | string

export interface JobOptions {
  readonly description?: string
  /** Which group of workers runs it. Default `default`. */
  readonly pool?: string
  /** Higher is sooner. Default 0. */
  readonly priority?: number
  readonly limit?: OneOrMore<Limit>
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
  readonly options: JobOptions & {
    readonly target: Target | readonly AnyAsset[]
    readonly params?: Readonly<Record<string, unknown>>
    readonly partitions?: AnyPartitions
  }
  readonly place: Place
}
export interface Job<P> extends Launchable<P>, JobDefinition {}
export interface AssetJob<P>
  extends Launchable<P extends AnyPartitions ? { partition?: string } : Empty>, JobDefinition {
  readonly partitions: P
}

/** A target with defaults: params (which become optional), pool, priority, limits, tags, configuration. */
export function job<P extends AnyPartitions | undefined = undefined>(
  name: string,
  options: JobOptions & { target: string | AnyAsset | readonly AnyAsset[]; partitions?: P },
): AssetJob<P>
export function job<P, const D extends Partial<P>>(
  name: string,
  options: JobOptions & { target: Launchable<P>; params?: D & Exact<NoInfer<D>, P> },
): Job<Remaining<P, D>>
// oxlint-disable-next-line no-explicit-any -- the implementation behind the typed overloads
export function job(name: string, options: any): any {
  const made: JobDefinition = Object.freeze({
    kind: 'job',
    name,
    options: Object.freeze({ ...options }),
    partitions: options.partitions,
    place: place(),
    launch: (params?: unknown) => calling(`Job "${name}"`).launch(made, params),
  })
  return made
}
