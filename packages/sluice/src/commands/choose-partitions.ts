import { type AssetSnapshot, type Keys, type KeysAt, SluiceError, dynamicSets, keysOf, parseRange } from '@sluice/core'
import type { PartitionReads, Store } from '@sluice/engine/store'
import { located } from './located.ts'

/** When partitions are looked at, and which keys the dynamic ones have. */
export async function keysNow(
  store: { readonly partitions: Pick<PartitionReads, 'keys'> },
  assets: readonly AssetSnapshot[],
): Promise<KeysAt> {
  const dynamic: Record<string, readonly string[]> = {}
  const specs = assets.map(({ partitions }) => partitions)
  for (const name of dynamicSets(specs)) dynamic[name] = await store.partitions.keys(name)
  return { now: Temporal.Now.instant(), dynamic }
}

/** The keys that a person means, of all selected assets together; `null` where none is partitioned. */
export async function choosePartitions(
  store: Store,
  assets: readonly AssetSnapshot[],
  text: string | undefined,
): Promise<readonly string[] | null> {
  const [first] = assets
  if (!first) {
    if (text === undefined) return null
    throw new SluiceError('PARTITION_UNKNOWN', 'None of the selected assets is partitioned.', {
      hint: 'Leave --partition out.',
    })
  }
  const at = await keysNow(store, assets)
  if (text === undefined) throw required(first, keysOf(first.partitions!, at))
  const chosen = new Set<string>()
  const failures: unknown[] = []
  const kinds = new Set<string>()
  for (const asset of assets) {
    const id = JSON.stringify(asset.partitions)
    if (text !== 'missing' && kinds.has(id)) continue
    kinds.add(id)
    try {
      for (const key of await keysFor(store, asset, text, at)) chosen.add(key)
    } catch (error) {
      failures.push(located(error, asset.place))
    }
  }
  if (failures.length > 0 && failures.length === kinds.size) throw failures[0]
  if (chosen.size > 0) return [...chosen].toSorted((a, b) => (a < b ? -1 : 1))
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

async function keysFor(store: Store, asset: AssetSnapshot, text: string, at: KeysAt): Promise<Iterable<string>> {
  const spec = asset.partitions!
  const keys = keysOf(spec, at)
  if (keys.has(text)) return [text]
  if (text === 'all') return keys
  if (text === 'latest') return keys.last === null ? [] : [keys.last]
  if (text !== 'missing') return parseRange(spec, text, at, `Asset "${asset.name}"`)
  const there = new Set(await store.assets.partitions(asset.name))
  return [...keys].filter((key) => !there.has(key))
}

function required({ name, place }: AssetSnapshot, keys: Keys): SluiceError {
  return new SluiceError(
    'PARTITION_REQUIRED',
    `"${name}" is partitioned: say which of its ${keys.count} partitions to make.`,
    {
      hint:
        keys.count === 0
          ? 'It has no partition yet.'
          : `--partition ${keys.last}, a range --partition ${keys.first}..${keys.last}, or all, latest, missing.`,
      data: { place, last: keys.last },
    },
  )
}
