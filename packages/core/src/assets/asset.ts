import type { ConditionSpec } from '../conditions/condition.ts'
import { type CheckDefinition, type CheckOptions, type CheckRun, checkOf } from '../checks/check.ts'
import type { MetadataInput } from './metadata.ts'
import { type Place, place } from '../definitions/place.ts'
import { SluiceError } from '../errors/sluice-error.ts'
import type { Freshness } from '../freshness/policy.ts'
import type { Limit } from '../limits/limit.ts'
import type { AnyPartitions, SliceOf, Window } from '../partitions/kinds.ts'
import { type Configured, type Opened, type Resource, type Resources, configured } from '../resources/resource.ts'
import type { TermOptions } from '../runs/terms.ts'
import type { Awaitable, Empty, In, OneOrMore, Out, Schema } from '../schema.ts'
import type { Sql } from '../sql/sql.ts'
import type { Retries } from '../steps/retry.ts'
import { checkTaskOptions } from '../tasks/task.ts'
import type { Duration } from '../time/duration.ts'
import type { Rows, Table } from '../values/table.ts'
import { type AtOf, type Edge, type Edges, type Inputs, type Values, edge } from './edges.ts'
import type { Skipped } from './skip.ts'

/* oxlint-disable no-explicit-any -- an asset of anything, as a pattern and as a bound */

/** What a definition knows of itself beside its value: for tests, typed by the definition. */
export interface Shape {
  inputs: unknown
  resources: unknown
  params: unknown
  checks: string
}

/** Partitions that one call makes together. */
export interface ManySlices {
  /** In a run that goes on after a crash, or tries again, without those that are done. */
  readonly keys: readonly string[]
  readonly window: Window
  /**
   * This one is made, and stored as that from now on, whatever becomes of the rest; it has no value. Resolves when that is
   * on disk.
   *
   * @throws SluiceError PARTITION_UNKNOWN for a key that is none of `keys`.
   */
  done(key: string): Promise<void>
}

/** The function's second argument. */
export interface AssetContext<P, R, C, Many> {
  readonly partition: Many extends true ? ManySlices : SliceOf<P>
  readonly resources: Opened<R>
  readonly params: C
  /** Aborted on cancel and on timeout. */
  readonly signal: AbortSignal
  /** Facts about this materialization. A second call adds to the first. */
  metadata(metadata: Readonly<Record<string, MetadataInput>>): void
  /** What the data is, instead of a hash of code version and inputs: equal versions are equal data. */
  dataVersion(version: string): void
}

/** What every way of making an asset takes. */
export interface CommonAssetOptions {
  readonly description?: string
  /** `team:ingest` or an e-mail address. */
  readonly owners?: readonly string[]
  readonly group?: string
  readonly tags?: Readonly<Record<string, string>>
  /** Technologies, for icons and search: `duckdb`, `csv`. */
  readonly kinds?: readonly string[]
  /** When it is to be made again: `eager()`, `onCron(…)`, `onMissing()`, or your own of `when`. A server keeps to it. */
  readonly condition?: ConditionSpec
  /** When it counts as fresh: `{ within: '24h' }`, or `{ by: '0 9 * * *', lookback: '2h' }`. */
  readonly freshness?: Freshness
  /**
   * Changed by hand when the code changes what it makes; part of the data version. `derived`: made from the code itself, the
   * files that define it and all that they import, and the versions of the packages these import.
   */
  readonly codeVersion?: 'derived' | (string & {})
}

export interface RunOptions extends TermOptions {
  readonly retries?: number | Retries
  readonly timeout?: Duration
  readonly limit?: OneOrMore<Limit>
}

export interface AssetOptions<I, P, R, S, Many> extends CommonAssetOptions, RunOptions {
  /** Upstream assets whose values the function gets, by name. */
  readonly inputs?: I & Edges<NoInfer<I>, P>
  /** Upstream assets whose values it does not read. */
  readonly deps?: readonly (AnyAsset | Edge<any, any, any, any>)[]
  readonly partitions?: P
  readonly resources?: R
  readonly params?: S
  /** A run of many partitions calls the function once, with all keys, instead of once per key. */
  readonly perRun?: Many
  /** It writes to a place of its own that cannot be versioned: at least once instead of exactly once. */
  readonly overwrites?: boolean
  /** Holds no data: its function is called whenever somebody reads it. */
  readonly virtual?: boolean
}

export type AssetKind = 'made' | 'external'

