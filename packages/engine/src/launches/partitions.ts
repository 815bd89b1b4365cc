import {
  type AssetSnapshot,
  type KeysAt,
  type PartitionsSpec,
  SluiceError,
  type Spans,
  domainOf,
  keysIn,
  keysOf,
  parseSet,
  setOf,
  sets,
} from '@sluice/core'
import { keysAt } from '../partitions/keys-at.ts'
import type { Store } from '../store/ports.ts'

/** What a text means: the slices of each asset that has those keys. */
export interface ChosenSlices {
  readonly at: KeysAt
  /** By the asset's name; never empty. */
  readonly slices: ReadonlyMap<string, Spans>
  /** Assets that have no such key. */
  readonly others: ReadonlySet<string>
}

/**
 * The slices that a text means: a key, a range `A..B`, several with commas, of a grid also by dimension; `all`, `latest`,
 * `missing`. An asset that has no such key is left out.
 *
 * @param assets which are partitioned, and at least one.
 * @throws SluiceError PARTITION_REQUIRED, PARTITION_UNKNOWN where none has them; with the place of the definition.
 */
export async function chooseSlices(
  store: Store,
  assets: readonly AssetSnapshot[],
  text: string | undefined,
  now: number,
): Promise<ChosenSlices> {
  const at = await keysAt(store, assets, now)
  const first = assets[0]!
  if (text === undefined) throw required(first, at)
  const slices = new Map<string, Spans>()
  const others = new Set<string>()
  let failure: SluiceError | undefined
  for (const asset of assets) {
    try {
      const set = await slicesOf(store, asset, text, at)
      if (!sets.isEmpty(set)) slices.set(asset.name, set)
    } catch (error) {
      others.add(asset.name)
      failure ??= withPlace(error as SluiceError, asset)
    }
  }
  if (slices.size > 0) return { at, slices, others }
  if (failure) throw failure
  throw new SluiceError(
    'PARTITION_UNKNOWN',
    text === 'missing' ? 'No partition is missing.' : `"${first.name}" has no partition yet.`,
    {
      hint:
        text === 'missing'
          ? `sluice assets show ${first.name} lists them; --partition all makes all again.`
          : 'Partitions by the clock exist once they have ended; dynamic ones are added by code.',
      data: { place: first.place },
    },
  )
}

/**
 * The keys that a text means, of all assets together; `null` where none of the assets is partitioned.
 *
 * @throws SluiceError PARTITION_REQUIRED, PARTITION_UNKNOWN.
 */
export async function partitionsFor(
  store: Store,
  assets: readonly AssetSnapshot[],
  text: string | undefined,
  now: number,
): Promise<readonly string[] | null> {
  const partitioned = assets.filter(({ partitions }) => partitions)
  if (partitioned.length === 0) {
    if (text === undefined) return null
    throw new SluiceError('PARTITION_UNKNOWN', 'None of the selected assets is partitioned.', {
      hint: 'Leave --partition out.',
    })
  }
  const { at, slices } = await chooseSlices(store, partitioned, text, now)
  const chosen = new Set<string>()
  const known = new Map<string, Spans[]>()
  for (const { name, partitions } of partitioned) {
    const set = slices.get(name)
    if (!set) continue
    // Assets that are partitioned alike are read once.
    const id = JSON.stringify(partitions)
    const before = known.get(id) ?? []
    known.set(id, [...before, set])
    if (before.some((one) => sets.equals(one, set))) continue
    for (const key of keysIn(domainOf(partitions, at), set)) chosen.add(key!)
  }
  return [...chosen].toSorted((a, b) => (a < b ? -1 : 1))
}

async function slicesOf(store: Store, { name, partitions }: AssetSnapshot, text: string, at: KeysAt): Promise<Spans> {
  if (text !== 'missing' || keysOf(partitions!, at).has(text))
    return slicesFor(partitions!, text, at, `Asset "${name}"`)
  const domain = domainOf(partitions, at)
  return sets.difference(domain.all, setOf(domain, await store.assets.partitions(name)))
}

/** What a text means among slices, whatever was made of them. */
export function slicesFor(spec: PartitionsSpec, text: string, at: KeysAt, whose: string): Spans {
  const domain = domainOf(spec, at)
  const keys = keysOf(spec, at)
  if (keys.has(text)) return setOf(domain, [text])
  if (text === 'all') return domain.all
  if (text === 'latest') return setOf(domain, keys.last === null ? [] : [keys.last])
  return parseSet(spec, text, at, whose)
}

function withPlace(error: SluiceError, { place }: AssetSnapshot): SluiceError {
  if (error.code !== 'PARTITION_UNKNOWN') return error
  const { code, message, hint, data } = error
  return new SluiceError(code, message, { ...(hint !== undefined && { hint }), data: { ...data, place } })
}

function required({ name, partitions, place }: AssetSnapshot, at: KeysAt): SluiceError {
  const { count, first, last } = keysOf(partitions!, at)
  return new SluiceError(
    'PARTITION_REQUIRED',
    `"${name}" is partitioned: say which of its ${count} partitions to make.`,
    {
      hint:
        count === 0
          ? 'It has no partition yet.'
          : `--partition ${last}, a range --partition ${first}..${last}, or all, latest, missing.`,
      data: { place, last },
    },
  )
}
