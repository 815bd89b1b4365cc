import { type Backfill, type Domain, type Spans, domainOfPart, recordOf, setOfRecord, sets } from '@sluice/core'
import type { Store } from '../store/ports.ts'

/** Backfills that go on, or will: those that are canceled make nothing more. */
const makes = ({ state }: Pick<Backfill, 'state'>): boolean => state === 'running' || state === 'paused'

/** Backfills that have something to make, by id. */
export type Filling = Map<string, Backfill>

/** Reads one that was made or has another state; gives the assets that it makes. */
export async function readFilling(
  store: Pick<Store, 'backfills'>,
  filling: Filling,
  id: string,
): Promise<readonly string[]> {
  const found = await store.backfills.find(id)
  if (found?.id !== id) return []
  if (makes(found)) filling.set(id, found)
  else filling.delete(id)
  return found.plan.parts.flatMap(({ assets }) => assets)
}

/** How far they are now. Where there are none, nothing is read. */
export async function refreshFilling(store: Pick<Store, 'backfills'>, filling: Filling): Promise<void> {
  if (filling.size === 0) return
  for (const head of await store.backfills.active()) {
    const known = filling.get(head.id)
    if (known) filling.set(head.id, { ...head, plan: known.plan })
  }
}

/** The slices of an asset that they have still to make (Dagster's rule: neither made nor failed), as a set of a domain. */
export function fillingOf(filling: Filling, asset: string, domain: Domain): Spans {
  let all: Spans = sets.none
  for (const { plan, progress } of filling.values()) {
    for (const [n, part] of plan.parts.entries()) {
      if (!part.assets.includes(asset)) continue
      const { done, failed } = progress.parts[n]!
      const left = sets.difference(part.set, sets.union(done, failed))
      all = sets.union(all, setOfRecord(domain, recordOf(domainOfPart(plan, part), left)))
    }
  }
  return all
}
