import { type AnyAsset, type Run, SluiceError } from '@sluice/core'
import { newRun } from '@sluice/engine'
import type { Change, Store } from '@sluice/engine/store'
import type { FakeClock } from './fake-clock.ts'

/** Runs as a test says that they went: what workers would write of them. */
export interface WatchedRuns {
  begin(id: string): Promise<void>
  /** It makes everything that it was to make, or its checks pass. */
  succeed(id: string): Promise<void>
  fail(id: string): Promise<void>
  /** A run of a person that makes one slice. */
  make(asset: AnyAsset, partition: string | null): Promise<void>
  /** A run of a person that tests an asset. */
  check(asset: AnyAsset, check: string, passed: boolean): Promise<void>
}

/** @throws SluiceError RUN_UNKNOWN, ASSET_UNKNOWN, PARTITION_REQUIRED for what is not there, when it is asked for. */
export function watchedRuns(store: Store, clock: FakeClock, assets: ReadonlyMap<string, AnyAsset>): WatchedRuns {
  const began = new Set<string>()

  const find = (name: string): AnyAsset => {
    const asset = assets.get(name)
    if (asset) return asset
    throw new SluiceError('ASSET_UNKNOWN', `"${name}" is not among the assets that are watched.`, {
      hint: 'Give it to watchConditions, or something that is made from it.',
    })
  }
  const begin = async (id: string): Promise<Run> => {
    const run = await store.runs.get(id)
    if (!run)
      throw new SluiceError('RUN_UNKNOWN', `There is no run ${id} here.`, {
        hint: 'Give a run of a look of this test.',
      })
    if (!began.has(id))
      await store.commit([{ change: 'run.claim', run: id, from: 0, owner: 'test', at: clock.now(), codeVersion: null }])
    began.add(id)
    return run
  }
  const end = async (id: string, records: readonly Change[], isFailed = false): Promise<void> => {
    await begin(id)
    const error = isFailed ? { name: 'Error', code: 'STEP_FAILED', message: 'It failed, as the test says.' } : null
    const state = isFailed ? 'failed' : 'succeeded'
    await store.commit([
      ...records,
      { change: 'run.end', run: id, epoch: 1, state, error, result: null, at: clock.now() },
    ])
  }
  const record = (run: string, step: number, asset: AnyAsset, partition: string | null): Change => ({
    change: 'asset.record',
    epoch: 1,
    materialization: {
      id: 0,
      kind: asset.made === 'here' ? 'materialization' : 'observation',
      asset: asset.name,
      partition,
      run,
      step,
      attempt: 1,
      at: clock.now(),
      value: null,
      dataVersion: `${run} ${step}`,
      codeVersion: typeof asset.options.codeVersion === 'string' ? asset.options.codeVersion : null,
      inputVersions: {},
      metadata: {},
    },
  })
  const result = (run: string, step: number, of: readonly [asset: string, check: string], passed: boolean): Change => ({
    change: 'check.record',
    epoch: 1,
    result: {
      id: 0,
      asset: of[0],
      check: of[1],
      partition: null,
      run,
      step,
      at: clock.now(),
      passed,
      severity: 'error',
      blocking: false,
      metadata: {},
    },
  })
  const alone = async ({ name }: AnyAsset, partition: string | null): Promise<string> => {
    const target = {
      kind: 'assets',
      selection: name,
      assets: [name],
      partitions: partition === null ? null : [partition],
    } as const
    const run = newRun({ target, params: null, entry: null, now: clock.now() })
    await store.commit([{ change: 'run.create', run }])
    return run.id
  }

  return {
    async begin(id) {
      await begin(id)
    },
    async succeed(id) {
      const { target } = await begin(id)
      if (target.kind === 'checks')
        return end(
          id,
          target.checks.map((name, nth) => result(id, nth + 1, checkOf(name), true)),
        )
      if (target.kind !== 'assets') return end(id, [])
      const slices = target.assets.flatMap((name) =>
        (find(name).partitions ? (target.partitions ?? []) : [null]).map((key) => [find(name), key] as const),
      )
      return end(
        id,
        slices.map(([asset, key], nth) => record(id, nth + 1, asset, key)),
      )
    },
    fail: (id) => end(id, [], true),
    async make(asset, partition) {
      find(asset.name)
      if ((asset.partitions === undefined) !== (partition === null))
        throw new SluiceError(
          'PARTITION_REQUIRED',
          `"${asset.name}" is ${partition === null ? 'partitioned: say which of its slices is made' : 'not partitioned'}.`,
        )
      const run = await alone(asset, partition)
      await end(run, [record(run, 1, asset, partition)])
    },
    async check(asset, check, passed) {
      find(asset.name)
      const run = await alone(asset, null)
      await end(run, [result(run, 1, [asset.name, check], passed)])
    },
  }
}

/** Of `asset:check`. */
const checkOf = (name: string): readonly [string, string] => {
  const at = name.lastIndexOf(':')
  return [name.slice(0, at), name.slice(at + 1)]
}
