import type { Materialization, Snapshot } from '@sluice/core'
import { newRun } from '../runs/launch.ts'
import type { Change } from '../store/changes.ts'

/** What a sensor learned of an asset that something else makes. */
export interface Reported extends Pick<Materialization, 'asset' | 'partition' | 'metadata'> {
  readonly what: 'materialization' | 'observation'
  readonly dataVersion: string | null
}

/**
 * Records what a sensor reported: a run of its own, which executes nothing and has ended as soon as it is there, so that
 * every record has a run that it came from.
 */
export function reportChanges(
  reports: readonly Reported[],
  { sensor, snapshot, now, owner }: { sensor: string; snapshot: Snapshot; now: number; owner: string },
): Change[] {
  if (reports.length === 0) return []
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
    title: `reported by ${sensor}`,
    entry: null,
    cause: { by: 'sensor', name: sensor },
    now,
  })
  const codeVersionOf = (asset: string): string | null =>
    snapshot.assets.find(({ name }) => name === asset)?.codeVersion ?? null
  return [
    { change: 'run.create', run },
    { change: 'run.claim', run: run.id, from: 0, owner, at: now, codeVersion: null },
    ...reports.map(({ asset, partition, what, dataVersion, metadata }, nth): Change => ({
      change: 'asset.record',
      epoch: 1,
      materialization: {
        id: 0,
        kind: what,
        asset,
        partition,
        run: run.id,
        step: nth + 1,
        attempt: 1,
        at: now,
        value: null,
        dataVersion: dataVersion ?? `${run.id}-${nth}`,
        codeVersion: codeVersionOf(asset),
        inputVersions: null,
        metadata,
      },
    })),
    { change: 'run.end', run: run.id, epoch: 1, state: 'succeeded', error: null, result: null, at: now },
  ]
}
