import { type AssetSnapshot, type KeysAt, SluiceError, dynamicSets, keysOf, parseRange } from '@sluice/core'
import type { Store } from '../store/ports.ts'

/** When partitions are looked at, and which keys the dynamic ones have. */
export async function keysAt(
  store: { readonly partitions: Pick<Store['partitions'], 'keys'> },
  assets: readonly AssetSnapshot[],
  now: number,
): Promise<KeysAt> {
  const dynamic: Record<string, readonly string[]> = {}
  const specs = assets.map(({ partitions }) => partitions)
  for (const name of dynamicSets(specs)) dynamic[name] = await store.partitions.keys(name)
  return { now: Temporal.Instant.fromEpochMilliseconds(now), dynamic }
}

/**
 * The keys that a text means, of all assets together: a key, a range `A..B`, `all`, `latest`, `missing`; `null` where none
 * of the assets is partitioned.
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
  const [first] = partitioned
  if (!first) {
    if (text === undefined) return null
    throw new SluiceError('PARTITION_UNKNOWN', 'None of the selected assets is partitioned.', {
      hint: 'Leave the partition out.',
    })
  }
  const at = await keysAt(store, partitioned, now)
  if (text === undefined) {
    const { count, last } = keysOf(first.partitions!, at)
    throw new SluiceError(
      'PARTITION_REQUIRED',
      `"${first.name}" is partitioned: say which of its ${count} partitions to make.`,
      {
        hint: count === 0 ? 'It has no partition yet.' : `${last}, a range, or all, latest, missing.`,
      },
    )
  }
  const chosen = new Set<string>()
  const failures: unknown[] = []
  for (const asset of partitioned) {
    try {
      for (const key of await keysFor(store, asset, text, at)) chosen.add(key)
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length === partitioned.length) throw failures[0]
  if (chosen.size > 0) return [...chosen].toSorted((a, b) => (a < b ? -1 : 1))
  throw new SluiceError(
    'PARTITION_UNKNOWN',
    text === 'missing' ? 'No partition is missing.' : `"${first.name}" has no partition yet.`,
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
