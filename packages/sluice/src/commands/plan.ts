import { type AssetSnapshot, type Keys, type KeysAt, type Run, type Snapshot, SluiceError, errorCodes, keysOf, parseRange, parseSelection, select } from '@sluice/core'
import type { Store } from '@sluice/engine/store'
import { shownPlace } from '../terminal/error.ts'
import type { Session, Planned } from './supervise/execute.ts'
import type { Chosen } from './targets.ts'
import { placeIn } from './views.ts'

export interface Wanted {
  readonly params: unknown
  readonly texts: Readonly<Record<string, string>>
  /** As given: a key, a range, `all`, `latest`, `missing`. */
  readonly partition?: string | undefined
}

/** A new run of what was chosen, with everything checked that can be before there is one. */
export async function planRun(session: Session, chosen: Chosen, wanted: Wanted): Promise<Planned> {
  const { newRun } = await import('@sluice/engine')
  const { entry } = session.location
  const now = Date.now()
  const job = chosen.job === null ? undefined : session.description.definitions.jobs.find(({ name }) => name === chosen.job)
  const tags = { ...job?.tags, ...(job && { 'sluice/job': job.name }) }
  if (chosen.kind === 'assets') {
    refuseParams(wanted)
    const { assets, partitions, total } = await planSelection(session, chosen.selection, wanted.partition)
    const target = { kind: 'assets', selection: chosen.selection, assets, partitions } as const
    return { run: newRun({ target, params: null, tags, entry, now }), isNew: true, total }
  }
  if (wanted.partition !== undefined) throw new SluiceError('USAGE', `"${chosen.name}" is a ${chosen.kind}: it has no partitions.`, { hint: 'Leave --partition out.' })
  const place = placeIn(session.description.definitions, chosen.kind, chosen.name)
  const prepared = await session
    .prepare({ kind: chosen.kind, name: chosen.name, job: chosen.job, params: wanted.params, texts: wanted.texts })
    .catch((error: unknown) => {
      throw located(error, place)
    })
  const own = Object.fromEntries(prepared.tags.map((tag) => [tag, '']))
  const run: Run = newRun({ target: { kind: chosen.kind, name: chosen.name }, params: prepared.params, title: prepared.title, tags: { ...own, ...tags }, entry, now })
  return { run, isNew: true }
}

function refuseParams({ params, texts }: Wanted): void {
  if (params === undefined && Object.keys(texts).length === 0) return
  throw new SluiceError('PARAMS_UNKNOWN', 'Assets take no params on the command line.', { hint: 'Set them in sluice.config.ts: with: [asset.with({ … })].' })
}

interface Selected {
  readonly assets: readonly string[]
  readonly partitions: readonly string[] | null
  readonly total: number
}

async function planSelection(session: Session, selection: string, partition: string | undefined): Promise<Selected> {
  const snapshot = session.description.definitions
  const runnable = selectAssets(snapshot, selection, session.description.entries).filter((one) => one.runnable)
  if (runnable.length === 0) {
    throw new SluiceError('SELECTION_EMPTY', `The selection ${selection} matches no asset that can be made.`, { hint: 'sluice assets list shows all.' })
  }
  const partitioned = runnable.filter((one) => one.partitions)
  const partitions = await choosePartitions(session.store, partitioned, partition)
  const chosen = new Set(partitions)
  const slices = (one: AssetSnapshot): number => (one.partitions && !one.perRun ? chosen.size : 1)
  const total = runnable.reduce((sum, one) => sum + slices(one) + one.checks.length * (one.partitions ? chosen.size : 1), 0)
  return { assets: runnable.map(({ name }) => name), partitions, total }
}

