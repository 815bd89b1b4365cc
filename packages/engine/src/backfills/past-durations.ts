import type { Store } from '../store/ports.ts'

/** The newest records of an asset that are looked at, and the assets of which they are. */
const newest = 5
const mostAssets = 100

/**
 * Milliseconds that a slice of each asset took on average when it was made last; without those that were never made. Of
 * very many assets only the first are looked at: an estimate is not worth thousands of reads.
 */
export async function pastDurations(
  store: Pick<Store, 'assets' | 'steps'>,
  assets: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>()
  const look = async (asset: string): Promise<void> => {
    const records = await store.assets.history(asset, { kind: 'materialization', limit: newest })
    const steps = await Promise.all(records.map(({ run, step }) => store.steps.get(run, step)))
    const times = steps.flatMap((step) =>
      step && step.startedAt !== null && step.endedAt !== null ? [step.endedAt - step.startedAt] : [],
    )
    if (times.length > 0) found.set(asset, times.reduce((sum, time) => sum + time, 0) / times.length)
  }
  await Promise.all(assets.slice(0, mostAssets).map(look))
  return found
}
