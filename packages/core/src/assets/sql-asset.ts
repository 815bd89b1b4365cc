import { place } from '../definitions/place.ts'
import type { AnyPartitions, SliceOf } from '../partitions/kinds.ts'
import type { Empty, Out, Schema } from '../schema.ts'
import { type Source, type Sql, bindSql, sourcesFor } from '../sql/sql.ts'
import type { Table } from '../values/table.ts'
import { type Asset, type CommonAssetOptions, type RunOptions, makeAsset } from './asset.ts'
import type { Edge, Values } from './edges.ts'

/* oxlint-disable no-explicit-any -- any table asset */

type TableInput = Asset<Table<any>, any, any> | Edge<Table<any>, any, any, any>
type RowOf<A> =
  A extends Asset<Table<infer Row>, any, any> ? Row : A extends Edge<Table<infer Row>, any, any, any> ? Row : never

/**
 * A table made by a query over other tables: `o.customer_id` is a column of the input `o`, and one that is not there
 * is red in the editor. `sluice validate` prepares the query against the columns of its inputs and compares what it
 * gives with `columns`. Needs values in an engine that runs SQL (`values: duckdb('warehouse.duckdb')`).
 */
export function sqlAsset<
  I extends Record<string, TableInput>,
  S extends Schema,
  P extends AnyPartitions | undefined = undefined,
>(
  name: string,
  options: CommonAssetOptions &
    RunOptions & {
      inputs: I
      columns: S
      partitions?: P
      /** `'view'`: holds no data; `'incremental'`: a partition at a time, which is what `partitions` does. Default `'table'`. */
      materialize?: 'table' | 'view' | 'incremental'
      sql: (
        tables: { readonly [N in keyof I]: Source<RowOf<I[N]>> },
        context: { readonly partition: SliceOf<P> },
      ) => Sql<unknown>
    },
): Asset<Table<Out<S>>, P, { inputs: Values<I, P>; resources: Empty; params: undefined; checks: never }> {
  const { sql: query, ...rest } = options
  const names = Object.keys(options.inputs)
  return makeAsset({
    name,
    options: rest as any,
    place: place(),
    query: query as any,
    run: (inputs: any, context: any) => bindSql(query(sourcesFor(names) as any, context), inputs),
  }) as any
}
