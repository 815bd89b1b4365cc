import type { AnyAsset } from '../assets/asset.ts'
import type { At } from '../assets/edges.ts'

/** One edge of the graph, its two notations (asset, edge) made one. */
export interface Upstream {
  /** The input's name; `undefined` for a dep, which carries no value. */
  readonly input: string | undefined
  readonly asset: AnyAsset
  readonly at: At | undefined
  readonly optional: boolean
  readonly self: boolean
}

/** The edges into an asset: its inputs in their order, then its deps. */
export function upstreamOf(asset: AnyAsset): readonly Upstream[] {
  const list: Upstream[] = []
  for (const [input, given] of Object.entries(asset.options.inputs ?? {})) list.push(one(asset, input, given))
  for (const given of asset.options.deps ?? []) list.push(one(asset, undefined, given))
  return list
}

type Given = NonNullable<AnyAsset['options']['deps']>[number]

function one(asset: AnyAsset, input: string | undefined, given: Given): Upstream {
  if (given.kind === 'asset')
    return { input, asset: given, at: undefined, optional: false, self: given.name === asset.name }
  const upstream = given.asset ?? asset
  return {
    input,
    asset: upstream,
    at: given.which as At | undefined,
    optional: given.opt,
    self: upstream.name === asset.name,
  }
}
