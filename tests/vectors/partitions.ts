import {
  type Domain,
  type KeysAt,
  type Mapping,
  type PartitionsSpec,
  type Spans,
  type TimeSpec,
  SluiceError,
  ceil,
  cronOf,
  dimensionFor,
  domainOf,
  existing,
  faultOf,
  inferMapping,
  keyAt,
  keysIn,
  keysOf,
  lastBefore,
  missingKeys,
  needs,
  neededBy,
  setOf,
  slicesBetween,
  timeline,
} from '@sluice/core'
import type { Evaluator, Input } from './shapes.ts'
import { rejected } from './shapes.ts'

type Definition = Readonly<Record<string, never>> & { readonly type: string }

const formats: Readonly<Record<string, string>> = { hourly: '%Y-%m-%d-%H:%M' }

/** Dagster's definition of partitions as ours. */
export function specOf(definition: Definition | null): PartitionsSpec | null {
  if (!definition) return null
  const { type } = definition
  if (type === 'static') return { kind: 'one of', keys: definition['keys']! }
  if (type === 'dynamic') return { kind: 'dynamic', name: definition['name']! }
  if (type === 'multi') {
    const dims = Object.entries<Definition>(definition['dimensions']!)
    return { kind: 'grid', dims: Object.fromEntries(dims.map(([name, dim]) => [name, specOf(dim)!])) }
  }
  const given = definition as Readonly<Record<string, unknown>>
  const exclude = (given['exclusions'] as (string | { datetime: string })[] | undefined)?.map((one) =>
    typeof one === 'string' ? one : one.datetime,
  )
  return {
    ...(type === 'time_window' ? { kind: 'cron', cron: given['cron_schedule'] } : { kind: type }),
    start: given['start'],
    ...(given['end'] !== undefined && { end: given['end'] }),
    timeZone: given['timezone'] ?? 'UTC',
    format: given['fmt'] ?? formats[type] ?? '%Y-%m-%d',
    endOffset: given['end_offset'] ?? 0,
    ...(given['minute_offset'] !== undefined && { minuteOffset: given['minute_offset'] }),
    ...(given['hour_offset'] !== undefined && { hourOffset: given['hour_offset'] }),
    ...(given['day_offset'] !== undefined && { dayOffset: given['day_offset'] }),
    ...(exclude && { exclude }),
  } as unknown as TimeSpec
}

const ms = (time: unknown): number => Temporal.Instant.from(time as string).epochMilliseconds

function momentOf(input: Input): KeysAt {
  const now = Temporal.Instant.from((input['now'] as string | undefined) ?? '2024-07-01T00:00:00Z')
  return { now, dynamic: (input['dynamic'] as KeysAt['dynamic'] | undefined) ?? {} }
}

/** What a set refuses is an answer; anything else is a mistake of ours. */
function orRejected(answer: () => unknown): unknown {
  try {
    return answer()
  } catch (error) {
    if (error instanceof SluiceError) return rejected
    throw error
  }
}

const isRejected = (value: unknown): boolean => (value as { error?: unknown } | null)?.error === true

function sameJson(got: unknown, expected: unknown): boolean {
  if (isRejected(expected)) return isRejected(got)
  return JSON.stringify(comparable(got)) === JSON.stringify(comparable(expected))
}

/** Times as instants, the rest as it is; what only the reference can say is left out. */
function comparable(value: unknown): unknown {
  if (typeof value === 'string' && /T.*[+-]\d\d:\d\d$/.test(value)) return ms(value)
  if (Array.isArray(value)) return value.map(comparable)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([name]) => name !== 'last_key_api')
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, one]) => [name, comparable(one)]),
  )
}

export const timePartitions: Evaluator = {
  answer: (input) => orRejected(() => timeAnswer(input)),
  agrees: sameJson,
  // The reference names another last key where it is asked for that alone.
  different: ({ expected }) =>
    (expected as { last_key_api?: unknown }).last_key_api === undefined
      ? undefined
      : 'A window exists when it has ended',
}

