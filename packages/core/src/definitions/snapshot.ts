import { type AnyAsset, codeVersionOf } from '../assets/asset.ts'
import type { At } from '../assets/edges.ts'
import { type ConditionSpec, plainCondition } from '../conditions/condition.ts'
import type { ServerSettings } from '../config/server-settings.ts'
import { type FreshnessSpec, freshnessSpec } from '../freshness/policy.ts'
import type { JobDefinition, OnlyChecks } from '../jobs/job.ts'
import { jobPartitions, resolveTarget } from '../jobs/resolve.ts'
import { type Schema, jsonSchemaOf } from '../schema.ts'
import { type TermsSnapshot, mergeTerms, termsOf } from '../runs/terms.ts'
import { type ScheduleSpec, scheduleSpec } from '../schedules/schedule-spec.ts'
import { type SensorSpec, sensorSpec } from '../sensors/sensor-spec.ts'
import type { PartitionsSpec } from '../partitions/set.ts'
import type { AssetRecord } from '../selection/graph.ts'
import type { Column } from '../values/columns.ts'
import { columnsOf } from '../values/columns-of.ts'
import { encode } from '../values/encode.ts'
import type { Json } from '../values/json.ts'
import type { Definitions } from './collect.ts'
import type { Place } from './place.ts'
import { upstreamOf } from './upstream.ts'

/** A definition without its functions: plain data that can be sent, compared and shown. */
export interface NamedSnapshot {
  readonly name: string
  /** `file:line:column` of the user's own code. */
  readonly place: string | undefined
  readonly description: string | undefined
}

export interface LaunchableSnapshot extends NamedSnapshot {
  readonly takesParams: boolean
  /** Of a flow: what its params are, as JSON Schema; left out where their schema cannot say so. */
  readonly paramsSchema?: Json
  readonly terms: TermsSnapshot
}

export interface EdgeSnapshot {
  readonly asset: string
  /** `undefined` for an edge without a value. */
  readonly input: string | undefined
  readonly at: At | undefined
  readonly optional: boolean
}

export interface AssetSnapshot extends NamedSnapshot, AssetRecord {
  readonly made: AnyAsset['made']
  /** Is there something to run? Not for a view, nor for what something else makes and nobody here looks at. */
  readonly runnable: boolean
  /** Holds no data: it is computed whenever somebody reads it. */
  readonly virtual: boolean
  readonly edges: readonly EdgeSnapshot[]
  readonly partitions: PartitionsSpec | null
  readonly perRun: boolean
  readonly columns: readonly Column[] | null
  readonly codeVersion: string | undefined
  /** When it is to be made again. */
  readonly condition?: ConditionSpec
  /** When it counts as fresh. */
  readonly freshness?: FreshnessSpec
  readonly checks: readonly {
    readonly name: string
    readonly blocking: boolean
    readonly severity: 'warn' | 'error'
    readonly description: string | undefined
    readonly condition?: ConditionSpec
  }[]
  /** The step that makes it together with others. */
  readonly together: string | undefined
  readonly sql: boolean
  readonly terms: TermsSnapshot
}

export interface JobSnapshot extends NamedSnapshot {
  readonly target:
    | { readonly kind: 'flow' | 'task'; readonly name: string }
    | { readonly kind: 'assets'; readonly selection: string }
    | { readonly kind: 'checks'; readonly selection: string; readonly only: OnlyChecks }
  readonly tags: Readonly<Record<string, string>>
  /** Of a job of a flow whose runs are of one slice each. */
  readonly partitions?: PartitionsSpec
  /** Those that it gives, and the jobs behind it; encoded. Left out where there are none. */
  readonly params?: string
  /** Its own and those of the jobs and the flow behind it. */
  readonly terms: TermsSnapshot
}

export interface ScheduleSnapshot extends NamedSnapshot, ScheduleSpec {}
export interface SensorSnapshot extends NamedSnapshot, SensorSpec {}

/** Everything that one body of code defines, in the order of its definition. */
export interface Snapshot {
  readonly flows: readonly LaunchableSnapshot[]
  readonly tasks: readonly LaunchableSnapshot[]
  readonly jobs: readonly JobSnapshot[]
  readonly assets: readonly AssetSnapshot[]
  readonly schedules: readonly ScheduleSnapshot[]
  readonly sensors: readonly SensorSnapshot[]
  readonly resources: readonly NamedSnapshot[]
  readonly limits: readonly NamedSnapshot[]
  /** What the configuration says to the server; left out where there is none. */
  readonly settings?: ServerSettings
}

/**
 * @param derived the code versions of assets that ask for it, from who loaded the code.
 * @throws SluiceError DEFINITION_INVALID where the columns of an asset cannot be read.
 */
