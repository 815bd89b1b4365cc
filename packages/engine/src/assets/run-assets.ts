import {
  type AnyAsset,
  type Materialization,
  type Metadata,
  type Observed,
  type RunTarget,
  SluiceError,
  encode,
  hash,
  isSkipped,
  toMetadata,
  validate,
} from '@sluice/core'
import type { Session } from '../runs/session.ts'
import type { Frame } from '../steps/frame.ts'
import { type Recording, type StepSpec, performStep } from '../steps/perform.ts'
import type { Change } from '../store/changes.ts'
import { type Replay, openReplay } from '../steps/replay.ts'
import { recordedBelow } from '../steps/recorded.ts'
import { type AssetRun, contextOf, readInputs, sliceId } from './inputs.ts'
import { recallMade, warnPublish } from './recall.ts'
import { type Facts, finisher, keysLeft, recordOf } from './record-slice.ts'
import { checkSpec } from './run-check.ts'
import { type PartitionSets, type Unit, planAssets } from './plan.ts'
import { planChecks } from './plan-checks.ts'

type State = 'succeeded' | 'failed' | 'skipped' | 'upstream_failed'

/** What an asset run came to. */
export interface AssetsEnd {
  readonly failed: readonly { readonly name: string; readonly key: string | null; readonly error: Error | undefined }[]
}

/**
 * Runs the units of a plan, each when what it needs is done, `concurrency` at a time. A failure holds back what
 * depends on it; all else goes on.
 */
export async function runAssets(
  root: Frame,
  target: Extract<RunTarget, { readonly partitions: unknown }>,
  sets: PartitionSets,
  concurrency: number,
): Promise<AssetsEnd> {
  const { session } = root
  const planned = { definitions: session.definitions, ...target, sets }
  const units = target.kind === 'checks' ? planChecks({ ...planned, checks: target.checks }) : planAssets(planned)
  const run: AssetRun = { session, sets, made: new Map() }
  if (session.journal.recorded.length > 0 || session.run.epoch > 1) await recallMade(run, units)
  const states: (State | undefined)[] = units.map(() => undefined)
  const reasons: (string | undefined)[] = units.map(() => undefined)
  const skips: (Skips | undefined)[] = units.map(() => undefined)
  const open = units.map((unit) => unit.needs.length)
  const below: number[][] = units.map(() => [])
  for (const unit of units) for (const need of unit.needs) below[need.unit]!.push(unit.index)
  const ready = units.filter((unit) => unit.needs.length === 0).map((unit) => unit.index)
  const failed: AssetsEnd['failed'][number][] = []

  await new Promise<void>((resolve, reject) => {
    let running = 0
    let left = units.length
    let next = 0
    const finish = (index: number, state: State, reason: string | undefined): void => {
      states[index] = state
      reasons[index] = reason
      left--
      for (const after of below[index]!) if (--open[after]! === 0) ready.push(after)
    }
    const pump = (): void => {
      while (next < ready.length && running < concurrency && !session.stopped) {
        const unit = units[ready[next++]!]!
        running++
        const ended = (state: State, reason: string | undefined, error?: Error): void => {
          running--
          if (state === 'failed') failed.push({ name: unit.name, key: unit.key, error })
          finish(unit.index, state, reason)
          pump()
        }
        const hold = heldBack(unit, units, { states, reasons, skips })
        runUnit(root, run, unit, hold).then(
          (end) => {
            skips[unit.index] = end.skips
            ended(end.state, end.reason)
          },
          (error: Error) => {
            if (session.stopped) reject(session.stopped)
            else ended('failed', `${unit.name}${unit.key === null ? '' : ` (${unit.key})`} failed`, error)
          },
        )
      }
      if (left === 0) resolve()
      else if (session.stopped && running === 0) reject(session.stopped)
    }
    pump()
  })
  return { failed }
}

interface Hold {
  readonly state: 'skipped' | 'upstream_failed'
  readonly reason: string
}

/** The outputs that a step which makes several did not make, and why. */
type Skips = Readonly<Record<string, string>>

interface Ends {
  readonly states: readonly (State | undefined)[]
  readonly reasons: readonly (string | undefined)[]
  readonly skips: readonly (Skips | undefined)[]
}

/** Pure: may it run, given what the units before it came to? A failure weighs more than a skip. */
export function heldBack(unit: Unit, units: readonly Unit[], { states, reasons, skips }: Ends): Hold | undefined {
  let skipped: Hold | undefined
  for (const { unit: index, soft, assets } of unit.needs) {
    const state = states[index]
    if (soft) continue
    const before = units[index]!
    const name = before.key === null ? before.name : `${before.name} (${before.key})`
    if (state === 'failed')
      return {
        state: 'upstream_failed',
        reason: before.kind === 'check' ? `check ${name} did not pass` : `${name} failed`,
      }
    if (state === 'upstream_failed') return { state, reason: reasons[index] ?? `${name} did not run` }
    if (state === 'skipped') skipped ??= { state, reason: reasons[index] ?? `${name} was skipped` }
    const absent = assets.find((asset) => skips[index]?.[asset] !== undefined)
    if (absent !== undefined) skipped ??= { state: 'skipped', reason: skips[index]![absent]! }
  }
  return skipped
}