/** An asset's options, whatever its types: what the engine reads. */
export interface AnyAssetOptions extends CommonAssetOptions, RunOptions {
  readonly inputs?: Inputs
  readonly deps?: readonly (AnyAsset | Edge<any, any, any, any>)[]
  readonly partitions?: AnyPartitions
  readonly resources?: Resources
  readonly params?: Schema
  readonly perRun?: boolean
  readonly overwrites?: boolean
  readonly virtual?: boolean
  readonly columns?: Schema
  /** Of a SQL asset. */
  readonly materialize?: 'table' | 'view' | 'incremental'
}

/** The function that makes several assets at once. */
export interface MultiDefinition {
  readonly kind: 'assets'
  readonly name: string
  /** Output name to asset. */
  readonly outputs: Readonly<Record<string, AnyAsset>>
  readonly subset: boolean
  readonly options: AnyAssetOptions
  readonly run: (inputs: any, context: any) => unknown
  readonly place: Place
}

/** A named piece of data, with the function that makes it. */
export interface Asset<T = any, P extends AnyPartitions | undefined = any, X extends Shape = any> {
  readonly kind: 'asset'
  readonly name: string
  readonly partitions: P
  readonly options: AnyAssetOptions
  /** `external`: something else makes it. */
  readonly made: 'here' | 'external' | 'elsewhere'
  readonly run: ((inputs: any, context: any) => unknown) | undefined
  /** Looks at it instead of making it. */
  readonly observe: ((context: any) => unknown) | undefined
  /** The step that makes it together with others. */
  readonly multi: (() => MultiDefinition) | undefined
  /** For a SQL asset: the query, from sources by input name; `sluice validate` prepares it. */
  readonly query: ((sources: any, context: any) => unknown) | undefined
  readonly checkList: readonly CheckDefinition[]
  readonly place: Place
  readonly _t?: T
  readonly _x?: X
  /** An edge that reads these slices of it. */
  at<const M extends AtOf<P>>(which: M): Edge<T, M, false, P>
  /** An edge that may be absent. */
  optional(): Edge<T, undefined, true, P>
  /** This asset with these params, for `with:` in a job. */
  with(params: X['params']): Configured
  /** The same asset with these tests of its data. Without `blocking` and `severity` a bare function is an error that does not block. */
  checks<K extends string>(checks: Record<K, CheckRun<T> | CheckOptions<T>>): Asset<T, P, WithChecks<X, K>>
}
type WithChecks<X extends Shape, K extends string> = {
  inputs: X['inputs']
  resources: X['resources']
  params: X['params']
  checks: X['checks'] | K
}

export type AnyAsset = Asset<any, any, any>

type Kept<T> = Exclude<T, Skipped>
type Made<L, I, P extends AnyPartitions | undefined, R, S, Many> = Asset<
  L,
  P,
  { inputs: Values<I, P, Many>; resources: Opened<R>; params: In<S>; checks: never }
>
// Lists and generators are named besides, so that the compiler compares a wrong row with `Row` and not with `Sql`.
type Takes<T, C> = C extends Schema
  ? Out<C>[] | Generator<Out<C>> | AsyncGenerator<Out<C>> | Rows<Out<C>> | Sql<unknown> | Skipped
  : T

/**
 * A named piece of data and the function that makes it. With `columns` it is a table: the function gives rows (an
 * iterable, streamed) or SQL, and a downstream reads a `Table`. Without, the value itself, which must be storable.
 */
export function asset<T>(
  name: string,
  run: () => Awaitable<T>,
): Asset<Kept<T>, undefined, { inputs: Empty; resources: Empty; params: undefined; checks: never }>
// Values have a signature of their own: through the condition in `Takes` no union would be inferred.
export function asset<
  T,
  I extends Inputs = Empty,
  P extends AnyPartitions | undefined = undefined,
  R extends Resources = Empty,
  S extends Schema | undefined = undefined,
  Many extends true | undefined = undefined,
>(
  name: string,
  options: AssetOptions<I, P, R, S, Many> & { columns?: undefined },
  run: (inputs: Values<I, P, Many>, context: AssetContext<P, R, Out<S>, Many>) => Awaitable<T>,
): Made<Kept<T>, I, P, R, S, Many>
export function asset<
  T,
  I extends Inputs = Empty,
  P extends AnyPartitions | undefined = undefined,
  R extends Resources = Empty,
  S extends Schema | undefined = undefined,
  Many extends true | undefined = undefined,
  C extends Schema | undefined = undefined,
