import { type AnyAsset, type AnyPartitions, type Slices, type Upstream, SluiceError, upstreamOf } from '@sluice/core'
import { table } from '@sluice/engine'

/** The inputs that a test gives, in the shape in which the asset's function reads them. */
export function givenInputs(asset: AnyAsset, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const edges = upstreamOf(asset).filter(({ input }) => input !== undefined)
  const unknown = Object.keys(given).find((name) => !edges.some(({ input }) => input === name))
  if (unknown !== undefined) {
    throw new SluiceError('ASSET_UNKNOWN', `"${asset.name}" has no input called ${unknown}.`, {
      hint: `It has: ${edges.map(({ input }) => input).join(', ') || 'none'}.`,
    })
  }
  const values: Record<string, unknown> = {}
  for (const edge of edges) {
    const { input = '' } = edge
    const value = given[input]
    if (!(input in given) && !edge.optional && typeof edge.at !== 'number') {
      throw new SluiceError('VALUE_MISSING', `The test gives no value for the input "${input}" of "${asset.name}".`, {
        hint: `materialize(…, { inputs: { ${input}: … } })`,
      })
    }
    values[input] =
      value !== undefined && readsMany(edge, asset)
        ? slices(edge.asset, value as Record<string, unknown>)
        : one(edge.asset, value)
  }
  return values
}

function one(upstream: AnyAsset, value: unknown): unknown {
  return upstream.options.columns && Array.isArray(value) ? table(value, upstream.name) : value
}

function slices(upstream: AnyAsset, given: Readonly<Record<string, unknown>>): Slices<unknown> {
  const keys = Object.keys(given)
  const read = (key: string): unknown => one(upstream, given[key])
  return {
    keys,
    missing: [],
    get(key) {
      if (Object.hasOwn(given, key)) return Promise.resolve(read(key))
      return Promise.reject(
        new SluiceError('PARTITION_UNKNOWN', `The test gives no partition "${key}" of "${upstream.name}".`),
      )
    },
    values: () => Promise.resolve(keys.map(read)),
    async *[Symbol.asyncIterator]() {
      for (const key of keys) yield [key, read(key)] as const
    },
  }
}

/** Does the edge give many slices? As its type says: the rule, or what `.at(…)` chose. */
function readsMany({ asset: upstream, at }: Upstream, down: AnyAsset): boolean {
  if (at === undefined)
    return byRule(upstream.partitions as AnyPartitions | undefined, down.partitions as AnyPartitions | undefined)
  if (typeof at === 'object' && 'dims' in at)
    return Object.values(at.dims).some((which) => which === 'all' || Array.isArray(which))
  return at === 'all' || Array.isArray(at)
}

type Dims = Readonly<Record<string, AnyPartitions>>

function byRule(up: AnyPartitions | undefined, down: AnyPartitions | undefined): boolean {
  if (!up) return false
  if (!down) return true
  const [above, below] = [dimsOf(up), dimsOf(down)]
  if (above && below) return Object.entries(above).some(([name, dim]) => below[name]?.kind !== dim.kind)
  if (below) return !Object.values(below).some(({ kind }) => kind === up.kind)
  return above !== undefined || up.kind !== down.kind
}

function dimsOf(partitions: AnyPartitions): Dims | undefined {
  return partitions.kind === 'grid' ? (partitions as AnyPartitions & { dims: Dims }).dims : undefined
}