async function runUnit(
  root: Frame,
  run: AssetRun,
  unit: Unit,
  hold: Hold | undefined,
): Promise<{ state: State; reason: string | undefined; skips: Skips | undefined }> {
  const { session } = root
  const base = `${unit.name}:${unit.key ?? (unit.keys.length > 1 ? hash(unit.keys.join('\n')) : '')}`
  const spec: StepSpec = hold
    ? heldSpec(run, unit, base, hold)
    : unit.kind === 'check'
      ? checkSpec(run, unit, base)
      : assetSpec(run, unit, base)
  let failure: Error | undefined
  const value = await performStep(root, spec).catch((error: Error) => void (failure = error))
  if (session.stopped) throw session.stopped
  const row = session.journal.calls(0, base).first?.row
  if (!row || row.seq === null) throw failure ?? new SluiceError('INTERNAL', `"${unit.name}" ended without an outcome.`)
  if (row.state === 'failed')
    throw failure ?? new SluiceError('STEP_FAILED', row.error?.message ?? `"${unit.name}" failed.`)
  return {
    state: row.state as State,
    reason: row.reason ?? undefined,
    skips: unit.multi ? (value as Skips | undefined) : undefined,
  }
}

function common(
  unit: Unit,
  base: string,
): Pick<StepSpec, 'kind' | 'name' | 'base' | 'key' | 'keyed' | 'args' | 'upstream' | 'tags'> {
  return { kind: unit.kind, name: unit.name, base, key: unit.key, keyed: true, args: null, upstream: null, tags: [] }
}

/** Which slices were to be made by it and are not. */
function failures(of: AssetRun, unit: Unit, { entry }: Frame): Change[] {
  const { session } = of
  const { id: run, epoch } = session.run
  const slice = { change: 'asset.fail', epoch, run, step: entry.step, at: session.clock.now() } as const
  const keys = unit.keys.length === 0 ? [null] : keysLeft(of, unit)
  return unit.assets.flatMap(({ name: asset }) => keys.map((partition) => ({ ...slice, asset, partition })))
}

function heldSpec(run: AssetRun, unit: Unit, base: string, hold: Hold): StepSpec {
  const isLost = hold.state === 'upstream_failed' && unit.kind !== 'check'
  return {
    ...common(unit, base),
    retries: undefined,
    timeout: undefined,
    limits: [],
    body: () => undefined,
    record: (_, frame) => ({
      state: hold.state,
      result: null,
      reason: hold.reason,
      changes: isLost ? failures(run, unit, frame) : [],
      value: undefined,
    }),
  }
}

interface Made extends Facts {
  readonly value: unknown
  readonly keys: readonly string[]
}

function assetSpec(run: AssetRun, unit: Unit, base: string): StepSpec {
  const first = unit.assets[0]!
  const { options } = unit.multi ?? first
  const { session } = run
  let made: Recording | undefined
  return {
    ...common(unit, base),
    retries: options.retries,
    timeout: options.timeout,
    limits: [options.limit ?? []].flat(),
    replay: () => replayBelow(session, base),
    async body(frame) {
      if (first.made === 'external') return observation(run, first, unit, await observe(run, first, unit, frame), frame)
      // Written inside the attempt: rows are made while they are written, and its timeout and signal count for them.
      return materializations(run, unit, await make(run, unit, first, frame), frame)
    },
    // Called for the attempt that counts alone: one that was given up may write on, and nobody hears of it.
    record: (recording) => (made = recording as Recording),
    failing: (frame) => failures(run, unit, frame),
    committed: () => publish(run, unit, made?.changes ?? []),
  }
}

function replayBelow(session: Session, base: string): Replay {
  const entry = session.journal.calls(0, base).first
  const list = entry ? recordedBelow(session.journal, entry) : []
  return openReplay(list, ({ name }) =>
    session.warn(entry?.step ?? 0, 'REPLAY_DIVERGED', `"${name}" was called before the crash and is not now.`),
  )
}

async function make(run: AssetRun, unit: Unit, first: AnyAsset, frame: Frame): Promise<Made> {
  const { session } = run
  const keys = keysLeft(run, unit)
  const wasDone = keys.length < unit.keys.length
  const { values, versions } = await readInputs(run, first, keys, frame)
  let metadata: Metadata = {}
  let dataVersion: string | undefined
  const { partition, ...ambient } = await contextOf(run, first, keys, frame)
  const context = {
    ...ambient,
    partition: first.options.perRun && partition ? { ...partition, done: (key: string) => finish(key) } : partition,
    params: await paramsOf(session, unit, first),
    wanted: new Set(unit.multi ? wantedOutputs(unit) : []),
    metadata: (more: Readonly<Record<string, unknown>>) => void (metadata = { ...metadata, ...toMetadata(more) }),
    dataVersion: (version: string) => void (dataVersion = version),
  }
  const facts: Facts = {
    versions,
    // Rows are made while they are written, and may tell of themselves until then.
    get metadata() {
      return metadata
    },
    get dataVersion() {
      return dataVersion
    },
  }
  const finish = finisher({ run, unit, facts, frame })
  // All of them were done before a crash.
  const value = wasDone && keys.length === 0 ? undefined : await (unit.multi ?? first).run!(values, context)
  const left = keysLeft(run, unit)
  if (value !== undefined && !isSkipped(value) && left.length < unit.keys.length)
    throw new SluiceError('DEFINITION_INVALID', `"${first.name}" returned a value after done(…).`, {
      hint: 'What is done by key has no value: return nothing, or leave done(…) out.',
    })
  return Object.assign(facts, { value, keys: left })
}

