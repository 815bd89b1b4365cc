import type { AnyPartitions, Empty, Grid, Shape, SliceOf, Slices, Table } from '@sluice/core'
import type { TestOptions } from './world.ts'

type Given<T> =
  T extends Slices<infer V> ? Readonly<Record<string, Given<V>>> : T extends Table<infer Row> ? T | readonly Row[] : T
type MayBeAbsent<I> = { [N in keyof I]: undefined extends I[N] ? N : never }[keyof I]
/** What an upstream would give: a value; rows for a table; a record of them by key for many slices. */
type GivenInputs<I> = { readonly [N in Exclude<keyof I, MayBeAbsent<I>>]: Given<I[N]> } & {
  readonly [N in MayBeAbsent<I>]?: Given<I[N]>
}
type KeyOf<P> =
  P extends Grid<infer D> ? { readonly [N in keyof D]: KeyOf<D[N]> } : SliceOf<P> extends { key: infer K } ? K : never

/** What `materialize` needs, by the definition of the asset: nothing that it does not use, everything that it does. */
export type MaterializeGiven<X extends Shape, P> = (keyof X['inputs'] extends never
  ? { inputs?: Empty }
  : Empty extends GivenInputs<X['inputs']>
    ? { inputs?: GivenInputs<X['inputs']> }
    : { inputs: GivenInputs<X['inputs']> }) &
  (keyof X['resources'] extends never ? { resources?: Empty } : { resources: X['resources'] }) &
  (P extends AnyPartitions ? { partition: KeyOf<P> } : { partition?: never }) & { params?: X['params'] } & TestOptions

/** Everything may be left out: then `materialize(asset)` will do. */
export type MaterializeArgs<X extends Shape, P> =
  Empty extends MaterializeGiven<X, P> ? [given?: MaterializeGiven<X, P>] : [given: MaterializeGiven<X, P>]
