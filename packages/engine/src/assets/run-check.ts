import { type CheckOutcome, type CheckResult, SluiceError, toMetadata, toStoredError } from '@sluice/core'
import type { Frame } from '../steps/frame.ts'
import type { Recording, StepSpec } from '../steps/perform.ts'
import { openReplay } from '../steps/replay.ts'
import { type AssetRun, missing, sliceId } from './inputs.ts'
import type { Unit } from './plan.ts'

/** One test of an asset's data. Not passed, it fails its step only where it blocks; a warning never does. */
export function checkSpec(run: AssetRun, unit: Unit, base: string): StepSpec {
  const [asset, check] = [unit.assets[0]!, unit.check!]
  return {
    kind: 'check',
    name: unit.name,
    base,
    key: unit.key,
    keyed: true,
    args: null,
    upstream: null,
    tags: [],
    retries: undefined,
    timeout: undefined,
    limits: [],
    replay: () => openReplay([], () => {}),
    async body() {
      const own = run.made.get(sliceId(asset.name, unit.key))
      const found = own ?? (await run.session.store.assets.latest([{ asset: asset.name, partition: unit.key }]))[0]
      if (!found?.value && asset.made === 'here') throw missing(asset, unit.key)
      const value = found?.value ? await run.session.values.read(asset, unit.key, found.value) : undefined
      return check.run({ value, partition: unit.key ?? undefined })
    },
    record: (outcome, frame) => recordCheck(run, unit, outcome as CheckOutcome, frame),
  }
}

function recordCheck(run: AssetRun, unit: Unit, outcome: CheckOutcome, frame: Frame): Recording {
  const [asset, check] = [unit.assets[0]!, unit.check!]
  if (typeof outcome?.passed !== 'boolean') {
    throw new SluiceError(
      'DEFINITION_INVALID',
      `Check "${unit.name}" must return { passed: true } or { passed: false }.`,
    )
  }
  const { session } = run
  const result: CheckResult = {
    id: 0,
    asset: asset.name,
    check: check.name,
    partition: unit.key,
    run: session.run.id,
    step: frame.entry.step,
    at: session.clock.now(),
    passed: outcome.passed,
    severity: check.severity,
    blocking: check.blocking,
    metadata: toMetadata(outcome.metadata ?? {}),
  }
  const changes = [{ change: 'check.record', epoch: session.run.epoch, result }] as const
  const blocks = !outcome.passed && check.blocking && check.severity === 'error'
  if (!blocks)
    return {
      state: 'succeeded',
      result: null,
      reason: outcome.passed ? null : 'did not pass',
      changes,
      value: undefined,
    }
  const error = toStoredError(
    new SluiceError(
      'CHECK_FAILED',
      `Check "${check.name}" of "${asset.name}"${unit.key === null ? '' : ` (${unit.key})`} did not pass.`,
      {
        hint: 'What depends on the asset was held back. Look at its data: sluice assets value ' + asset.name,
      },
    ),
  )
  return { state: 'failed', result: null, error, reason: 'did not pass', changes, value: undefined }
}
