import { type AnyAsset, SluiceError } from '@sluice/core'
import { type PlanInput, type Unit, checkUnit, keysFor, refuseUnknown } from './plan.ts'

/**
 * What a run does that only tests: these checks (`asset:check`) of every chosen partition, in no order.
 *
 * @throws SluiceError ASSET_UNKNOWN, CHECK_UNKNOWN where the code has them no more; PARTITION_…
 */
export function planChecks(input: PlanInput & { readonly checks: readonly string[] }): readonly Unit[] {
  const { definitions, sets, partitions } = input
  const wanted = new Set(input.checks)
  const units: Unit[] = []
  const assets = input.assets.map((name): AnyAsset => {
    const asset = definitions.assets.get(name)
    if (asset) return asset
    throw new SluiceError('ASSET_UNKNOWN', `No asset is called "${name}".`, { hint: 'sluice assets list shows all.' })
  })
  if (partitions) refuseUnknown(assets, sets, partitions)
  for (const asset of assets) {
    const keys = asset.partitions ? keysFor(asset, sets, partitions) : [null]
    for (const check of asset.checkList) {
      if (!wanted.delete(`${asset.name}:${check.name}`)) continue
      for (const key of keys) units.push(checkUnit(asset, check, key, units.length))
    }
  }
  const [gone] = wanted
  if (gone === undefined) return units
  throw new SluiceError('CHECK_UNKNOWN', `There is no check "${gone}" any more.`, {
    hint: 'The code has changed since the run was launched: launch it again.',
  })
}
