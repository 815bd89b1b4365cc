import {
  type AssetSnapshot,
  type Run,
  type RunTarget,
  type Snapshot,
  SluiceError,
  keysToMake,
  partitionTag,
} from '@sluice/core'
import type { Statuses } from '@sluice/engine'
import type { Store } from '@sluice/engine/store'
import { shownPlace } from '../terminal/error.ts'
import { located } from './located.ts'
import type { Planned } from './supervise/execute.ts'
import type { Session } from './supervise/session.ts'
import type { Chosen } from './targets.ts'
import { placeIn } from './views.ts'

export interface Wanted {
  readonly params: unknown
  readonly texts: Readonly<Record<string, string>>
  /** As given: a key, a range, `all`, `latest`, `missing`. */
  readonly partition?: string | undefined
  readonly tags?: Readonly<Record<string, string>>
  /** Only what is stale or was never made. */
  readonly stale?: boolean | undefined
}

/** A new run of what was chosen, with everything checked that can be before there is one. */
export async function planRun(session: Session, chosen: Chosen, wanted: Wanted): Promise<Planned> {
  const { jobPartition, newRun } = await import('@sluice/engine')
  const { entry } = session.location
  const now = Date.now()
  const job =
    chosen.job === null ? undefined : session.description.definitions.jobs.find(({ name }) => name === chosen.job)
  const tags = { ...job?.tags, ...wanted.tags, ...(job && { 'sluice/job': job.name }) }
  if (!('name' in chosen)) {
    refuseParams(wanted)
    const { target, total } = await planSelection(session, chosen, wanted)
    return { run: newRun({ target, params: null, tags, entry, now }), isNew: true, total }
  }
  const { kind, name } = chosen
  const partition = await jobPartition(session.store, { kind, name, job: job ?? null }, wanted.partition, now)
  const place = placeIn(session.description.definitions, kind, name)
  const prepared = await session
    .prepare({
      kind,
      name,
      job: chosen.job,
      params: wanted.params,
      texts: wanted.texts,
      ...(partition !== null && { partition }),
    })
    .catch((error: unknown) => {
      throw located(error, place)
    })
  const own = Object.fromEntries(prepared.tags.map((tag) => [tag, '']))
  const run: Run = newRun({
    target: { kind, name },
    params: prepared.params,
    title: prepared.title,
    tags: { ...own, ...tags, ...(partition !== null && { [partitionTag]: partition }) },
    entry,
    now,
  })
  return { run, isNew: true }
}

function refuseParams({ params, texts }: Wanted): void {
  if (params === undefined && Object.keys(texts).length === 0) return
  throw new SluiceError('PARAMS_UNKNOWN', 'Assets take no params on the command line.', {
    hint: 'Set them in sluice.config.ts: with: [asset.with({ … })].',
  })
}

/** What a selection of assets makes or tests, and how many steps that is. */
async function planSelection(
  session: Session,
  chosen: Extract<Chosen, { readonly selection: string }>,
  { partition, stale }: Wanted,
): Promise<{ readonly target: RunTarget; readonly total: number }> {
  const snapshot = session.description.definitions
  const { selection } = chosen
  const statuses = await statusesOf(selection, snapshot, session.store)
  const external = chosen.kind === 'checks'
  const selected = await selectAssets(snapshot, selection, { entries: session.description.entries, external, statuses })
  const { chosenChecks, partitionsFor } = await import('@sluice/engine')
  const keysOf = (assets: readonly AssetSnapshot[]): Promise<readonly string[] | null> =>
    partitionsFor(session.store, assets, partition, Date.now())
  if (chosen.kind === 'checks') {
    const { assets, checks } = chosenChecks(selected, selection, chosen.only)
    const partitions = await keysOf(assets)
    const target = { kind: 'checks', selection, assets: assets.map(({ name }) => name), checks, partitions } as const
    const slices = (check: string): number =>
      assets.some(({ name, partitions: its }) => its && check.startsWith(`${name}:`)) ? (partitions?.length ?? 1) : 1
    return { target, total: checks.reduce((sum, check) => sum + slices(check), 0) }
  }
  const runnable = selected.filter((one) => one.runnable)
  if (runnable.length === 0) {
    throw new SluiceError('SELECTION_EMPTY', `The selection ${selection} matches no asset that can be made.`, {
      hint: 'sluice assets list shows all.',
    })
  }
  const { assets, ...keys } = stale
    ? await onlyStale(session, runnable, partition)
    : { assets: runnable, partitions: await keysOf(runnable) }
  const total = assets.reduce((sum, one) => {
    const slices = one.partitions ? (keysToMake(keys, one.name)?.length ?? 1) : 1
    return sum + (one.perRun ? 1 : slices) + one.checks.length * slices
  }, 0)
  return { target: { kind: 'assets', selection, assets: assets.map(({ name }) => name), ...keys }, total }
}

async function onlyStale({ store, description }: Session, chosen: readonly AssetSnapshot[], partition?: string) {
  const { openAssetStates, outOfDate } = await import('@sluice/engine')
  const all = description.definitions.assets
  return outOfDate(store, openAssetStates(store), { all, chosen, location: LOCAL, partition, now: Date.now() })
}

/** How fresh the assets are, where the selection asks it: `undefined` where it does not. Without a store all are missing. */
export async function statusesOf(
  selection: string,
  snapshot: Snapshot,
  store: Store | null,
): Promise<Statuses | undefined> {
  const { asksStatuses, openAssetStates, statusesFor } = await import('@sluice/engine')
  if (store)
    return statusesFor(store, openAssetStates(store), { snapshot, location: LOCAL, selection, now: Date.now() })
  if (!asksStatuses(snapshot, selection)) return undefined
  return Object.fromEntries(snapshot.assets.filter(({ runnable }) => runnable).map(({ name }) => [name, ['missing']]))
}

/** Code that is run here has no location. */
const LOCAL = ''

/** The assets of a selection, in the order of the graph's names; an unknown name is shown where it was meant. */
export async function selectAssets(
  snapshot: Snapshot,
  selection: string,
  given: { readonly entries: readonly string[]; readonly external?: boolean; readonly statuses?: Statuses | undefined },
): Promise<readonly AssetSnapshot[]> {
  const { entries, ...options } = given
  const { selectedAssets } = await import('@sluice/engine')
  try {
    return selectedAssets(snapshot, selection, options)
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== 'ASSET_UNKNOWN') throw error
    // Where a person looks: at the asset that was meant, or at the file that has none of the name.
    const near = snapshot.assets.find(({ name }) => error.hint?.includes(` ${name}?`))
    const place = near?.place ?? `${entries[0]}:1`
    throw new SluiceError(error.code, error.message, {
      cause: error,
      hint: error.hint ?? 'Names are case-sensitive.',
      data: { place, ...(near ? { meant: near.name } : { file: shownPlace(entries[0] ?? '') }) },
    })
  }
}
