import { type AssetSnapshot, type Domain, type KeysAt, SluiceError, domainOf, parseSet, sets } from '@sluice/core'
import { keysAt } from '@sluice/engine'
import type { Context } from '../context.ts'

/** Pieces of a set that are told; a set that people write has few. */
const most = 1000

interface Now {
  readonly domain: Domain
  readonly at: KeysAt
}

/** The partitions of an asset that there are now. */
export async function domainNow({ store, now }: Context, { partitions }: AssetSnapshot): Promise<Now> {
  const at = await keysAt(store, [{ partitions }], now())
  return { domain: domainOf(partitions, at), at }
}

interface KeysAsked {
  readonly dim?: string | undefined
  readonly from: number
  readonly step: number
  readonly limit: number
}

/** Keys of one dimension, every so many, from a place on; and the place after them, where there is more. */
export function keysByPlace({ domain: { axes } }: Now, { dim, from, step, limit }: KeysAsked) {
  const axis = dim === undefined ? axes[0] : axes.find(({ name }) => name === dim)
  if (!axis) throw new SluiceError('NOT_FOUND', dim === undefined ? 'It has no partitions.' : `It has no "${dim}".`)
  const keys: string[] = []
  let at = axis.from + from
  for (; at < axis.to && keys.length < limit; at += step) keys.push(axis.keyOf(at))
  return { keys, next: at < axis.to ? String(at - axis.from) : null }
}

/**
 * Where partitions are that are written as a set: products of one stretch of each dimension.
 *
 * @throws SluiceError PARTITION_UNKNOWN.
 */
export function placesOf({ domain: { axes, spec }, at }: Now, text: string, asset: string) {
  if (spec === null) throw new SluiceError('NOT_FOUND', `"${asset}" has no partitions.`)
  const places = []
  for (const box of sets.boxesOf(parseSet(spec, text, at, `Asset "${asset}"`))) {
    places.push(box.map(([first, end], n) => ({ at: first - axes[n]!.from, count: end - first })))
    if (places.length === most) break
  }
  return places
}
