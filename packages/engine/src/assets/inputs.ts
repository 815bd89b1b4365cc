import {
  type AnyAsset,
  type Materialization,
  type Slices,
  type Upstream,
  SluiceError,
  resolveEdge,
  upstreamOf,
  windowOf,
} from '@sluice/core'
import type { Session } from '../runs/session.ts'
import { type Frame, signalOf } from '../steps/frame.ts'
import type { PartitionSets } from './plan.ts'

/** What an asset run has made so far, and its picture of the partitions. */
export interface AssetRun {
  readonly session: Session
  readonly sets: PartitionSets
  /** By asset and partition: what this run itself made is what its later steps read. */
  readonly made: Map<string, Materialization>
}

export const sliceId = (asset: string, partition: string | null): string =>
  partition === null ? asset : `${asset}|${partition}`

/** The inputs of an asset, read from where they are kept, and the versions that were read. */
export async function readInputs(
  run: AssetRun,
  asset: AnyAsset,
  keys: readonly string[],
  frame: Frame,
): Promise<{ values: Record<string, unknown>; versions: Record<string, string> }> {
  const values: Record<string, unknown> = {}
  const versions: Record<string, string> = {}
  for (const edge of upstreamOf(asset)) {
    const slices = reach(run, edge, asset, keys)
    const found = await latest(run, edge.asset, slices.keys)
    for (const one of found.values()) versions[sliceId(one.asset, one.partition)] = one.dataVersion
    if (edge.input !== undefined) values[edge.input] = await valueOf(run, edge, slices, found, frame)
  }
  return { values, versions }
}

interface Reach {
  readonly many: boolean
  readonly keys: readonly (string | null)[]
  readonly missing: readonly string[]
}

function reach(run: AssetRun, edge: Upstream, down: AnyAsset, keys: readonly string[]): Reach {
  if (!edge.asset.partitions) return { many: false, keys: [null], missing: [] }
  const { spec } = edge.asset.partitions
  const whose = `"${edge.asset.name}" in asset "${down.name}"`
  const given = { up: spec, down: down.partitions?.spec ?? null, at: edge.at, keys: run.sets.of(edge.asset), whose }
  const all = (keys.length > 0 ? keys : [null]).map((key) => resolveEdge({ ...given, key }))
  return {
    many: (down.options.perRun === true && !isSingle(edge)) || all.some((one) => one.mode === 'many'),
    keys: [...new Set(all.flatMap((one) => one.keys))],
    missing: all.flatMap((one) => one.missing),
  }
}

/** Does the edge name one slice, whatever slice reads it? */
function isSingle({ at }: Upstream): boolean {
  return at === 'last' || (typeof at === 'object' && 'only' in at)
}

async function latest(
  run: AssetRun,
  asset: AnyAsset,
  keys: readonly (string | null)[],
): Promise<Map<string | null, Materialization>> {
  const found = new Map<string | null, Materialization>()
  const ask: { asset: string; partition: string | null }[] = []
  for (const partition of keys) {
    const own = run.made.get(sliceId(asset.name, partition))
    if (own) found.set(partition, own)
    else ask.push({ asset: asset.name, partition })
  }
  if (ask.length > 0) for (const one of await run.session.store.assets.latest(ask)) found.set(one.partition, one)
  return found
}

type Found = ReadonlyMap<string | null, Materialization>

async function valueOf(run: AssetRun, edge: Upstream, slices: Reach, found: Found, frame: Frame): Promise<unknown> {
  const { asset } = edge
  const read = (partition: string | null): Promise<unknown> =>
    readSlice(run, asset, partition, found.get(partition), frame)
  if (asset.options.virtual || (asset.made === 'external' && asset.run)) {
    return slices.many ? slicesOf(asset, slices, new Set(slices.keys), read) : read(slices.keys[0] ?? null)
  }
  if (slices.many) return slicesOf(asset, slices, new Set(found.keys()), read)
  const key = slices.keys[0]
  if (key !== undefined && found.get(key)?.value) return read(key)
  // `.at(-1)` of the first slice, or an optional edge: nothing is an answer.
  if (edge.optional || typeof edge.at === 'number') return undefined
  throw missing(asset, key ?? null)
}

export function missing(asset: AnyAsset, key: string | null): SluiceError {
  const what = key === null ? `"${asset.name}"` : `Partition ${key} of "${asset.name}"`
  return new SluiceError('VALUE_MISSING', `${what} holds no value yet.`, {
    hint: `sluice materialize ${asset.name}${key === null ? '' : ` --partition ${key}`} makes it; .optional() on the edge lets it be absent.`,
  })
}

async function readSlice(
  run: AssetRun,
  asset: AnyAsset,
  partition: string | null,
  found: Materialization | undefined,
  frame: Frame,
): Promise<unknown> {
  if (asset.options.virtual || (asset.made === 'external' && asset.run)) {
    const keys = partition === null ? [] : [partition]
    const { values } = asset.made === 'external' ? { values: {} } : await readInputs(run, asset, keys, frame)
    return asset.run!(values, await contextOf(run, asset, keys, frame))
  }
  if (!found?.value) throw missing(asset, partition)
  return run.session.values.read(asset, partition, found.value)
}

function slicesOf(
  asset: AnyAsset,
  slices: Reach,
  present: ReadonlySet<string | null>,
  read: (key: string) => Promise<unknown>,
): Slices<unknown> {
  const asked = slices.keys as readonly string[]
  const keys = asked.filter((key) => present.has(key))
  const reached = new Set(asked)
  const absent = [...asked.filter((key) => !present.has(key)), ...slices.missing]
  return {
    keys,
    missing: absent,
    get(key) {
      if (present.has(key)) return read(key)
      if (reached.has(key)) return Promise.reject(missing(asset, key))
      return Promise.reject(
        new SluiceError('PARTITION_UNKNOWN', `The edge does not reach partition "${key}" of "${asset.name}".`),
      )
    },
    async values() {
      const values: unknown[] = []
      for (const key of keys) values.push(await read(key))
      return values
    },
    async *[Symbol.asyncIterator]() {
      for (const key of keys) yield [key, await read(key)] as const
    },
  }
}

/** What every asset function gets as its second argument, save what only a materialization has. */
export async function contextOf(
  run: AssetRun,
  asset: AnyAsset,
  keys: readonly string[],
  frame: Frame,
): Promise<Record<string, unknown>> {
  const { session } = run
  const resources: Record<string, unknown> = {}
  for (const [name, resource] of Object.entries(asset.options.resources ?? {}))
    resources[name] = await session.resources.open(resource, frame)
  return {
    partition: partitionOf(asset, keys),
    resources,
    get signal() {
      return signalOf(frame)
    },
  }
}

function partitionOf(asset: AnyAsset, keys: readonly string[]): unknown {
  if (!asset.partitions || keys.length === 0) return undefined
  const { spec } = asset.partitions
  const first = windowOf(spec, keys[0]!)
  if (!asset.options.perRun) return first ? { key: keys[0], window: first } : { key: keys[0] }
  return { keys, window: first ? { start: first.start, end: windowOf(spec, keys.at(-1)!)!.end } : undefined }
}