function timeAnswer(input: Input): unknown {
  const spec = specOf(input['definition'] as Definition) as TimeSpec
  const line = timeline(spec)
  const at = momentOf(input)
  const keys = keysOf(spec, at)
  const known = (key: unknown): number => {
    const slice = line.indexOf(key as string)
    if (slice === null) throw new SluiceError('PARTITION_UNKNOWN', `${key} is no key.`)
    return slice
  }
  const window = (slice: number) => ({ start: iso(line.startOf(slice)), end: iso(line.endOf(slice)) })
  const between = (from: number, to: number) =>
    Array.from({ length: Math.max(0, to - from) }, (_, n) => line.keyOf(from + n))
  const here = existing(line, at.now.epochMilliseconds)
  switch (input['op']) {
    case 'keys': {
      const { count, first, last } = keys
      const listed = count <= 60 ? { keys: [...keys] } : { head: keys.slice(0, 8), tail: keys.slice(count - 8) }
      return { count, first, last, ...listed }
    }
    case 'window':
      return window(known(input['key']))
    case 'key_for_time':
      return { key: keyAt(line, ms(input['time']), input['end_closed'] === true) }
    case 'has_key':
      return { has: keys.has(input['key'] as string) }
    case 'next_key': {
      const next = known(input['key']) + 1
      return { key: next < here.to ? line.keyOf(next) : null }
    }
    case 'prev_window': {
      const last = lastBefore(line, ms(input['time']))
      const slice = line.endOf(last) <= ms(input['time']) ? last : last - 1
      return { window: slice >= here.from && here.to > here.from ? window(slice) : null }
    }
    case 'next_window': {
      const slice = ceil(line, ms(input['time']))
      return { window: here.to > here.from && slice < here.to ? window(slice) : null }
    }
    case 'keys_in_range': {
      const { from, to } = slicesBetween(line, input['from'] as string, input['to'] as string)
      return { keys: between(from, to) }
    }
    case 'keys_in_window':
      return { keys: between(ceil(line, ms(input['start'])), ceil(line, ms(input['end']))) }
    case 'cron_schedule':
      return { cron: cronOf(spec) }
    case 'schedule_cron': {
      const {
        minute_of_hour: minute,
        hour_of_day: hour,
        day_of_week: dayOfWeek,
        day_of_month: dayOfMonth,
      } = input['args'] as Record<string, number | undefined>
      return { cron: cronOf(spec, { minute, hour, dayOfWeek, dayOfMonth }) }
    }
    default:
      throw new Error(`No such op: ${String(input['op'])}`)
  }
}

const iso = (ms: number): string => Temporal.Instant.fromEpochMilliseconds(ms).toString().replace('Z', '+00:00')

export type MappingCase = Readonly<Record<string, never>> & { readonly type: string }

export function mappingOf(given: MappingCase | null, up: PartitionsSpec | null, down: PartitionsSpec | null): Mapping {
  if (!given) return inferMapping(up, down)
  switch (given.type) {
    case 'time_window':
      return { kind: 'window', from: given['start_offset'] ?? 0, to: given['end_offset'] ?? 0 }
    case 'specific':
      return { kind: 'only', keys: given['keys']! }
    case 'static':
      return {
        kind: 'pairs',
        pairs: Object.fromEntries(Object.entries(given['map']!).map(([key, to]) => [key, [to].flat() as string[]])),
      }
    case 'multi_to_single':
      return (up && down && dimensionFor(up, down, given['dimension'])) ?? { kind: 'dims', dims: [] }
    case 'multi': {
      const map = given['map']! as Readonly<Record<string, { downstream_dimension: string; mapping: MappingCase }>>
      const dims = Object.entries(map).map(([name, one]) => ({
        up: name,
        down: one.downstream_dimension,
        by: mappingOf(one.mapping, up, down) as Exclude<Mapping, { kind: 'dims' | 'several' }>,
      }))
      return { kind: 'dims', dims }
    }
    default:
      return { kind: given.type } as Mapping
  }
}

const names: Readonly<Record<Mapping['kind'], string>> = {
  identity: 'IdentityPartitionMapping',
  window: 'TimeWindowPartitionMapping',
  slice: 'TimeWindowPartitionMapping',
  all: 'AllPartitionMapping',
  last: 'LastPartitionMapping',
  only: 'SpecificPartitionsPartitionMapping',
  pairs: 'StaticPartitionMapping',
  dims: 'MultiToSingleDimensionPartitionMapping',
  several: 'none of theirs',
}

export const partitionMappings: Evaluator = {
  answer: (input) => orRejected(() => mappingAnswer(input)),
  agrees: sameJson,
}

function mappingAnswer(input: Input): unknown {
  const [up, down] = [specOf(input['upstream'] as Definition | null), specOf(input['downstream'] as Definition | null)]
  const given = input['mapping'] as MappingCase | null
  const mapping = mappingOf(given, up, down)
  const fault = up ? faultOf(mapping, up, down) : null
  if (input['op'] === 'infer') return { mapping: names[mapping.kind] }
  if (input['op'] === 'validate') return fault === null ? { valid: true } : rejected
  if (fault !== null && mapping.kind === 'dims') return rejected
  const at = momentOf(input)
  const [above, below] = [domainOf(up, at), domainOf(down, at)]
  const keys = input['keys'] as readonly string[]
  if (input['op'] === 'downstream') return { keys: listed(below, neededBy(mapping, below, above, setOf(above, keys))) }
  const needed = needs(mapping, below, above, down ? setOf(below, keys) : true)
  const allowed = (given as { allow_nonexistent_upstream_partitions?: boolean } | null)
    ?.allow_nonexistent_upstream_partitions
  return { keys: listed(above, needed.set), required_but_nonexistent: allowed ? [] : missingKeys(needed).toSorted() }
}

const listed = (domain: Domain, set: Spans): string[] => [...keysIn(domain, set)].map(String).toSorted()
