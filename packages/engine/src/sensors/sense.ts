import type { EventType, OnSpec, Run, RunMoment, SensedAsset, SensedRun, SluiceEvent } from '@sluice/core'

const runMoments: Partial<Record<EventType, RunMoment>> = {
  'run.started': 'started',
  'run.succeeded': 'succeeded',
  'run.failed': 'failed',
  'run.crashed': 'crashed',
  'run.canceled': 'canceled',
}
const assetMoments: Partial<Record<EventType, SensedAsset['moment']>> = {
  'asset.materialized': 'materialized',
  'asset.observed': 'observed',
}

/** May a sensor want to know of this? For runs what it is about is looked at later. */
export function concerns(on: OnSpec, { type, asset }: SluiceEvent): boolean {
  if ('runs' in on) {
    const moment = runMoments[type]
    return moment !== undefined && on.runs.includes(moment)
  }
  const moment = assetMoments[type]
  return moment !== undefined && on.when.includes(moment) && asset !== null && on.assets.includes(asset)
}

/**
 * What happened, as the code of a sensor sees it; `null` where it is not about one of its targets. Runs that this very
 * sensor launched are left out, unless it names their target: a sensor on every failed run would launch for its own.
 */
export function sensedRun(
  on: Extract<OnSpec, { readonly runs: unknown }>,
  event: SluiceEvent,
  run: Run,
  sensor: string,
): SensedRun | null {
  const { id, name, job, tags, error, target, cause } = run
  const names = [job, name, ...(target.kind === 'assets' ? target.assets : [])]
  if (on.of ? !on.of.some((one) => names.includes(one)) : cause.by === 'sensor' && cause.name === sensor) return null
  return { moment: runMoments[event.type]!, run: id, name, job, tags, error, at: event.at }
}

export function sensedAsset({ type, asset, partition, run, data, at }: SluiceEvent): SensedAsset {
  const { dataVersion } = (data ?? {}) as { dataVersion?: string }
  return { moment: assetMoments[type]!, asset: asset!, partition, run: run ?? '', dataVersion: dataVersion ?? null, at }
}