function wantedOutputs(unit: Unit): readonly string[] {
  const names = new Set(unit.assets.map((asset) => asset.name))
  return Object.entries(unit.multi!.outputs).flatMap(([output, asset]) => (names.has(asset.name) ? [output] : []))
}

async function paramsOf(session: Session, unit: Unit, first: AnyAsset): Promise<unknown> {
  const schema = (unit.multi ?? first).options.params
  const names = new Set([unit.name, first.name])
  const given = session.configured.findLast((one) => one.of === 'asset' && names.has(one.name))?.given
  if (!schema) return undefined
  const result = await validate(schema, given && 'config' in given ? given.config : {})
  if ('value' in result) return result.value
  throw new SluiceError(
    'PARAMS_INVALID',
    `The params of asset "${first.name}" do not fit: ${result.issues.map(({ path, message }) => `${path || 'they'}: ${message}`).join('; ')}.`,
    {
      hint: `Give them with ${first.name}.with({ … }) in sluice.config.ts or in a job.`,
    },
  )
}

async function materializations(run: AssetRun, unit: Unit, made: Made, frame: Frame): Promise<Recording> {
  const changes: Change[] = []
  const records: Materialization[] = []
  const skips: Record<string, string> = {}
  for (const asset of unit.assets) {
    const given = unit.multi ? outputOf(unit, asset, made.value) : made.value
    if (isSkipped(given)) {
      skips[asset.name] = given.skipped
      continue
    }
    const key =
      unit.keys.length === 1 ? unit.keys[0]! : unit.keys.length === 0 ? null : `${unit.keys[0]}..${unit.keys.at(-1)}`
    const value = given === undefined ? null : await run.session.values.write(asset, key, given, frame)
    for (const partition of unit.keys.length === 0 ? [null] : made.keys) {
      records.push(recordOf(run, asset, partition, made, value, frame))
    }
  }
  for (const record of records) {
    changes.push({ change: 'asset.record', epoch: run.session.run.epoch, materialization: record })
  }
  const reason = Object.values(skips).join('; ') || null
  if (records.length === 0 && made.keys.length === unit.keys.length)
    return { state: 'skipped', result: null, reason, changes, value: undefined }
  // Recorded as the step's result: a resume must know which outputs are not there.
  const partly = unit.multi && reason !== null
  return {
    state: 'succeeded',
    result: partly ? { inline: encode(skips) } : null,
    reason,
    changes,
    value: partly ? skips : undefined,
  }
}

/** What is on disk now is what later steps of this run read, and what people look at. */
function publish(run: AssetRun, unit: Unit, changes: readonly Change[]): void {
  for (const change of changes) {
    if (change.change !== 'asset.record') continue
    const { asset: name, partition, value } = change.materialization
    run.made.set(sliceId(name, partition), change.materialization)
    const asset = unit.assets.find((one) => one.name === name)!
    if (value)
      void run.session.values.published(asset, partition, value).catch((error: Error) => warnPublish(run, asset, error))
  }
}

function outputOf(unit: Unit, asset: AnyAsset, value: unknown): unknown {
  const output = Object.entries(unit.multi!.outputs).find(([, one]) => one.name === asset.name)![0]
  const given = (value ?? {}) as Record<string, unknown>
  if (output in given) return given[output]
  throw new SluiceError(
    'DEFINITION_INVALID',
    `"${unit.name}" was to make ${output} ("${asset.name}") and did not return it.`,
    {
      hint: `Return { ${output}: … }, or ${output}: skip('why').`,
    },
  )
}

async function observe(run: AssetRun, asset: AnyAsset, unit: Unit, frame: Frame): Promise<Made> {
  const seen = ((await asset.observe!(await contextOf(run, asset, unit.keys, frame))) ?? {}) as Observed
  return {
    value: undefined,
    keys: unit.keys,
    versions: {},
    metadata: toMetadata(seen.metadata ?? {}),
    dataVersion: seen.dataVersion,
  }
}

function observation(run: AssetRun, asset: AnyAsset, unit: Unit, made: Made, frame: Frame): Recording {
  const record = { ...recordOf(run, asset, unit.key, made, null, frame), kind: 'observation' } as const
  const change: Change = { change: 'asset.record', epoch: run.session.run.epoch, materialization: record }
  return { state: 'succeeded', result: null, reason: null, changes: [change], value: undefined }
}
