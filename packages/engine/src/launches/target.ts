import {
  type AssetSnapshot,
  type JobSnapshot,
  type OnlyChecks,
  type Snapshot,
  SluiceError,
  closest,
} from '@sluice/core'
import { chosenChecks } from './checks.ts'
import { type SelectOptions, selectedAssets } from './select.ts'

/** What a name means, as the definitions call it. */
export type LaunchTarget =
  | { readonly kind: 'flow' | 'task'; readonly name: string; readonly job: JobSnapshot | null }
  | { readonly kind: 'assets'; readonly selection: string; readonly job: JobSnapshot | null }
  | {
      readonly kind: 'checks'
      readonly selection: string
      readonly only: OnlyChecks
      readonly job: JobSnapshot | null
    }

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
export function runnableAssets(
  snapshot: Snapshot,
  selection: string,
  options: SelectOptions = {},
): readonly AssetSnapshot[] {
  const chosen = selectedAssets(snapshot, selection, options).filter(({ runnable }) => runnable)
  if (chosen.length > 0) return chosen
  throw new SluiceError('SELECTION_EMPTY', `The selection ${selection} matches no asset that can be made.`, {
    hint: 'sluice assets list shows all.',
  })
}

/** What a run makes or tests, for what it was asked. */
export interface ChosenAssets {
  readonly assets: readonly AssetSnapshot[]
  /** Of a run that only tests. */
  readonly checks?: readonly string[]
}

/** @throws SluiceError SELECTION_…, ASSET_UNKNOWN, CHECK_UNKNOWN. */
export function chosenAssets(
  snapshot: Snapshot,
  chosen: Extract<LaunchTarget, { readonly selection: string }>,
  options: SelectOptions = {},
): ChosenAssets {
  const { selection } = chosen
  if (chosen.kind === 'assets') return { assets: runnableAssets(snapshot, selection, options) }
  return chosenChecks(selectedAssets(snapshot, selection, { ...options, external: true }), selection, chosen.only)
}
