import {
  type AssetSnapshot,
  type CheckResult,
  type Json,
  type Materialization,
  type RunCause,
  SluiceError,
  requireKey,
  toMetadata,
} from '@sluice/core'
import { keysAt } from '../partitions/keys-at.ts'
import { newRun } from '../runs/launch.ts'
import type { Change } from '../store/changes.ts'
import type { Store } from '../store/ports.ts'

/** What somebody learned of an asset: that something else made it, what it looks like now. */
export interface ReportedRecord extends Pick<Materialization, 'asset' | 'partition' | 'metadata'> {
  readonly what: 'materialization' | 'observation'
  /** What the data is: equal versions are equal data. `null`: new. */
  readonly dataVersion: string | null
}

/** What somebody else's test of an asset came to. */
export interface ReportedCheck extends Pick<
  CheckResult,
  'asset' | 'check' | 'partition' | 'passed' | 'severity' | 'blocking' | 'metadata'
> {
  readonly what: 'check'
}

export type Reported = ReportedRecord | ReportedCheck

/** Who reports, and when. */
export interface Reporter {
  readonly cause: RunCause
  /** Of the run: what lists show. */
  readonly title: string
  /** As the code has them: which code version they have. */
  readonly assets: readonly AssetSnapshot[]
  readonly now: number
  /** When it happened; default: now. */
  readonly at?: number
  readonly owner: string
  /** A second report with the same word in its scope changes nothing. */
  readonly once?: { readonly scope: string; readonly key: string }
}

/**
 * Records what was reported: a run of its own, which executes nothing and has ended as soon as it is there, so that every
 * record has a run that it came from. The changes stand or fall together.
 */
export function reportChanges(reports: readonly Reported[], reporter: Reporter): Change[] {
  if (reports.length === 0) return []
  const { cause, title, assets: defined, now, at = now, owner, once } = reporter
  const assets = [...new Set(reports.map(({ asset }) => asset))]
  const keys = [...new Set(reports.flatMap(({ partition }) => (partition === null ? [] : [partition])))]
  const run = newRun({
    target: {
      kind: 'assets',
      selection: assets
        .map((name) => `key:"${name}"`)
        .join(' or ')
        .replace(/^key:"([^"]+)"$/, '$1'),
      assets,
      partitions: keys.length > 0 ? keys : null,
    },
    params: null,
    title,
    entry: null,
    cause,
    now,
  })
  const codeVersionOf = (asset: string): string | null =>
    defined.find(({ name }) => name === asset)?.codeVersion ?? null
  return [
    { change: 'run.create', run, ...(once && { once }) },
    { change: 'run.claim', run: run.id, from: 0, owner, at: now, codeVersion: null },
    ...reports.map((one, nth): Change => {
      const its = { id: 0, run: run.id, step: nth + 1, at }
      if (one.what === 'check') {
        const { what: _, ...result } = one
        return { change: 'check.record', epoch: 1, result: { ...its, ...result } }
      }
      const { asset, partition, what: kind, metadata } = one
      const dataVersion = one.dataVersion ?? `${run.id}-${nth}`
      const codeVersion = codeVersionOf(asset)
      const record = { ...its, kind, asset, partition, metadata, dataVersion, codeVersion }
      return {
        change: 'asset.record',
        epoch: 1,
        materialization: { ...record, attempt: 1, value: null, inputVersions: null },
      }
    }),
    { change: 'run.end', run: run.id, epoch: 1, state: 'succeeded', error: null, result: null, at: now },
  ]
}

/** What another program says of an asset: as the API takes it. */
export type OutsideReport = {
  readonly partition?: string
  /** As `metadata({ … })` takes them. */
  readonly metadata?: Readonly<Record<string, Json>>
  /** When it happened, milliseconds since 1970; default: now. */
  readonly at?: number
  /** A second report with the same word records nothing. */
  readonly once?: string
} & (
  | { readonly what: 'materialization' | 'observation'; readonly dataVersion?: string }
  | {
      readonly what: 'check'
      readonly check: string
      readonly passed: boolean | null
      /** Default: as the code says, else `error`. */
      readonly severity?: CheckResult['severity']
    }
)

const scope = 'report'

/**
 * Records what another program says of an asset: once for each word, if it gives one.
 *
 * @returns the run that stands for the report; of the first one, where the word was used before.
 * @throws SluiceError PARTITION_REQUIRED, PARTITION_UNKNOWN; CONFLICT for a materialization of an asset whose value Sluice
 *   keeps: nobody could read it any more.
 */
export async function reportAsset(
  store: Store,
  asked: {
    readonly definition: AssetSnapshot
    readonly report: OutsideReport
    /** Who reports. */
    readonly by: string
    readonly now: number
  },
): Promise<{ readonly run: string; readonly isNew: boolean }> {
  const { definition, report, by, now } = asked
  const { name, made } = definition
  const { partition = null, once, at } = report
  await requireSlice(store, definition, partition, now)
  if (report.what === 'materialization' && made === 'here') {
    const [latest] = await store.assets.latest([{ asset: name, partition }])
    if (latest?.value)
      throw new SluiceError(
        'CONFLICT',
        `"${name}" holds a value that Sluice made: a report has none to take its place.`,
        {
          hint: 'Report an observation, or make it: sluice materialize.',
        },
      )
  }
  const what = report.what === 'check' ? `check ${report.check}` : report.what
  const changes = reportChanges([fullReport(definition, report)], {
    cause: { by: 'report', name: by },
    title: `${what} of ${name}${partition === null ? '' : ` ${partition}`}, reported`,
    assets: [definition],
    now,
    owner: 'report',
    ...(at !== undefined && { at }),
    ...(once !== undefined && { once: { scope, key: once } }),
  })
  const [done] = await store.commit([changes])
  const own = (changes[0] as Extract<Change, { change: 'run.create' }>).run.id
  const first = once === undefined ? own : await store.runs.once(scope, once)
  if (first !== null && (done?.ok || first !== own)) return { run: first, isNew: first === own }
  throw new SluiceError(
    'INTERNAL',
    `The report of "${name}" was not stored: ${done?.ok === false ? done.code : 'unknown'}.`,
  )
}

/** With what the code says. */
function fullReport({ name: asset, checks }: AssetSnapshot, report: OutsideReport): Reported {
  const its = { asset, partition: report.partition ?? null, metadata: toMetadata(report.metadata ?? {}) }
  if (report.what !== 'check') return { ...its, what: report.what, dataVersion: report.dataVersion ?? null }
  const { what, check, passed } = report
  const known = checks.find(({ name }) => name === check)
  const severity = report.severity ?? known?.severity ?? 'error'
  return { ...its, what, check, passed, severity, blocking: known?.blocking ?? false }
}

async function requireSlice(
  store: Store,
  { name, partitions: spec }: AssetSnapshot,
  partition: string | null,
  now: number,
): Promise<void> {
  if (!spec) {
    if (partition === null) return
    throw new SluiceError('PARTITION_UNKNOWN', `"${name}" is not partitioned.`, { hint: 'Leave the partition out.' })
  }
  if (partition === null)
    throw new SluiceError('PARTITION_REQUIRED', `"${name}" is partitioned: say which partition is meant.`, {
      hint: `sluice assets show ${name} says which there are.`,
    })
  requireKey(spec, partition, await keysAt(store, [{ partitions: spec }], now), `Asset "${name}"`)
}
