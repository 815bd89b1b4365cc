import type { AnyAsset } from '@sluice/core'
import { type AssetRun, sliceId } from './inputs.ts'
import type { Unit } from './plan.ts'

/**
 * What this run made before a crash: its later steps read that, whatever other runs made since. What shows the newest
 * value to people may have missed it, so it is told again.
 */
export async function recallMade(run: AssetRun, units: readonly Unit[]): Promise<void> {
  const { id, createdAt } = run.session.run
  const assets = new Map(
    units.flatMap((unit) => (unit.kind === 'check' ? [] : unit.assets)).map((one) => [one.name, one]),
  )
  for (const asset of assets.values()) {
    for (let before: number | undefined; ;) {
      const page = await run.session.store.assets.history(asset.name, {
        limit: 500,
        ...(before !== undefined && { before }),
      })
      for (const one of page) {
        const slice = sliceId(one.asset, one.partition)
        if (one.run !== id || run.made.has(slice)) continue
        run.made.set(slice, one)
        if (one.value) {
          await run.session.values
            .published(asset, one.partition, one.value)
            .catch((error: Error) => warnPublish(run, asset, error))
        }
      }
      const last = page.at(-1)
      if (!last || last.at < createdAt) break
      before = last.id
    }
  }
}

/** What people look at is behind; what is stored is not. */
export function warnPublish(run: AssetRun, asset: AnyAsset, error: Error): void {
  run.session.warn(
    0,
    'STORE_FAILED',
    `"${asset.name}" is made, but what shows its newest value could not be updated: ${error.message}`,
  )
}
