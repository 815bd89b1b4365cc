import { type AssetSnapshot, SluiceError, type Spans, keysIn, keysOf, partitionsEach, sets } from '@sluice/core'
import type { AssetStates } from '../assets/asset-states.ts'
import { graphOfAssets } from '../assets/staleness.ts'
import { keysAt } from '../partitions/keys-at.ts'
import type { Store } from '../store/ports.ts'
import { chooseSlices, partitionsFor } from './partitions.ts'

interface Asked {
  /** All of the location. */
  readonly all: readonly AssetSnapshot[]
  readonly chosen: readonly AssetSnapshot[]
  readonly location: string
  readonly partition: string | undefined
  readonly now: number
}

/** What a run makes of them. */
type OutOfDate = { readonly assets: readonly AssetSnapshot[] } & ReturnType<typeof partitionsEach>

/**
 * Of assets that are to be made, those that are not up to date: stale, or never made; each with its own partitions that
 * are. What something else makes is left out.
 *
 * @param asked.partition as for any launch: which partitions are looked at.
 * @throws SluiceError UP_TO_DATE where nothing is left; PARTITION_REQUIRED, PARTITION_UNKNOWN.
 */
export async function outOfDate(store: Store, states: AssetStates, asked: Asked): Promise<OutOfDate> {
  const { all, chosen, location, partition, now } = asked
  const partitioned = chosen.filter((one) => one.partitions)
  if (partitioned.length === 0) await partitionsFor(store, chosen, partition, now) // refuses any
  const slices = partitioned.length === 0 ? null : (await chooseSlices(store, partitioned, partition, now)).slices
  const at = await keysAt(store, all, now)
  const graph = graphOfAssets(all, location)
  const assets: AssetSnapshot[] = []
  const keys = new Map<string, Set<string>>()
  for (const one of chosen) {
    if (one.external) continue
    const { domain, behind } = await behindOf(states, { graph, keysAt: at, asset: one.name })
    const wanted: Spans = one.partitions ? sets.intersection(behind, slices?.get(one.name) ?? sets.none) : behind
    if (sets.isEmpty(wanted)) continue
    assets.push(one)
    if (one.partitions) keys.set(one.name, new Set(keysIn(domain, wanted) as Iterable<string>))
  }
  if (assets.length === 0)
    throw new SluiceError('UP_TO_DATE', 'Nothing of the selection is stale or missing.', {
      hint: 'Without --stale it is made again all the same.',
    })
  return { assets, ...partitionsEach(keys) }
}

/**
 * Of each asset that is to be made, its own slices that are not up to date: stale, or never made; nothing of one whose are.
 * `null` where the word is a key of theirs.
 *
 * @throws SluiceError UP_TO_DATE where nothing is left.
 */
export async function staleSlices(
  store: Store,
  states: AssetStates,
  { all, chosen, location, now }: Pick<Asked, 'all' | 'chosen' | 'location' | 'now'>,
): Promise<ReadonlyMap<string, Spans> | null> {
  const at = await keysAt(store, all, now)
  if (chosen.some(({ partitions }) => partitions && keysOf(partitions, at).has('stale'))) return null
  const graph = graphOfAssets(all, location)
  const slices = new Map<string, Spans>()
  for (const { name } of chosen) {
    const { behind } = await behindOf(states, { graph, keysAt: at, asset: name })
    if (!sets.isEmpty(behind)) slices.set(name, behind)
  }
  if (slices.size > 0) return slices
  throw new SluiceError('UP_TO_DATE', 'Nothing of the selection is stale or missing.', {
    hint: 'all in place of stale makes it again all the same.',
  })
}

async function behindOf(states: AssetStates, of: Parameters<AssetStates['of']>[0]) {
  const { domain, facts } = await states.of(of)
  return { domain, behind: sets.union(facts.stale, sets.difference(domain.all, facts.made)) }
}