export function snapshotOf(definitions: Definitions, derived?: ReadonlyMap<string, string>): Snapshot {
  return {
    flows: listOf(definitions.flows, (one) => ({
      ...named(one),
      takesParams: one.options.params !== undefined,
      ...paramsOf(one.options.params),
      terms: termsOf(one.options, true),
    })),
    tasks: listOf(definitions.tasks, (one) => ({
      ...named(one),
      takesParams: one.run.length > 0,
      terms: termsOf(one.options, false),
    })),
    jobs: listOf(definitions.jobs, (one) => ({
      ...named(one),
      target: targetOf(one),
      tags: resolveTarget(one).tags,
      ...partitionsOf(one),
      ...defaultsOf(one),
      terms: jobTerms(one),
    })),
    assets: listOf(definitions.assets, (one) => assetSnapshot(one, derived)),
    schedules: listOf(definitions.schedules, (one) => ({ ...named(one), ...scheduleSpec(one) })),
    sensors: listOf(definitions.sensors, (one) => ({ ...named(one), ...sensorSpec(one) })),
    resources: listOf(definitions.resources, named),
    limits: listOf(definitions.limits, named),
  }
}

function paramsOf(schema: Schema | undefined): { paramsSchema?: Json } {
  const its = schema ? jsonSchemaOf(schema) : null
  return its === null ? {} : { paramsSchema: its }
}

function partitionsOf(one: JobDefinition): { partitions?: PartitionsSpec } {
  const partitions = jobPartitions(one)
  return partitions === null ? {} : { partitions }
}

function defaultsOf(one: JobDefinition): { params?: string } {
  const { params } = resolveTarget(one)
  if (params === undefined) return {}
  try {
    return { params: encode(params) }
  } catch {
    return {} // only the code itself can give them
  }
}

function listOf<T, S>(map: ReadonlyMap<string, T>, snapshot: (one: T) => S): S[] {
  return [...map.values()].map(snapshot)
}

function named({ name, place, ...rest }: { readonly name: string; readonly place: Place }): NamedSnapshot {
  const { description } = ('options' in rest ? rest.options : {}) as { description?: string }
  return { name, place: place(), description }
}

function targetOf({ options: { target, onlyChecks: only } }: JobDefinition): JobSnapshot['target'] {
  const its = launchedBy(target)
  return only !== undefined && its.kind === 'assets' ? { kind: 'checks', selection: its.selection, only } : its
}

function launchedBy(target: JobDefinition['options']['target']): JobSnapshot['target'] {
  if (typeof target === 'string') return { kind: 'assets', selection: target }
  if (Array.isArray(target)) return { kind: 'assets', selection: target.map(keyOf).join(' or ') }
  const { kind, name } = target as { readonly kind: string; readonly name: string }
  if (kind === 'flow' || kind === 'task') return { kind, name }
  return kind === 'job' ? targetOf(target as unknown as JobDefinition) : { kind: 'assets', selection: keyOf({ name }) }
}

function jobTerms({ options }: JobDefinition): TermsSnapshot {
  const { kind, options: its } = options.target as { readonly kind?: string; readonly options?: object }
  const own = termsOf(options, true)
  if (kind === 'job') return mergeTerms(own, jobTerms(options.target as unknown as JobDefinition))
  return kind === 'flow' && its ? mergeTerms(own, termsOf(its, true)) : own
}

const keyOf = ({ name }: { readonly name: string }): string => `key:"${name}"`

function assetSnapshot(asset: AnyAsset, derived: ReadonlyMap<string, string> | undefined): AssetSnapshot {
  const { options } = asset
  const edges = upstreamOf(asset).map((edge) => ({
    asset: edge.asset.name,
    input: edge.input,
    at: edge.at,
    optional: edge.optional,
  }))
  const virtual = options.virtual === true
  return {
    ...named(asset),
    made: asset.made,
    runnable: asset.made === 'external' ? asset.observe !== undefined : asset.made === 'here' && !virtual,
    virtual,
    edges,
    upstream: [...new Set(edges.map((edge) => edge.asset))],
    partitions: asset.partitions?.spec ?? null,
    perRun: options.perRun === true,
    columns: options.columns ? columnsOf(options.columns, `Asset "${asset.name}"`) : null,
    codeVersion: codeVersionOf(asset, derived) ?? undefined,
    ...(options.condition && { condition: plainCondition(options.condition) }),
    ...(options.freshness && {
      freshness: freshnessSpec(options.freshness, `Asset "${asset.name}"`, asset.partitions?.spec ?? null),
    }),
    checks: asset.checkList.map(({ name, blocking, severity, description, condition }) => ({
      name,
      blocking,
      severity,
      description,
      ...(condition && { condition: plainCondition(condition) }),
    })),
    together: asset.multi?.().name,
    sql: asset.query !== undefined,
    terms: termsOf(options, false),
    tags: options.tags,
    owners: options.owners,
    group: options.group,
    kinds: options.kinds,
    external: asset.made !== 'here',
  }
}
