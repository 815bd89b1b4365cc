import {
  type AssetSnapshot,
  type BackfillPart,
  type DraftPart,
  type KeysAt,
  type Snapshot,
  backfillParts,
} from '@sluice/core'
import type { AssetStates } from '../assets/asset-states.ts'
import { definedTerms, termsFor } from '../launches/plan.ts'
import { statusesFor } from '../launches/select.ts'
import { staleSlices } from '../launches/stale.ts'
import { type LaunchTarget, runnableAssets } from '../launches/target.ts'
import type { Store } from '../store/ports.ts'
import { chooseSets } from './choose-sets.ts'
import { pastDurations } from './past-durations.ts'
import type { BackfillRequest } from './plan-backfill.ts'

interface PlannedParts {
  readonly at: KeysAt
  readonly parts: readonly BackfillPart[]
  readonly leftOut: number
}

/** The parts of a backfill of assets, each after those it needs, and how their runs wait. */
export async function planAssetParts({
  store,
  states,
  location,
  snapshot,
  request,
  now,
  chosen,
}: {
  readonly store: Store
  readonly states: AssetStates
  readonly location: string
  readonly snapshot: Snapshot
  readonly request: BackfillRequest
  readonly now: number
  readonly chosen: Extract<LaunchTarget, { readonly kind: 'assets' }>
}): Promise<PlannedParts> {
  const { target, partition, pool, priority } = request
  const { job, selection } = chosen
  const statuses = await statusesFor(store, states, { snapshot, location, selection, now })
  const assets = runnableAssets(snapshot, selection, { location, statuses })
  const asked = { all: snapshot.assets, chosen: assets, location, now }
  const stale = partition === 'stale' ? await staleSlices(store, states, asked) : null
  const keys = stale ? 'all' : partition
  const { at, sets, leftOut } = await chooseSets(store, snapshot.assets, assets, keys, now, stale)
  const drafts = backfillParts(snapshot.assets, sets, pool ?? job?.terms.pool)
  const runTerms = (part: DraftPart): Pick<BackfillPart, 'terms' | 'owners' | 'delay'> => {
    if (part.assets.length === 0) return { terms: null, owners: [] }
    const its = definedTerms(snapshot, chosen, part.assets, pool)
    const given = { target, ...(pool !== undefined && { pool }), ...(priority !== undefined && { priority }) }
    const terms = termsFor(location, its, given)
    return { terms, owners: its.owners ?? [], ...(its.delay !== undefined && { delay: its.delay }) }
  }
  const names = drafts.flatMap((part) => part.assets.map(({ name }) => name))
  const expected = await pastDurations(store, names)
  const parts = drafts.map((part) => ({
    ...runTerms(part),
    assets: part.assets.map(({ name }) => name),
    spec: part.spec,
    set: part.set,
    after: part.after,
    steps: new Set(part.assets.map(({ name, together: step }) => (step === undefined ? name : `together ${step}`)))
      .size,
    expected: together(part.assets, expected),
  }))
  return { at, parts, leftOut }
}

function together(assets: readonly AssetSnapshot[], each: ReadonlyMap<string, number>): number | null {
  const times = assets.map(({ name }) => each.get(name))
  return times.length > 0 && times.every((time) => time !== undefined)
    ? times.reduce((sum: number, time) => sum + time, 0)
    : null
}
