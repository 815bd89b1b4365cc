import type { AnyAsset, MultiDefinition } from '../assets/asset.ts'
import { SluiceError } from '../errors/sluice-error.ts'
import type { FlowDefinition } from '../flows/flow.ts'
import type { JobDefinition } from '../jobs/job.ts'
import type { Limit } from '../limits/limit.ts'
import { checkConditions } from '../conditions/check-conditions.ts'
import { checkEdge } from '../partitions/at.ts'
import { assertPartitions } from '../partitions/set.ts'
import type { Resource } from '../resources/resource.ts'
import type { ScheduleDefinition } from '../schedules/schedule.ts'
import type { SensorDefinition } from '../sensors/sensor.ts'
import type { TaskDefinition } from '../tasks/task.ts'
import { assertNoCycle } from './cycle.ts'
import type { Place } from './place.ts'
import { upstreamOf } from './upstream.ts'

/** Everything that one body of code defines, by kind and name. */
export interface Definitions {
  readonly flows: ReadonlyMap<string, FlowDefinition>
  readonly tasks: ReadonlyMap<string, TaskDefinition>
  readonly jobs: ReadonlyMap<string, JobDefinition>
  readonly assets: ReadonlyMap<string, AnyAsset>
  readonly schedules: ReadonlyMap<string, ScheduleDefinition>
  readonly sensors: ReadonlyMap<string, SensorDefinition>
  readonly resources: ReadonlyMap<string, Resource>
  readonly limits: ReadonlyMap<string, Limit>
}

type Definition = { readonly kind: string; readonly name: string; readonly place: Place }
const plural = {
  flow: 'flows',
  task: 'tasks',
  job: 'jobs',
  asset: 'assets',
  schedule: 'schedules',
  sensor: 'sensors',
  resource: 'resources',
  limit: 'limits',
} as const
type Kind = keyof typeof plural

/**
 * Finds every definition among the exports (alone, in an array or a record) and whatever they refer to, and refuses
 * what cannot work together: two of one kind with one name, a circle of assets, partitions or conditions that cannot work.
 */
export function collect(exported: Iterable<unknown>): Definitions {
  const found = Object.fromEntries(Object.values(plural).map((name) => [name, new Map()])) as unknown as {
    [N in (typeof plural)[Kind]]: Map<string, Definition>
  }
  const queue: unknown[] = [...exported]
  const seen = new Set<unknown>()
  for (let next = 0; next < queue.length; next++) {
    const value = queue[next]
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) continue
    seen.add(value)
    const kind = kindOf(value)
    if (kind) {
      add(found[plural[kind]], value as Definition)
      queue.push(...refersTo(kind, value as never))
    } else if (Array.isArray(value)) queue.push(...value)
    else if (isRecord(value)) queue.push(...Object.values(value))
  }
  const definitions = found as unknown as Definitions
  for (const asset of definitions.assets.values()) checkPartitions(asset)
  assertNoCycle(definitions.assets)
  for (const { name, options } of definitions.jobs.values())
    if (options.partitions) assertPartitions(options.partitions.spec, `Job "${name}"`)
  checkConditions(definitions.assets)
  return definitions
}

/** Refuses partitions and edges that cannot work, whatever their keys. */
function checkPartitions(asset: AnyAsset): void {
  if (asset.partitions) assertPartitions(asset.partitions.spec, `Asset "${asset.name}"`)
  const down = asset.partitions?.spec ?? null
  for (const { asset: up, at } of upstreamOf(asset)) {
    checkEdge({ up: up.partitions?.spec ?? null, down, at, whose: `"${up.name}" in asset "${asset.name}"` })
  }
}

function kindOf(value: object): Kind | undefined {
  const { kind, name, place } = value as Partial<Definition>
  return typeof name === 'string' && typeof place === 'function' && kind !== undefined && kind in plural
    ? (kind as Kind)
    : undefined
}

function isRecord(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return (
    typeof value === 'object' &&
    (prototype === Object.prototype || prototype === null || value[Symbol.toStringTag as never] === 'Module')
  )
}

function add(map: Map<string, Definition>, definition: Definition): void {
  const other = map.get(definition.name)
  if (!other || other === definition) return void map.set(definition.name, definition)
  if (other.kind === 'limit' && definition.kind === 'limit' && other.place === definition.place) return
  if (other.kind === 'asset') {
    const [a, b]: readonly AnyAsset[] = [other, definition].map((one) => one as Definition & AnyAsset) as [
      AnyAsset,
      AnyAsset,
    ]
    if (a.made === 'elsewhere') return void map.set(definition.name, definition)
    if (b.made === 'elsewhere') return
    // `.checks()` gives a new record of the same asset: the one with the most checks is meant.
    if (a.place === b.place && a.run === b.run)
      return void (b.checkList.length > a.checkList.length && map.set(b.name, definition))
  }
  if (other.kind === 'task' && other.place === definition.place) return // `.with()`: the same task
  throw new SluiceError('DEFINITION_DUPLICATE', `Two ${definition.kind}s are called "${definition.name}".`, {
    hint: `They are at ${other.place() ?? 'an unknown place'} and ${definition.place() ?? 'an unknown place'}: rename one.`,
    data: { places: [other.place(), definition.place()] },
  })
}

function refersTo(kind: Kind, definition: never): readonly unknown[] {
  if (kind === 'asset') {
    const asset = definition as AnyAsset
    const multi: MultiDefinition | undefined = asset.multi?.()
    return [
      ...upstreamOf(asset).map(({ asset: upstream }) => upstream),
      ...Object.values(asset.options.resources ?? {}),
      ...(multi ? Object.values(multi.outputs) : []),
    ]
  }
  const { options } = definition as { options: Record<string, unknown> }
  const limits = typeof options['limit'] === 'function' ? [] : [options['limit']].flat()
  return [
    options['target'],
    options['targets'],
    ...Object.values((options['on'] as object | undefined) ?? {}),
    ...Object.values((options['uses'] as object | undefined) ?? {}),
    ...limits,
  ].flat()
}
