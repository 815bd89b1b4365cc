import {
  type AnyAsset,
  type AnyPartitions,
  type Asset,
  type CheckContext,
  type CheckDefinition,
  type CheckOutcome,
  type LogLine,
  type Metadata,
  type PartitionsSpec,
  type Shape,
  SluiceError,
  makeAsset,
  windowOf,
} from '@sluice/core'
import type { MaterializeArgs } from './given.ts'
import { givenInputs } from './inputs.ts'
import { type TestOptions, type World, inWorld } from './world.ts'

/** What came of making one asset once. */
export interface Materialized<T, K extends string> {
  /** As a downstream reads it: stored and read again. `undefined` where it was skipped. */
  readonly value: T
  /** One that can say nothing passes. */
  readonly checks: { readonly [N in K]: { readonly passed: boolean; readonly metadata: Metadata } }
  readonly metadata: Metadata
  readonly dataVersion: string | undefined
  readonly logs: readonly Pick<LogLine, 'level' | 'message' | 'data'>[]
  /** Why nothing was made. */
  readonly skipped?: string
}

interface AnyGiven extends TestOptions {
  readonly inputs?: Readonly<Record<string, unknown>>
  readonly resources?: Readonly<Record<string, unknown>>
  readonly partition?: string | Readonly<Record<string, string>>
  readonly params?: unknown
}

/**
 * Makes one asset as a run would, from inputs that the test gives, and runs its checks. Typed by the definition, in
 * memory, in milliseconds: nothing of it remains. What the asset's function throws is thrown.
 */
export async function materialize<T, P extends AnyPartitions | undefined, X extends Shape>(
  asset: Asset<T, P, X>,
  ...[given = {} as never]: MaterializeArgs<X, P>
): Promise<Materialized<T, X['checks']>> {
  return await inWorld(
    given,
    (world) => makeOnce(world, asset, given as AnyGiven) as Promise<Materialized<T, X['checks']>>,
  )
}

async function makeOnce(world: World, asset: AnyAsset, given: AnyGiven): Promise<Materialized<unknown, string>> {
  const thrown: { error?: Error } = {}
  const alone = standIn(asset, given, thrown)
  const fakes = Object.entries(given.resources ?? {}).map(([name, value]) => resourceOf(asset, name).fake(value))
  const params = given.params === undefined ? [] : [asset.with(given.params)]
  const target = { kind: 'assets', selection: asset.name, assets: [asset.name], partitions: null } as const
  const { run, end } = await world.execute(target, [alone], { configured: [...fakes, ...params] })
  const [row] = (await world.store.steps.list(run.id)).filter(({ kind }) => kind !== 'check')
  if (end.state !== 'succeeded' && row?.state !== 'succeeded')
    throw thrown.error ?? (end.error.cause instanceof Error ? end.error.cause : end.error)
  const [made] = await world.store.assets.latest([{ asset: asset.name, partition: null }])
  const results = await world.store.checks.ofRun(run.id)
  const failed = asset.checkList.find(({ name }) => made && !results.some(({ check }) => check === name))
  if (failed)
    throw thrown.error ?? new SluiceError('CHECK_FAILED', `Check "${failed.name}" of "${asset.name}" gave no result.`)
  const value: unknown = made?.value ? await world.values.read(alone, null, made.value) : undefined
  return {
    value,
    checks: Object.fromEntries(
      results.map(({ check, passed, metadata }) => [check, { passed: passed !== false, metadata }]),
    ),
    metadata: made?.metadata ?? {},
    dataVersion: made?.dataVersion,
    logs: (await world.store.logs.list({ run: run.id })).map(({ level, message, data }) => ({ level, message, data })),
    ...(row?.state === 'skipped' && { skipped: row.reason ?? '' }),
  }
}

function resourceOf(asset: AnyAsset, name: string): NonNullable<AnyAsset['options']['resources']>[string] {
  const found = asset.options.resources?.[name]
  if (found) return found
  throw new SluiceError('RESOURCE_MISSING', `"${asset.name}" uses no resource called ${name}.`, {
    hint: `It uses: ${Object.keys(asset.options.resources ?? {}).join(', ') || 'none'}.`,
  })
}

/** The asset without its edges and partitions: what it would read is what the test gives. */
function standIn(asset: AnyAsset, given: AnyGiven, thrown: { error?: Error }): AnyAsset {
  const { inputs: _inputs, deps: _deps, partitions, virtual: _virtual, perRun, ...options } = asset.options
  const multi = asset.multi?.()
  const values = givenInputs(asset, given.inputs ?? {})
  const slice = partitions ? sliceOf(partitions.spec, given.partition, asset.name) : undefined
  const partition = slice && perRun ? { keys: [slice.key], window: slice.window, done: async () => {} } : slice
  const remember = async <T>(make: () => T): Promise<Awaited<T>> => {
    try {
      return await make()
    } catch (error) {
      thrown.error = error as Error
      throw error
    }
  }
  const run = async (_: unknown, context: object): Promise<unknown> => {
    const full = { ...context, partition, wanted: new Set(multi && outputsOf(multi, asset)) }
    const made: unknown = await remember(() => (multi ?? asset).run?.(values, full))
    return multi ? (made as Record<string, unknown>)[outputName(multi, asset)] : made
  }
  if (!asset.run)
    throw new SluiceError('DEFINITION_INVALID', `"${asset.name}" has no function of its own: something else makes it.`)
  const checkList = asset.checkList.map((check): CheckDefinition => ({
    ...check,
    run: (context: CheckContext<unknown>) =>
      remember(() => check.run({ ...context, partition: slice?.key }) as CheckOutcome | Promise<CheckOutcome>),
  }))
  return makeAsset({ name: asset.name, options, place: asset.place, run, checkList })
}

type Multi = NonNullable<ReturnType<NonNullable<AnyAsset['multi']>>>

function outputName(multi: Multi, asset: AnyAsset): string {
  return Object.entries(multi.outputs).find(([, one]) => one.name === asset.name)![0]
}

function outputsOf(multi: Multi, asset: AnyAsset): string[] {
  return multi.subset ? [outputName(multi, asset)] : Object.keys(multi.outputs)
}

interface Slice {
  readonly key: string
  readonly window?: unknown
  readonly dims?: unknown
}

/** The slice as the function sees it. A key by the clock or of a dynamic set need not exist yet. */
function sliceOf(spec: PartitionsSpec, given: AnyGiven['partition'], name: string): Slice {
  if (given === undefined) throw new SluiceError('PARTITION_REQUIRED', `"${name}" is partitioned: give a partition.`)
  if (spec.kind === 'grid') {
    const dims = Object.fromEntries(
      Object.entries(spec.dims).map(([dim, each]) => [
        dim,
        sliceOf(each, (given as Record<string, string>)[dim], `${name}, dimension ${dim}`),
      ]),
    )
    const key = Object.keys(dims)
      .toSorted()
      .map((dim) => dims[dim]!.key)
      .join('|')
    return { key, dims }
  }
  const key = given as string
  if (spec.kind === 'one of' && !spec.keys.includes(key)) {
    throw new SluiceError('PARTITION_UNKNOWN', `"${name}" has no partition "${key}". It has: ${spec.keys.join(', ')}.`)
  }
  const window = windowOf(spec, key)
  return window ? { key, window } : { key }
}
