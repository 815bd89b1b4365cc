import type { AnyAsset } from '../assets/asset.ts'
import { SluiceError } from '../errors/sluice-error.ts'
import type { FlowDefinition } from '../flows/flow.ts'
import type { Configured } from '../resources/resource.ts'
import type { PartitionsSpec } from '../partitions/set.ts'
import { type SliceRecord, sliceOf } from '../partitions/slice.ts'
import type { LimitClaim } from '../runs/run.ts'
import { type RunLimits, claimsOf } from '../runs/terms.ts'
import type { JobDefinition, Target } from './job.ts'

/** What is launched in the end, once the jobs around it are taken off. */
export interface ResolvedTarget {
  /** A flow, assets, or a selection of assets as text. */
  readonly target: FlowDefinition | AnyAsset | readonly AnyAsset[] | string
  /** The defaults of the jobs, under what was given. */
  readonly params: unknown
  readonly configured: readonly Configured[]
  readonly tags: Readonly<Record<string, string>>
}

/**
 * Follows jobs to what they launch; what is nearer to the caller wins.
 *
 * @param partition of a partitioned job of a flow: which slice; without it such a job adds no params.
 * @throws SluiceError PARTITION_UNKNOWN where the text is no key of the job's partitions.
 */
export function resolveTarget(
  given: Target | FlowDefinition | JobDefinition | readonly AnyAsset[],
  params?: unknown,
  partition?: string,
): ResolvedTarget {
  let target = given as ResolvedTarget['target'] | JobDefinition
  let merged = params
  let configured: readonly Configured[] = []
  let tags: Readonly<Record<string, string>> = {}
  while (isJob(target)) {
    const { options } = target
    if (typeof options.params !== 'function') {
      if (options.params !== undefined) merged = { ...options.params, ...(merged as object | undefined) }
    } else if (partition !== undefined) {
      const slice = sliceOf(options.partitions!.spec, partition)
      const own = (options.params as (slice: SliceRecord) => object)(slice)
      merged = { ...own, ...(merged as object | undefined) }
    }
    configured = [...(options.with ?? []), ...configured]
    tags = { ...options.tags, ...tags }
    target = options.target as ResolvedTarget['target'] | JobDefinition
  }
  return { target, params: merged, configured, tags }
}

/** What `job.launch(…)` starts: a partitioned job of a flow takes the slice, all else the params of its target. */
export function resolveLaunch(
  definition: FlowDefinition | JobDefinition,
  given: unknown,
): ResolvedTarget & { readonly partition?: string } {
  if (!jobPartitions(definition)) return resolveTarget(definition, given)
  const { partition } = (given ?? {}) as { readonly partition?: string }
  if (partition === undefined)
    throw new SluiceError(
      'PARTITION_REQUIRED',
      `Job "${definition.name}" is partitioned: say which slice a run is of.`,
      {
        hint: `Write launch({ partition: '…' }).`,
      },
    )
  return { ...resolveTarget(definition, undefined, partition), partition }
}

/** The partitions of a job of a flow, or of the job that it launches; `null` where its runs are of no slice. */
export function jobPartitions(given: unknown): PartitionsSpec | null {
  for (let target = given; isJob(target); target = target.options.target)
    if (typeof target.options.params === 'function') return target.options.partitions!.spec
  return null
}

/** The limits that a run with these params holds: of the jobs, and of the flow behind them. */
export function runLimitsOf(given: FlowDefinition | JobDefinition, params: unknown): readonly LimitClaim[] {
  const limits = []
  for (let target: unknown = given; target; target = isJob(target) ? target.options.target : undefined) {
    const { kind, options } = target as { kind?: string; options?: { limit?: RunLimits<unknown> } }
    const limit = kind === 'job' || kind === 'flow' ? options?.limit : undefined
    if (limit !== undefined) limits.push(typeof limit === 'function' ? limit(params) : limit)
  }
  return claimsOf(limits.flat())
}

function isJob(target: unknown): target is JobDefinition {
  return typeof target === 'object' && target !== null && (target as { kind?: string }).kind === 'job'
}
