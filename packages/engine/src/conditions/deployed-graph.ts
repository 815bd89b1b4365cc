import {
  type AssetSnapshot,
  type ConditionGraph,
  type Snapshot,
  conditionAssets,
  graphing,
  inOneGo,
} from '@sluice/core'

/** Active code, as far as conditions need it. */
export interface DeployedCode {
  readonly location: string
  readonly snapshot: Snapshot
}

/**
 * The assets of all locations as one graph: what one location only refers to is what another defines. Of two that define
 * one asset, the first counts.
 *
 * @param isPaused by the id of an asset or check: its condition counts as none.
 */
export const deployedGraph = (codes: readonly DeployedCode[], isPaused: (entity: string) => boolean): ConditionGraph =>
  inOneGo(graphingDeployed(codes, isPaused))

/** The same in steps, between which who carries them out may do something else. */
export function* graphingDeployed(
  codes: readonly DeployedCode[],
  isPaused: (entity: string) => boolean,
): Generator<void, ConditionGraph> {
  const byName = new Map<string, AssetSnapshot>()
  const locationOf = new Map<string, string>()
  for (const { location, snapshot } of codes)
    for (const asset of snapshot.assets) {
      const known = byName.get(asset.name)
      if (known && (known.made !== 'elsewhere' || asset.made === 'elsewhere')) continue
      byName.set(asset.name, asset)
      locationOf.set(asset.name, location)
    }
  const assets = codes.flatMap(({ location, snapshot }) =>
    conditionAssets(
      snapshot.assets.filter((asset) => locationOf.get(asset.name) === location && byName.get(asset.name) === asset),
      location,
      byName,
    ),
  )
  yield
  return yield* graphing(
    assets.map((asset) => ({
      ...asset,
      condition: isPaused(asset.name) ? undefined : asset.condition,
      checks: asset.checks?.map((check) =>
        check.condition && isPaused(`check:${asset.name}:${check.name}`) ? { ...check, condition: undefined } : check,
      ),
    })),
  )
}

const wholes = new WeakMap<Snapshot, { readonly snapshots: readonly Snapshot[]; readonly graph: ConditionGraph }>()

/** The same with what is paused, made once for the same code: requests ask for it again and again. */
export function wholeGraph(codes: readonly DeployedCode[]): ConditionGraph {
  const snapshots = codes.map(({ snapshot }) => snapshot)
  const known = snapshots[0] && wholes.get(snapshots[0])
  if (known?.snapshots.length === snapshots.length && known.snapshots.every((one, n) => one === snapshots[n]))
    return known.graph
  const graph = deployedGraph(codes, () => false)
  if (snapshots[0]) wholes.set(snapshots[0], { snapshots, graph })
  return graph
}
