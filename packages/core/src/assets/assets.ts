import { place } from '../definitions/place.ts'
import { SluiceError } from '../errors/sluice-error.ts'
import type { AnyPartitions } from '../partitions/kinds.ts'
import type { Opened, Resources } from '../resources/resource.ts'
import type { Awaitable, Empty, In, Out, Schema } from '../schema.ts'
import type { Sql } from '../sql/sql.ts'
import { checkTaskOptions } from '../tasks/task.ts'
import type { Rows, Table } from '../values/table.ts'
import {
  type AnyAsset,
  type Asset,
  type AssetContext,
  type AssetOptions,
  type CommonAssetOptions,
  type MultiDefinition,
  makeAsset,
} from './asset.ts'
import type { Inputs, Values } from './edges.ts'
import type { Skipped } from './skip.ts'

/* oxlint-disable no-explicit-any -- any output of any type */

/** One of the assets that `assets()` makes. */
export interface Output<T> {
  readonly kind: 'output'
  readonly name: string
  readonly options: CommonAssetOptions & { readonly columns?: Schema }
  readonly _t?: T
}
export function output<T>(name: string, options?: CommonAssetOptions & { columns?: undefined }): Output<T>
export function output<C extends Schema>(
  name: string,
  options: CommonAssetOptions & { columns: C },
): Output<Table<Out<C>>>
export function output(name: string, options: any = {}): Output<any> {
  return Object.freeze({ kind: 'output', name, options })
}

type ValueOf<O> = O extends Output<infer T> ? T : never
type Gives<T> = T extends Table<infer Row> ? Rows<Row> | Sql<Row> : T
/** Every output is given, or skipped with its reason; one that was not asked for may be left out. */
type Returned<O, Sub> = Sub extends true
  ? { [N in keyof O]?: Gives<ValueOf<O[N]>> | Skipped }
  : { [N in keyof O]: Gives<ValueOf<O[N]>> | Skipped }

/** Several assets made by one step. With `subset` a run may ask for some of them only: `wanted` says which. */
export function assets<
  O extends Record<string, Output<any>>,
  I extends Inputs = Empty,
  P extends AnyPartitions | undefined = undefined,
  R extends Resources = Empty,
  S extends Schema | undefined = undefined,
  Sub extends boolean = false,
>(
  name: string,
  options: AssetOptions<I, P, R, S, undefined> & { outputs: O; subset?: Sub },
  run: (
    inputs: Values<I, P>,
    context: AssetContext<P, R, Out<S>, undefined> & { readonly wanted: ReadonlySet<keyof O> },
  ) => Awaitable<Returned<NoInfer<O>, Sub>>,
): {
  readonly [N in keyof O]: Asset<
    ValueOf<O[N]>,
    P,
    { inputs: Values<I, P>; resources: Opened<R>; params: In<S>; checks: never }
  >
} {
  const { outputs, subset = false, ...rest } = options
  checkTaskOptions(`Assets "${name}"`, rest)
  if (Object.keys(outputs).length === 0) throw new SluiceError('DEFINITION_INVALID', `Assets "${name}" has no outputs.`)
  const at = place()
  const made: Record<string, AnyAsset> = {}
  const multi: MultiDefinition = Object.freeze({
    kind: 'assets',
    name,
    outputs: made,
    subset,
    options: rest as any,
    run,
    place: at,
  })
  for (const [key, { name: assetName, options: own }] of Object.entries(outputs)) {
    made[key] = makeAsset({
      name: assetName,
      options: { ...(rest as any), ...own },
      place: at,
      run,
      multi: () => multi,
    })
  }
  return Object.freeze(made) as any
}