>(
  name: string,
  options: AssetOptions<I, P, R, S, Many> & { columns?: C },
  run: (inputs: Values<I, P, Many>, context: AssetContext<P, R, Out<S>, Many>) => Awaitable<Takes<T, NoInfer<C>>>,
): Made<C extends Schema ? Table<Out<C>> : Kept<T>, I, P, R, S, Many>
export function asset(name: string, a: any, b?: any): any {
  const [options, run] = typeof a === 'function' ? [{}, a] : [a, b]
  if (typeof run !== 'function') {
    throw new SluiceError('DEFINITION_INVALID', `Asset "${name}" has no function: asset(name, options, function).`)
  }
  checkTaskOptions(`Asset "${name}"`, options)
  return makeAsset({ name, options, run, place: place() })
}

interface Parts {
  readonly name: string
  readonly options: AnyAssetOptions
  readonly place: Place
  readonly made?: Asset['made']
  readonly run?: Asset['run']
  readonly observe?: Asset['observe']
  readonly multi?: Asset['multi']
  readonly query?: Asset['query']
  readonly checkList?: readonly CheckDefinition[]
}

/** The one place where asset records are put together. */
export function makeAsset(parts: Parts): AnyAsset {
  if (!parts.name || /[\n\r\0]/.test(parts.name)) {
    throw new SluiceError('DEFINITION_INVALID', `"${parts.name}" cannot be the name of an asset.`, {
      hint: "Use words and slashes: 'marts/revenue'.",
    })
  }
  const made: AnyAsset = Object.freeze({
    kind: 'asset' as const,
    name: parts.name,
    partitions: parts.options.partitions,
    options: Object.freeze({ ...parts.options }),
    made: parts.made ?? 'here',
    run: parts.run,
    observe: parts.observe,
    multi: parts.multi,
    query: parts.query,
    checkList: parts.checkList ?? [],
    place: parts.place,
    at: (which: unknown) => edge(made, which),
    optional: () => edge(made, undefined, true),
    with: (params: unknown) => configured('asset', parts.name, { config: params }),
    checks: (checks: Record<string, CheckRun<any> | CheckOptions<any>>) =>
      makeAsset({
        ...parts,
        checkList: [
          ...(parts.checkList ?? []),
          ...Object.entries(checks).map(([name, check]) => checkOf(parts.name, name, check)),
        ],
      }),
  }) as AnyAsset
  return made
}

/** An asset that another location makes: no import of its code, only of its type. */
export function ref<A extends AnyAsset>(name: string): A {
  return makeAsset({ name, options: {}, place: place(), made: 'elsewhere' }) as A
}

export interface Observed {
  readonly dataVersion?: string
  readonly metadata?: Readonly<Record<string, MetadataInput>>
}

/**
 * Data that something else makes. With `observe` Sluice can look at it and note its data version; with `read` a
 * downstream can take its value as an input.
 */
export function external<T = void, P extends AnyPartitions | undefined = undefined, R extends Resources = Empty>(
  name: string,
  options: CommonAssetOptions & {
    partitions?: P
    resources?: R
    deps?: readonly AnyAsset[]
    observe?: (context: {
      readonly partition: SliceOf<P>
      readonly resources: Opened<R>
      readonly signal: AbortSignal
    }) => Awaitable<Observed>
    read?: (context: { readonly partition: SliceOf<P>; readonly resources: Opened<R> }) => Awaitable<T>
  } = {},
): Asset<T, P, { inputs: Empty; resources: Opened<R>; params: undefined; checks: never }> {
  const { observe, read, ...rest } = options
  return makeAsset({
    name,
    options: rest as AnyAssetOptions,
    place: place(),
    made: 'external',
    observe: observe as Asset['observe'],
    run: read && ((_: unknown, context: any) => read(context)),
  })
}

export type { Resource }

/**
 * The version of the code that makes an asset: as declared, or as it was derived; `null` where there is none.
 *
 * @param derived by the asset's name, from who loaded the code.
 */
export function codeVersionOf({ name, options }: AnyAsset, derived?: ReadonlyMap<string, string>): string | null {
  return (options.codeVersion === 'derived' ? derived?.get(name) : options.codeVersion) ?? null
}

/** The type of an asset's partition keys. */
export type PartitionOf<A> = A extends Asset<any, infer P> ? (SliceOf<P> extends { key: infer K } ? K : never) : never
