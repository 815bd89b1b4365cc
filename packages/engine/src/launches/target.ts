import {
  type AssetSnapshot,
  type JobSnapshot,
  type Snapshot,
  SluiceError,
  closest,
  parseSelection,
  select,
} from '@sluice/core'

/** What a name means, as the definitions call it. */
export type LaunchTarget =
  | { readonly kind: 'flow' | 'task'; readonly name: string; readonly job: JobSnapshot | null }
  | { readonly kind: 'assets'; readonly selection: string; readonly job: JobSnapshot | null }

/**
 * A job, a flow, a task, an asset, or else a selection of assets.
 *
 * @throws SluiceError TARGET_UNKNOWN where a name that is no selection either means nothing here.
 */
export function launchTarget(snapshot: Snapshot, name: string): LaunchTarget {
  const job = snapshot.jobs.find((one) => one.name === name)
  if (job) return { ...job.target, job }
  if (snapshot.flows.some((one) => one.name === name)) return { kind: 'flow', name, job: null }
  if (snapshot.tasks.some((one) => one.name === name)) return { kind: 'task', name, job: null }
  if (snapshot.assets.some((one) => one.name === name)) return { kind: 'assets', selection: `key:"${name}"`, job: null }
  if (/[\s:*+()"]/.test(name)) return { kind: 'assets', selection: name, job: null }
  const names = [...snapshot.jobs, ...snapshot.flows, ...snapshot.tasks, ...snapshot.assets].map((one) => one.name)
  const near = closest(name, names)
  throw new SluiceError('TARGET_UNKNOWN', `Nothing is called "${name}".`, {
    hint: near === undefined ? `There is: ${names.slice(0, 12).join(', ') || 'nothing'}.` : `Did you mean ${near}?`,
  })
}

/**
 * The assets of a selection that can be made, in the order of the definitions.
 *
 * @throws SluiceError SELECTION_INVALID, ASSET_UNKNOWN; SELECTION_EMPTY where none can be made.
 */
export function runnableAssets(snapshot: Snapshot, selection: string): readonly AssetSnapshot[] {
  const { assets } = snapshot
  const jobs = Object.fromEntries(
    snapshot.jobs.flatMap(({ name, target }) =>
      target.kind === 'assets' && target.selection !== selection
        ? [[name, select(parseSelection(target.selection), { assets })]]
        : [],
    ),
  )
  const names = new Set(select(parseSelection(selection), { assets, jobs }))
  const chosen = assets.filter(({ name, runnable }) => runnable && names.has(name))
  if (chosen.length > 0) return chosen
  throw new SluiceError('SELECTION_EMPTY', `The selection ${selection} matches no asset that can be made.`, {
    hint: 'sluice assets list shows all.',
  })
}
