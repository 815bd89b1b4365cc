import { type AssetSnapshot, type SelectionGraph, type Snapshot, asks, parseSelection, select } from '@sluice/core'
import { type AssetStates, assetStatuses } from '../assets/asset-states.ts'
import type { AssetStore } from '../assets/staleness.ts'

export type Statuses = NonNullable<SelectionGraph['statuses']>

export interface SelectOptions {
  /** Also those that something else makes, where the selection says no more than `*`. */
  readonly external?: boolean
  /** For `status:`, which is an error without. */
  readonly statuses?: Statuses | undefined
  /** For `location:`. */
  readonly location?: string
}

/**
 * All assets of a selection, in the order of the definitions.
 *
 * @throws SluiceError SELECTION_INVALID, ASSET_UNKNOWN.
 */
export function selectedAssets(
  snapshot: Snapshot,
  selection: string,
  { external = false, statuses, location }: SelectOptions = {},
): readonly AssetSnapshot[] {
  const ast = parseSelection(selection)
  // Made once for each list: the graph of a selection is remembered by it.
  const assets = location === undefined ? snapshot.assets : locatedAssets(snapshot.assets, location)
  const known = { assets, ...(statuses && { statuses }) }
  const of = (target: string): readonly string[] => select(parseSelection(target), known)
  const named = new Map<string, readonly string[]>()
  const namesOf = (target: string): readonly string[] => {
    let names = named.get(target)
    if (!names) {
      const job = snapshot.jobs.find(({ name }) => name === target)
      const its = job
        ? 'selection' in job.target
          ? job.target.selection
          : null
        : isAssets(snapshot, target)
          ? target
          : null
      named.set(target, (names = its === null || its === selection ? [] : of(its)))
    }
    return names
  }
  const all = <T extends { readonly name: string }>(list: readonly T[], targets: (one: T) => readonly string[]) =>
    Object.fromEntries(list.map((one) => [one.name, targets(one).flatMap(namesOf)]))
  const on: SelectionGraph = {
    ...known,
    ...(asks(ast, 'job') && { jobs: all(snapshot.jobs, ({ name }) => [name]) }),
    ...(asks(ast, 'schedule') && { schedules: all(snapshot.schedules, ({ target }) => [target]) }),
    ...(asks(ast, 'sensor') && { sensors: all(snapshot.sensors, ({ targets }) => targets) }),
  }
  const names = new Set(select(ast, on, { external }))
  return snapshot.assets.filter(({ name }) => names.has(name))
}

/** Is the name of a schedule's target assets, rather than a flow or a task? */
const isAssets = ({ flows, tasks }: Snapshot, target: string): boolean =>
  ![...flows, ...tasks].some(({ name }) => name === target)

const located = new WeakMap<readonly AssetSnapshot[], readonly AssetSnapshot[]>()

function locatedAssets(assets: readonly AssetSnapshot[], location: string): readonly AssetSnapshot[] {
  const known = located.get(assets) ?? assets.map((one) => ({ ...one, location }))
  located.set(assets, known)
  return known
}

/**
 * What a selection has to know of the store: how fresh the assets are, where it asks, itself or through a job;
 * `undefined` where it does not.
 *
 * @throws SluiceError SELECTION_INVALID.
 */
export async function statusesFor(
  store: AssetStore,
  states: AssetStates,
  asked: {
    readonly snapshot: Snapshot
    readonly location: string
    readonly selection: string
    /** Milliseconds since 1970. */
    readonly now: number
  },
): Promise<Statuses | undefined> {
  const { snapshot, location, selection, now } = asked
  if (!asksStatuses(snapshot, selection)) return undefined
  return assetStatuses(store, states, { assets: snapshot.assets, location, now })
}

/** Does it, or a job that it names, ask `status:`? */
export function asksStatuses({ jobs }: Snapshot, selection: string): boolean {
  const ast = parseSelection(selection)
  if (asks(ast, 'status')) return true
  if (!asks(ast, 'job') && !asks(ast, 'schedule') && !asks(ast, 'sensor')) return false
  return jobs.some(({ target }) => 'selection' in target && asks(parseSelection(target.selection), 'status'))
}
