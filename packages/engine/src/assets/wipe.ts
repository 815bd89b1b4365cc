import { type AssetSnapshot, SluiceError } from '@sluice/core'
import { partitionsFor } from '../launches/partitions.ts'
import type { Store } from '../store/ports.ts'

/** What becomes of what was: `keep` leaves it in the history, `clear` deletes it. */
export type HistoryChoice = 'keep' | 'clear'

/** Partitions of one commit: others write between two. */
const CHUNK = 500

/**
 * Forgets that an asset was made: it is missing again, or these partitions of it are. The values themselves go when values
 * are collected.
 *
 * @param asked.definition `undefined` where the code has it no more: then only keys that are stored are known.
 * @param asked.partition keys as people write them (`A..B`, `A,B`, `all`); left out, all of the asset and what it ever was.
 * @returns how many partitions there were; `null` for one without.
 * @throws SluiceError ASSET_UNKNOWN where nothing is known of it, PARTITION_UNKNOWN.
 */
export async function wipeAsset(
  store: Store,
  asked: {
    readonly asset: string
    readonly definition: AssetSnapshot | undefined
    readonly partition?: string | undefined
    readonly history: HistoryChoice
    readonly at: number
  },
): Promise<{ readonly partitions: number | null }> {
  const { asset, definition, partition, history, at } = asked
  const isKnown = (await store.assets.history(asset, { limit: 1 })).length > 0
  if (!isKnown && (await store.assets.failed(asset)).length === 0)
    throw new SluiceError('ASSET_UNKNOWN', `Nothing was ever made of an asset "${asset}".`, {
      hint: 'sluice assets list shows what there is. Names are case-sensitive.',
    })
  const change = { change: 'asset.wipe', asset, history, at } as const
  if (partition === undefined) {
    const keys = await store.assets.partitions(asset)
    for (let from = 0; from < keys.length; from += CHUNK)
      await store.commit([{ ...change, partitions: keys.slice(from, from + CHUNK) }])
    await store.commit([{ ...change, partitions: null }])
    return { partitions: keys.length === 0 ? null : keys.length }
  }
  const keys = definition
    ? ((await partitionsFor(store, [definition], partition, at)) ?? [])
    : await storedKeys(store, asset, partition)
  for (let from = 0; from < keys.length; from += CHUNK)
    await store.commit([{ ...change, partitions: keys.slice(from, from + CHUNK) }])
  return { partitions: keys.length }
}

async function storedKeys(store: Store, asset: string, text: string): Promise<readonly string[]> {
  const stored = await store.assets.partitions(asset)
  if (text === 'all') return stored
  const wanted = text.split(',').map((one) => one.trim())
  const unknown = wanted.find((key) => !stored.includes(key))
  if (unknown === undefined) return wanted
  throw new SluiceError('PARTITION_UNKNOWN', `"${unknown}" is no partition that was made of "${asset}".`, {
    hint: 'No code defines the asset now, so only single keys that are stored, A,B and all are understood.',
  })
}

/**
 * An asset goes on under another name, as the code has it from now on: with its history (`keep`), or from nothing (`clear`).
 * What was made from it stays up to date only with `keep`.
 *
 * @throws SluiceError ASSET_UNKNOWN where nothing is known of it, CONFLICT where something is known of the new name.
 */
export async function renameAsset(
  store: Store,
  asked: { readonly from: string; readonly to: string; readonly history: HistoryChoice; readonly at: number },
): Promise<void> {
  const { from, to, history, at } = asked
  if (to.trim() === '' || /[\n\r\0]/.test(to)) throw new SluiceError('USAGE', `"${to}" cannot be the name of an asset.`)
  if (history === 'clear') {
    await wipeAsset(store, { asset: from, definition: undefined, history, at })
    return
  }
  const [done] = await store.commit([{ change: 'asset.rename', from, to, at }])
  if (done!.ok) return
  if (done!.code === 'NAME_UNKNOWN')
    throw new SluiceError('ASSET_UNKNOWN', `Nothing was ever made of an asset "${from}".`, {
      hint: 'sluice assets list shows what there is. Names are case-sensitive.',
    })
  throw new SluiceError('CONFLICT', `An asset "${to}" has a history of its own.`, {
    hint: `sluice assets wipe ${to} --history clear deletes that; then rename.`,
  })
}
