import { type AssetSnapshot, type Run, type RunTarget, type Snapshot, termsTogether } from '@sluice/core'
import { termsFor } from '../launches/plan.ts'
import { newRun } from '../runs/launch.ts'
import type { RequestedRun } from './group-requests.ts'

export interface PlanRequested {
  readonly requested: RequestedRun
  /** Of the location. */
  readonly snapshot: Snapshot
  /** Which slice of an asset was made last: a check of what is partitioned tests that. */
  readonly newest: (asset: string) => string | null
  readonly now: number
}

/** Names that are written out in the title of a run. */
const shown = 20

/**
 * The run of what conditions have requested; `null` where there is nothing to do: a check of an asset that was never made.
 *
 * @throws SluiceError CONFLICT where its assets want what one process cannot give.
 */
export function planRequested({ requested, snapshot, newest, now }: PlanRequested): Run | null {
  const { location, entities, keys } = requested
  const names = entities.flatMap(({ asset, check }) => (check ? [] : [asset.name]))
  const checks = entities.flatMap(({ asset, check }) => (check ? [`${asset.name}:${check.name}`] : []))
  const isTest = names.length === 0
  const byName = new Map(snapshot.assets.map((one) => [one.name, one]))
  const wanted = new Set(isTest ? entities.map(({ asset }) => asset.name) : names)
  const assets = [...wanted].map((name) => byName.get(name)!)
  const terms = termsTogether(assets.map((one) => one.terms))
  const selection = selectionOf(assets)
  const common = { selection, assets: assets.map(({ name }) => name) }
  const partitions = isTest ? testedOf(assets[0]!, newest) : keys && keys.toSorted((a, b) => (a < b ? -1 : 1))
  if (partitions?.length === 0) return null
  const target: RunTarget = isTest
    ? { kind: 'checks', ...common, checks, partitions }
    : { kind: 'assets', ...common, partitions }
  return newRun({
    target,
    params: null,
    entry: null,
    terms: termsFor(location, terms, { target: selection }),
    cause: { by: 'condition' },
    owners: terms.owners ?? [],
    startAt: terms.delay === undefined ? null : now + terms.delay,
    now,
  })
}

function selectionOf(assets: readonly AssetSnapshot[]): string {
  const [only] = assets
  if (assets.length === 1) return only!.name
  const names = assets.slice(0, shown).map(({ name }) => name)
  const rest = assets.length - names.length
  return `${names.join(' or ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

function testedOf({ name, partitions }: AssetSnapshot, newest: PlanRequested['newest']): readonly string[] | null {
  if (!partitions) return null
  const key = newest(name)
  return key === null ? [] : [key]
}
