import type { AnyPartitions, Grid, Partitions, TimeKind } from '../partitions/kinds.ts'
import type { AnyAsset, Asset } from './asset.ts'

/* oxlint-disable no-explicit-any -- patterns of conditional types match any asset, edge and partitions */

/** Many upstream slices, read one by one: never all in memory unless asked. */
export interface Slices<T> extends AsyncIterable<readonly [key: string, value: T]> {
  readonly keys: readonly string[]
  /** Keys that the edge asks for and that hold nothing. */
  readonly missing: readonly string[]
  /** Rejects with `VALUE_MISSING` where the slice holds nothing, `PARTITION_UNKNOWN` where the edge does not reach it. */
  get(key: string): Promise<T>
  values(): Promise<T[]>
}

type Offset = number | readonly [from: number, to: number]
type Which =
  | Offset
  | 'last'
  | 'all'
  | { readonly only: string | readonly string[] }
  | { readonly from: string; readonly at?: Offset }
  | { readonly pairs: Readonly<Record<string, string | readonly string[]>> }
/** Which upstream slices an edge reads: plain data, the same in code, snapshot, API and UI. */
export type At = Which | { readonly dims: Readonly<Record<string, Which>> }

/**
 * `-1` is the slice before this one, `[-6, 0]` a week of days, `'all'`, `'last'`, `{ only: 'eu' }` or several of them,
 * `{ pairs: { emea: ['eu', 'uk'] } }` by this asset's key, `{ from: 'hour', at: -1 }` by one dimension of this asset's grid,
 * `{ dims: { hour: -1 } }` for some dimensions of the upstream's, the others by the rule.
 */
export type AtOf<P> =
  P extends Grid<infer D>
    ? 'all' | 'last' | { readonly dims: { readonly [N in keyof D]?: AtOf<D[N]> } }
    : P extends Partitions<TimeKind, any>
      ? Offset | 'last' | 'all' | { readonly from: string; readonly at?: Offset }
      : P extends Partitions<any, { key: infer K extends string }>
        ?
            | 'all'
            | { readonly only: K | readonly K[] }
            | { readonly pairs: Readonly<Record<string, K | readonly K[]>> }
            | { readonly from: string }
        : never

type Single = 'last' | { readonly only: string }
type Maybe = number | { readonly from: string; readonly at?: number }
type Read<T, M> = M extends Single
  ? T
  : M extends Maybe
    ? T | undefined
    : M extends { dims: infer D }
      ? DimRead<T, D[keyof D]>
      : Slices<T>
type DimRead<T, M> = [Exclude<M, Single>] extends [never]
  ? T
  : [Exclude<M, Maybe | Single>] extends [never]
    ? T | undefined
    : Slices<T>

/** An edge with its slices chosen (`M`), or left to the rule (`undefined`); `Opt`: may be absent. */
export interface Edge<T, M, Opt extends boolean = false, P = any> {
  readonly kind: 'edge'
  /** `undefined`: the asset itself. */
  readonly asset: AnyAsset | undefined
  readonly which: M
  readonly opt: Opt
  readonly _v?: T
  readonly _p?: P
  /** The value may be absent: the function gets `undefined` instead of being held back. */
  optional(): Edge<T, M, true, P>
}

declare const wrong: unique symbol
/** A mistake, told where it was made. */
export interface WrongEdge<Why extends string> {
  readonly [wrong]: Why
}

type Kinds<G> = G extends Grid<infer D> ? { readonly [N in keyof D]: D[N]['kind'] } : never
type HasDim<G, K> =
  G extends Grid<infer D> ? (K extends { [N in keyof D]: D[N]['kind'] }[keyof D] ? true : false) : false
type Same<A, B> = [A, B] extends [Grid<any>, Grid<any>]
  ? Kinds<B> extends Kinds<A>
    ? Kinds<A> extends Kinds<B>
      ? 'same'
      : 'inside'
    : Kinds<A> extends Kinds<B>
      ? 'covers'
      : false
  : [A, B] extends [{ kind: infer X }, { kind: infer Y }]
    ? 'grid' extends X | Y
      ? false
      : X extends Y
        ? 'same'
        : false
    : false
/** One word for all the keys of `oneOf`: the message is one sentence, not one for each pair of keys. */
type Named<K> = K extends `one of ${string}` ? 'oneOf(…)' : K
type Unlike<Up, Down> = [Up, Down] extends ['grid', 'grid']
  ? 'its grid and the grid of this asset have other dimensions: say which slices with .at(…)'
  : [Named<Up>, Named<Down>] extends ['oneOf(…)', 'oneOf(…)']
    ? 'its keys are not those of this asset: say which slices with .at(…)'
    : `it is partitioned by ${Named<Up> & string}, and this asset by ${Named<Down> & string}: say which slices with .at(…)`
type Through<T, Up, Down> = Up extends AnyPartitions
  ? Down extends AnyPartitions
    ? Same<Up, Down> extends 'same' | 'inside'
      ? T
      : Same<Up, Down> extends 'covers'
        ? Slices<T>
        : HasDim<Down, Up['kind']> extends true
          ? T
          : HasDim<Up, Down['kind']> extends true
            ? Slices<T>
            : [Up['kind'], Down['kind']] extends [TimeKind, TimeKind]
              ? Slices<T>
              : WrongEdge<Unlike<Up['kind'], Down['kind']>>
    : Slices<T>
  : T
type Nothing = WrongEdge<'it returns nothing to read: list it under deps'>
type May<V, O> = V extends WrongEdge<any> ? V : O extends true ? V | undefined : V

export type ValueOn<E, P> =
  E extends Asset<infer T, infer Up>
    ? [T] extends [void]
      ? Nothing
      : Through<T, Up, P>
    : E extends Edge<infer T, infer M, infer O, infer Up>
      ? [T] extends [void]
        ? Nothing
        : May<[M] extends [undefined] ? Through<T, Up, P> : Read<T, M>, O>
      : never
export type Inputs = Readonly<Record<string, AnyAsset | Edge<any, any, any, any>>>
/** What `perRun` reads where a single slice would read one: all that its keys reach. */
type PerRun<E, V> =
  V extends WrongEdge<any>
    ? V
    : E extends Asset<infer T, infer Up>
      ? Up extends AnyPartitions
        ? Slices<T>
        : V
      : E extends Edge<infer T, infer M, infer O, infer Up>
        ? M extends Single
          ? V
          : [M, Up] extends [undefined, undefined]
            ? V
            : May<Slices<T>, O>
        : V
export type Values<I, P, Many = undefined> = {
  readonly [N in keyof I]: Many extends true ? PerRun<I[N], ValueOn<I[N], P>> : ValueOn<I[N], P>
}
export type Edges<I, P> = { [N in keyof I]: ValueOn<I[N], P> extends WrongEdge<any> ? ValueOn<I[N], P> : unknown }

export function edge(asset: AnyAsset | undefined, which: any, opt = false): Edge<any, any, any, any> {
  return Object.freeze({ kind: 'edge', asset, which, opt, optional: () => edge(asset, which, true) })
}

/** The asset itself; its type is written out, as it cannot be inferred from itself. */
export function self<T>(): { at<const M extends At>(which: M): Edge<T, M> } {
  return { at: (which) => edge(undefined, which) }
}
