import type { AssetSnapshot } from '../definitions/snapshot.ts'
import { edgeMapping } from '../partitions/edge-mapping.ts'
import type { ConditionAsset, ConditionEdge } from './graph.ts'

/**
 * The assets of a location as conditions and staleness see them.
 *
 * @param byName what its edges may lead to. Default: the same assets.
 */
export function conditionAssets(
  assets: readonly AssetSnapshot[],
  location: string,
  byName: ReadonlyMap<string, AssetSnapshot> = new Map(assets.map((one) => [one.name, one])),
): readonly ConditionAsset[] {
  return assets.map((asset) => ({
    name: asset.name,
    upstream: asset.upstream,
    tags: asset.tags,
    owners: asset.owners,
    group: asset.group,
    kinds: asset.kinds,
    external: asset.external,
    location,
    partitions: asset.partitions,
    edges: asset.edges.map((edge) => edgeOf(edge, asset, byName.get(edge.asset))),
    condition: asset.condition,
    codeVersion: asset.codeVersion ?? null,
    checks: asset.checks.map(({ name, blocking, condition }) => ({ name, blocking, condition })),
    pool: asset.terms.pool,
    virtual: asset.virtual,
    together: asset.together,
  }))
}

function edgeOf(
  { asset, at }: AssetSnapshot['edges'][number],
  { partitions: down }: AssetSnapshot,
  up: AssetSnapshot | undefined,
): ConditionEdge {
  if (!up?.partitions) return { asset }
  return { asset, mapping: edgeMapping({ up: up.partitions, down, at }).mapping }
}
