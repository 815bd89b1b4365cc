import { type FreshnessNow, type FreshnessState, type Questions, type Run, keysToMake } from '@sluice/core'
import type { Filling } from '../backfills/filling.ts'
import type { NewestRecord } from '../store/ports.ts'
import { SliceKeys } from './slice-keys.ts'

/** A run that is to make assets, or to test them, and is not over. */
export interface ActiveRun {
  readonly run: Run
  /** Those of its assets that conditions ask about. */
  readonly assets: readonly string[]
  /** The keys of an asset that it is to make. */
  readonly keysOf: (asset: string) => SliceKeys
  /** When it began to; milliseconds since 1970. */
  began: number | null
  /** What it has made, by asset. */
  readonly made: Map<string, SliceKeys>
  /** Ids of checks that it has run. */
  readonly checked: Set<string>
}

/** A slice that runs were to make and did not. */
export interface Failure {
  readonly run: string
  readonly at: number
  /** In a row. */
  readonly count: number
  /** Was that the last run that was to make it? */
  readonly isLatest: boolean
}

export interface KnownAsset {
  made: SliceKeys
  /** Only looked at; of what something else makes. */
  seen: SliceKeys
  newest: NewestRecord | null
  newestSeen: NewestRecord | null
  /** As it was when it changed last; `null`: it has no policy, or was never made. */
  freshness: FreshnessState | null
  readonly failures: Map<string, Failure>
  readonly active: Set<ActiveRun>
}

export interface KnownCheck {
  readonly passed: boolean | null
  readonly at: number
  readonly run: string
}

/** Everything that conditions may ask about. */
export interface Known {
  readonly questions: Questions
  /** By name. */
  readonly assets: Map<string, KnownAsset>
  /** By id. */
  readonly checks: Map<string, KnownCheck>
  /** Ids of checks that a run was to run and did not. */
  readonly broken: Set<string>
  /** By the id of the run. */
  readonly active: Map<string, ActiveRun>
  readonly filling: Filling
}

export function knowFreshness(known: Known, name: string, state: FreshnessNow['state']): void {
  const asset = known.assets.get(name)
  if (asset) asset.freshness = state === 'unknown' ? null : state
}

/** A run has failed: was it to run this check, and did not? What it did not make it could not test. */
export const isBroken = (run: Run, asset: string, check: string, isChecked: boolean, isMade: boolean): boolean =>
  tests(run, asset, check) && !isChecked && (isMade || run.target.kind !== 'assets')

/** Does the run test this check? One that makes an asset tests all of its checks. */
export function tests({ target }: Run, asset: string, check: string): boolean {
  if (target.kind === 'assets') return target.assets.includes(asset)
  return target.kind === 'checks' && target.checks.includes(`${asset}:${check}`)
}

export const asksFailures = ({ questions }: Known, name: string): boolean => {
  const ops = questions.ops.get(name)
  return ops?.has('executionFailed') === true || ops?.has('retryDue') === true
}

/** The keys that a run is to make of an asset, `''` for what is not partitioned: it takes those that it has. */
export const keysOf = ({ target }: Run, asset: string): readonly string[] =>
  target.kind === 'assets' ? ['', ...(keysToMake(target, asset) ?? [])] : []

/** A run that is not over; `null` where it is about nothing that conditions ask for. */
export function begin(known: Known, run: Run): ActiveRun | null {
  const before = known.active.get(run.id)
  if (before) return before
  if (!('assets' in run.target)) return null
  const assets = run.target.assets.filter((name) => known.assets.has(name))
  if (assets.length === 0) return null
  const active: ActiveRun = {
    run,
    assets,
    keysOf: keysByAsset(run),
    began: run.startedAt,
    made: new Map(),
    checked: new Set(),
  }
  known.active.set(run.id, active)
  for (const name of assets) known.assets.get(name)!.active.add(active)
  return active
}

/** Assets that make the same keys share what is known of them. */
function keysByAsset(run: Run): (asset: string) => SliceKeys {
  const known = new Map<readonly string[] | null, SliceKeys>()
  return (asset) => {
    const wanted = run.target.kind === 'assets' ? keysToMake(run.target, asset) : null
    let keys = known.get(wanted)
    if (!keys) known.set(wanted, (keys = new SliceKeys(keysOf(run, asset))))
    return keys
  }
}

export function madeBy({ made }: ActiveRun, asset: string, key: string): void {
  const keys = made.get(asset)
  if (keys) keys.add(key)
  else made.set(asset, new SliceKeys([key]))
}

/** A run is to make it: whatever failed before is not the last any more. */
export function planned(known: Known, name: string, key: string): void {
  const { failures } = known.assets.get(name)!
  const failure = failures.get(key)
  if (failure?.isLatest) failures.set(key, { ...failure, isLatest: false })
}

export function failed(known: Known, name: string, key: string, run: string, at: number): void {
  const { failures } = known.assets.get(name)!
  const before = failures.get(key)
  const count = before?.run === run ? before.count : (before?.count ?? 0) + 1
  failures.set(key, { run, at, count, isLatest: true })
}