/** The assets of a selection, in the order of the graph's names. */
export function selectAssets(snapshot: Snapshot, selection: string, entries: readonly string[], external = false): readonly AssetSnapshot[] {
  const jobs = Object.fromEntries(snapshot.jobs.flatMap(({ name, target }) => (target.kind === 'assets' && target.selection !== selection ? [[name, selectNames(snapshot, target.selection)]] : [])))
  try {
    const names = new Set(select(parseSelection(selection), { assets: snapshot.assets, jobs }, { external }))
    return snapshot.assets.filter(({ name }) => names.has(name))
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== 'ASSET_UNKNOWN') throw error
    // Where a person looks for what is there: the first asset, or the file that has none.
    const near = snapshot.assets.find(({ name }) => error.hint?.includes(` ${name}?`))
    const place = (near ?? snapshot.assets[0])?.place ?? `${entries[0]}:1`
    throw new SluiceError(error.code, error.message, { cause: error, hint: error.hint ?? 'Names are case-sensitive.', data: { place, ...(near ? { meant: near.name } : { file: shownPlace(entries[0] ?? '') }) } })
  }
}

function selectNames(snapshot: Snapshot, selection: string): readonly string[] {
  return select(parseSelection(selection), { assets: snapshot.assets })
}

/** When partitions are looked at, and which keys the dynamic ones have. */
export async function keysNow(store: Store, assets: readonly AssetSnapshot[]): Promise<KeysAt> {
  const dynamic: Record<string, readonly string[]> = {}
  for (const { partitions: spec } of assets) if (spec?.kind === 'dynamic') dynamic[spec.name] ??= await store.partitions.keys(spec.name)
  return { now: Temporal.Now.instant(), dynamic }
}

async function choosePartitions(store: Store, assets: readonly AssetSnapshot[], text: string | undefined): Promise<readonly string[] | null> {
  const [first] = assets
  if (!first) {
    if (text === undefined) return null
    throw new SluiceError('PARTITION_UNKNOWN', 'None of the selected assets is partitioned.', { hint: 'Leave --partition out.' })
  }
  const at = await keysNow(store, assets)
  if (text === undefined) throw required(first, keysOf(first.partitions!, at))
  const chosen = new Set<string>()
  const failures: unknown[] = []
  const kinds = new Set<string>()
  for (const asset of assets) {
    const id = JSON.stringify(asset.partitions)
    if (text !== 'missing' && kinds.has(id)) continue
    kinds.add(id)
    try {
      for (const key of await keysFor(store, asset, text, at)) chosen.add(key)
    } catch (error) {
      failures.push(located(error, asset.place))
    }
  }
  if (failures.length > 0 && failures.length === kinds.size) throw failures[0]
  if (chosen.size > 0) return [...chosen].toSorted((a, b) => (a < b ? -1 : 1))
  throw new SluiceError('PARTITION_UNKNOWN', text === 'missing' ? 'No partition is missing.' : `"${first.name}" has no partition yet.`, {
    hint: text === 'missing' ? `sluice assets show ${first.name} lists them; --partition all makes all again.` : 'Partitions by the clock exist once they have ended; dynamic ones are added by code.',
    data: { place: first.place },
  })
}

async function keysFor(store: Store, asset: AssetSnapshot, text: string, at: KeysAt): Promise<Iterable<string>> {
  const spec = asset.partitions!
  const keys = keysOf(spec, at)
  if (keys.has(text)) return [text]
  if (text === 'all') return keys
  if (text === 'latest') return keys.last === null ? [] : [keys.last]
  if (text !== 'missing') return parseRange(spec, text, at, `Asset "${asset.name}"`)
  const there = new Set(await store.assets.partitions(asset.name))
  return [...keys].filter((key) => !there.has(key))
}

function required({ name, place }: AssetSnapshot, keys: Keys): SluiceError {
  return new SluiceError('PARTITION_REQUIRED', `"${name}" is partitioned: say which of its ${keys.count} partitions to make.`, {
    hint: keys.count === 0 ? 'It has no partition yet.' : `--partition ${keys.last}, a range --partition ${keys.first}..${keys.last}, or all, latest, missing.`,
    data: { place, last: keys.last },
  })
}

/** The same error, with where the definition is that it is about. */
function located(error: unknown, place: string | undefined): unknown {
  const { code, message, hint, data } = error as SluiceError
  if (!(code in errorCodes) || place === undefined) return error
  return new SluiceError(code, message, { cause: (error as Error).cause, ...(hint !== undefined && { hint }), data: { ...data, place } })
}
