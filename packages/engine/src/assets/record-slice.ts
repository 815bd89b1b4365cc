import {
  type AnyAsset,
  type Materialization,
  type Metadata,
  type StoredValue,
  SluiceError,
  codeVersionOf,
  hash,
} from '@sluice/core'
import type { Frame } from '../steps/frame.ts'
import { commitWithin } from '../steps/within.ts'
import { type AssetRun, sliceId } from './inputs.ts'
import type { Unit } from './plan.ts'

/** What is known of what a call makes, besides its value. */
export interface Facts {
  /** Of what it read, by asset. */
  readonly versions: Record<string, string>
  readonly metadata: Metadata
  readonly dataVersion: string | undefined
}

/** What is stored of a slice that was made. */
export function recordOf(
  run: AssetRun,
  asset: AnyAsset,
  partition: string | null,
  made: Facts,
  value: StoredValue | null,
  frame: Frame,
): Materialization {
  const { session } = run
  const rows =
    value && 'rows' in value && value.rows !== null ? { rows: { type: 'number', value: value.rows } as const } : {}
  const codeVersion = codeVersionOf(asset, session.codeVersions)
  // Dagster's rule: a hash of the code version and the input versions by key; unversioned code is new every time.
  const basis = [
    codeVersion ?? `${session.run.id}/${frame.entry.step}`,
    ...Object.entries(made.versions)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flat(),
  ]
  return {
    id: 0,
    kind: 'materialization',
    asset: asset.name,
    partition,
    run: session.run.id,
    step: frame.entry.step,
    attempt: frame.attempt,
    at: session.clock.now(),
    value,
    dataVersion: made.dataVersion ?? hash(basis.join('\n')),
    codeVersion,
    inputVersions: made.versions,
    metadata: { ...rows, ...made.metadata },
  }
}

/** Of several keys that one call makes: those that this run has not made yet. */
export const keysLeft = ({ made }: AssetRun, { assets: [first], keys }: Unit): readonly string[] =>
  first!.options.perRun ? keys.filter((key) => made.get(sliceId(first!.name, key))?.kind !== 'materialization') : keys

interface Finishing {
  readonly run: AssetRun
  readonly unit: Unit
  readonly facts: Facts
  readonly frame: Frame
}

/** `done(key)`: that slice is made there and then, with the facts that were given so far. */
export function finisher({ run, unit, facts, frame }: Finishing): (key: string) => Promise<void> {
  const [asset] = unit.assets as readonly [AnyAsset]
  const keys = keysLeft(run, unit)
  return async (key) => {
    if (!keys.includes(key))
      throw new SluiceError('PARTITION_UNKNOWN', `"${asset.name}" was not to make ${JSON.stringify(key)} here.`, {
        hint: 'done(key) takes one of partition.keys.',
      })
    if (!keysLeft(run, unit).includes(key)) return
    const materialization = recordOf(run, asset, key, facts, null, frame)
    await commitWithin(frame, [{ change: 'asset.record', epoch: run.session.run.epoch, materialization }])
    run.made.set(sliceId(asset.name, key), materialization)
  }
}
