import {
  type AnyAsset,
  type CheckOutcome,
  type CheckResult,
  type Materialization,
  SluiceError,
  toMetadata,
  toStoredError,
} from '@sluice/core'
import type { Frame } from '../steps/frame.ts'
import type { Recording, StepSpec } from '../steps/perform.ts'
import { openReplay } from '../steps/replay.ts'
import { checkContext } from './check-context.ts'
import { type AssetRun, missing, readSlice, sliceId } from './inputs.ts'
import type { Store } from '../store/ports.ts'
import type { Unit } from './plan.ts'

const notMade = Symbol('not made')

/**
 * One test of an asset's data. Not passed, it fails its step where it blocks, or where the run does nothing else; a warning
 * never does.
 */
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
    retries: check.retries,
    timeout: check.timeout,
    limits: [],
    replay: () => openReplay([], () => {}),
    async body(frame) {
      const { store } = run.session
      const own = run.made.get(sliceId(asset.name, unit.key))
      const record = own ?? (await newestOf(store, asset, unit.key))
      if (!record?.value && asset.made === 'here' && !asset.options.virtual) {
        // Apart from its asset a check may be asked about slices of which some were never made.
        if (unit.key === null || unit.needs.length > 0) throw missing(asset, unit.key)
        return notMade
      }
      const value = await valueOf(run, unit, record, frame)
      return check.run(checkContext(store, { asset, check, key: unit.key, record, value }))
    },
    record: (outcome, frame) =>
      outcome === notMade
        ? { state: 'skipped', result: null, reason: 'was never made', changes: [], value: undefined }
        : recordCheck(run, unit, outcome as CheckOutcome, frame),
  }
}

/** The newest that was made of a slice, or seen of one that something else makes. */
async function newestOf(store: Store, asset: AnyAsset, partition: string | null): Promise<Materialization | undefined> {
  const slice = [{ asset: asset.name, partition }]
  const [made] = await store.assets.latest(slice)
  if (asset.made !== 'external') return made
  const [seen] = await store.assets.latest(slice, 'observation')
  return !made || (seen && seen.id > made.id) ? seen : made
}

async function valueOf(run: AssetRun, unit: Unit, record: Materialization | undefined, frame: Frame): Promise<unknown> {
  const asset = unit.assets[0]!
  const isCalled = asset.options.virtual === true || (asset.made === 'external' && asset.run !== undefined)
  return isCalled || record?.value ? readSlice(run, asset, unit.key, record, frame) : undefined
}

function recordCheck(run: AssetRun, unit: Unit, outcome: CheckOutcome, frame: Frame): Recording {
  const [asset, check] = [unit.assets[0]!, unit.check!]
  if (typeof outcome?.passed !== 'boolean' && outcome?.passed !== null) {
    throw new SluiceError(
      'DEFINITION_INVALID',
      `Check "${unit.name}" must return { passed: true }, { passed: false }, or { passed: null } where nothing can be said.`,
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
  // A run that does nothing else than to test has failed where a test did not pass.
  const isApart = session.run.target.kind === 'checks'
  const fails = outcome.passed === false && check.severity === 'error' && (check.blocking || isApart)
  if (!fails)
    return {
      state: 'succeeded',
      result: null,
      reason: outcome.passed === null ? 'nothing to say yet' : outcome.passed ? null : 'did not pass',
      changes,
      value: undefined,
    }
  const error = toStoredError(
    new SluiceError(
      'CHECK_FAILED',
      `Check "${check.name}" of "${asset.name}"${unit.key === null ? '' : ` (${unit.key})`} did not pass.`,
      {
        hint: `${isApart ? '' : 'What depends on the asset was held back. '}Look at its data: sluice assets value ${asset.name}`,
      },
    ),
  )
  return { state: 'failed', result: null, error, reason: 'did not pass', changes, value: undefined }
}
