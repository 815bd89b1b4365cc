import type { AssetSnapshot, PartitionState } from '@sluice/core'

/** An asset of a selection, as one location has it. */
export interface FoundAsset {
  readonly location: string
  readonly definition: Pick<AssetSnapshot, 'name' | 'group' | 'external' | 'upstream'>
  /** Where its slices stand; none of what cannot be made. */
  readonly states: readonly PartitionState[]
}

export interface LineageAsset {
  readonly name: string
  readonly location: string
  readonly group: string | null
  readonly external: boolean
  readonly states: PartitionState[]
  /** Places in the list. */
  readonly upstream: number[]
}

/**
 * The graph of what was selected in all locations, by name: what one location makes and others only refer to is one asset,
 * the one that makes it. Edges to what is not in the list, and to itself, are left out.
 *
 * @param most of more the first by name are taken; `total` counts all.
 */
export function lineageOf(
  found: readonly FoundAsset[],
  most: number,
): { readonly assets: LineageAsset[]; readonly total: number } {
  const byName = Map.groupBy(found, ({ definition }) => definition.name)
  const names = [...byName.keys()].toSorted()
  const places = new Map(names.slice(0, most).map((name, place) => [name, place]))
  const assets = places.entries().map(([name, place]): LineageAsset => {
    const all = byName.get(name)!
    const { location, definition, states } = all.find((one) => !one.definition.external) ?? all[0]!
    const above = all.flatMap((one) => one.definition.upstream.map((up) => places.get(up)))
    const upstream = [...new Set(above)].filter((up) => up !== undefined && up !== place) as number[]
    const { group = null, external = false } = definition
    return { name, location, group, external, states: [...states], upstream: upstream.sort((a, b) => a - b) }
  })
  return { assets: [...assets], total: names.length }
}
