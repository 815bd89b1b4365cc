import type { AnyAsset } from '@sluice/core'
import { type AssetRun, sliceId } from './inputs.ts'
import type { Unit } from './plan.ts'

const page = 5000

/**
 * What this run made before a crash: its later steps read that, whatever other runs made since. What shows the newest
 * value to people may have missed it, so it is told again.
 */
export async function recallMade(run: AssetRun, units: readonly Unit[]): Promise<void> {
  const { store, values, run: self } = run.session
  const assets = new Map(
    units.flatMap((unit) => (unit.kind === 'check' ? [] : unit.assets)).map((one) => [one.name, one]),
  )
  for (let after = 0; ;) {
    const found = await store.assets.ofRun(self.id, { after, limit: page })
    for (const one of found) run.made.set(sliceId(one.asset, one.partition), one)
    if (found.length < page) break
    after = found.at(-1)!.id
  }
  const made = [...run.made.values()].filter((one) => one.kind === 'materialization')
  // Another run may have made a newer one since, and has told of it.
  const newest = new Set((await store.assets.latest(made)).map((one) => one.id))
  await Promise.all(
    made.map(async ({ id, asset: name, partition, value }) => {
      const asset = assets.get(name)
      if (!asset || !value || !newest.has(id)) return
      await values.published(asset, partition, value).catch((error: Error) => warnPublish(run, asset, error))
    }),
  )
}

/** What people look at is behind; what is stored is not. */
export function warnPublish(run: AssetRun, asset: AnyAsset, error: Error): void {
  run.session.warn(
    0,
    'STORE_FAILED',
    `"${asset.name}" is made, but what shows its newest value could not be updated: ${error.message}`,
  )
}
