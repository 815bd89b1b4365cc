import {
  type AnyAsset,
  type Materialization,
  type Resolved,
  type SliceKey,
  type Slices,
  type Upstream,
  SluiceError,
  upstreamOf,
  sliceOf,
  windowOf,
} from '@sluice/core'
import type { Session } from '../runs/session.ts'
import { type Frame, signalOf } from '../steps/frame.ts'
import { type PartitionSets, upstreamSlices } from './plan.ts'

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
    const slices = await reach(run, edge, asset, keys)
    const found = await latest(run, edge.asset, slices.keys)
    Object.assign(versions, await versionsOf(run, edge.asset, slices.keys, found))
    if (edge.input !== undefined) values[edge.input] = await valueOf(run, edge, slices, found, frame)
  }
  return { values, versions }
}

/**
 * The versions of the slices of an asset, by slice; `''` under its name where there is nothing of it. Those of a view are
 * the versions of what it reads.
 */
async function versionsOf(
  run: AssetRun,
  asset: AnyAsset,
  keys: readonly SliceKey[],
  found: Found,
): Promise<Record<string, string>> {
  const versions: Record<string, string> = {}
  if (!asset.options.virtual) {
    const records = asset.made === 'here' ? found : await withLooks(run, asset, keys, found)
    for (const one of records.values()) versions[sliceId(one.asset, one.partition)] = one.dataVersion
    return records.size === 0 ? { [asset.name]: '' } : versions
  }
  for (const edge of upstreamOf(asset)) {
    const below = await reach(run, edge, asset, keys as readonly string[])
    Object.assign(versions, await versionsOf(run, edge.asset, below.keys, await latest(run, edge.asset, below.keys)))
  }
  return versions
}

/** What something else makes may be known by a look alone: the newer of the two counts. */
async function withLooks(run: AssetRun, asset: AnyAsset, keys: readonly SliceKey[], found: Found): Promise<Found> {
  const newest = new Map(found)
  const slices = keys.map((partition) => ({ asset: asset.name, partition }))
  for (const look of await run.session.store.assets.latest(slices, 'observation')) {
    const known = newest.get(look.partition)
    // What this run itself made has no number yet, and is the newest.
    if (!known || (known.id !== 0 && known.id < look.id)) newest.set(look.partition, look)
  }
  return newest
}

interface Reach {
  readonly many: boolean
  /** What may hold a value: all that the edge reaches, or where that is more than can be asked for, what was made of it. */
  readonly keys: readonly SliceKey[]
  /** What the edge reaches. */
  readonly all: readonly Resolved[]
}

/** More slices than this are not asked for one by one: the store says which were made. */
const MANY = 10_000

async function reach(run: AssetRun, edge: Upstream, down: AnyAsset, keys: readonly string[]): Promise<Reach> {
  const all = (keys.length > 0 ? keys : [null]).map((key) => upstreamSlices(edge, down, key, run.sets))
  const many =
    edge.asset.partitions !== undefined &&
    ((down.options.perRun === true && !isSingle(edge)) || all.some((one) => one.mode === 'many'))
  if (all.reduce((sum, { count }) => sum + count, 0) <= MANY)
    return { many, keys: [...new Set(all.flatMap((one) => one.keys))], all }
  const { name } = edge.asset
  const made = [...(await run.session.store.assets.partitions(name)), ...ownKeys(run, name)]
  return { many, keys: [...new Set(made)].filter((key) => all.some((one) => one.has(key))), all }
}

const ownKeys = (run: AssetRun, asset: string): string[] =>
  [...run.made.values()].flatMap((one) => (one.asset === asset && one.partition !== null ? [one.partition] : []))

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
  if (edge.optional || mayBeAbsent(edge.at)) return undefined
  throw missing(asset, key ?? null)
}

/** Does the edge count from a slice, so that its type says that there may be none? */
function mayBeAbsent(at: Upstream['at']): boolean {
  if (typeof at !== 'object' || Array.isArray(at)) return typeof at === 'number'
  return 'dims' in at ? Object.values(at.dims).some(mayBeAbsent) : 'from' in at
}

export function missing(asset: AnyAsset, key: string | null): SluiceError {
  const what = key === null ? `"${asset.name}"` : `Partition ${key} of "${asset.name}"`
  return new SluiceError('VALUE_MISSING', `${what} holds no value yet.`, {
    hint: `sluice materialize ${asset.name}${key === null ? '' : ` --partition ${key}`} makes it; .optional() on the edge lets it be absent.`,
  })
}

export async function readSlice(
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
  let absent: readonly string[] | undefined
  return {
    keys,
    // Of a grid these can be very many: they are listed when somebody looks.
    get missing() {
      return (absent ??= absentOf(slices, present))
    },
    get(key) {
      if (present.has(key)) return read(key)
      if (slices.all.some((one) => one.has(key))) return Promise.reject(missing(asset, key))
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

function absentOf({ all }: Reach, present: ReadonlySet<string | null>): readonly string[] {
  const reached = new Set(all.flatMap((one) => one.keys as readonly string[]))
  return [...[...reached].filter((key) => !present.has(key)), ...new Set(all.flatMap((one) => one.missing))]
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
  if (!asset.options.perRun) return sliceOf(spec, keys[0]!)
  const first = windowOf(spec, keys[0]!)
  // `done` is added by who knows what it records.
  return { keys, window: first ? { start: first.start, end: windowOf(spec, keys.at(-1)!)!.end } : undefined }
}
