import { type Domain, recordOf, type SetRecord, setOfRecord, type SliceKey, setOf } from '../partitions/domain.ts'
import { needs } from '../partitions/map-set.ts'
import type { KeysAt } from '../partitions/set.ts'
import { countOf, equals, intersection, isEmpty, none, type Spans } from '../partitions/spans.ts'
import type { ConditionSpec } from './condition.ts'
import type { ConditionGraph, Entity } from './graph.ts'
import { isDenial, sentenceOf } from './words.ts'

/** What a condition and each of its parts said: the tree that explains a request, or that there was none. */
export interface Trace {
  /** `null`: what one dep or check, `entity`, said to the question of its parent. */
  readonly spec: ConditionSpec | null
  /** Of what it was asked. */
  readonly entity: Entity
  readonly domain: Domain
  /** Where it was true. */
  readonly set: Spans
  /** Of which slices it was asked. */
  readonly candidate: Spans
  readonly of: readonly Trace[]
}

/** The same as plain data, in keys, for a store and a screen. */
export interface TraceRecord {
  readonly op: ConditionSpec['op'] | 'of'
  readonly label?: string
  /** What the question says besides: a cron expression, tags, a name. */
  readonly detail?: string
  /** Id of the entity that it was asked of, where that is not its parent's. */
  readonly about?: string
  /** Left out: nowhere. */
  readonly true?: SetRecord
  /** Left out: of what its parent was asked. */
  readonly asked?: SetRecord
  readonly of?: readonly TraceRecord[]
}

export function recordOfTrace(trace: Trace, parent?: Trace): TraceRecord {
  const { spec, entity, domain, set, candidate, of } = trace
  const isAlike = parent?.entity === entity && (candidate === parent.candidate || equals(candidate, parent.candidate))
  const detail = spec && detailOf(spec)
  return {
    op: spec?.op ?? 'of',
    ...(spec?.label !== undefined && { label: spec.label }),
    ...(detail && { detail }),
    ...(parent && entity !== parent.entity && { about: entity.id }),
    ...(!isEmpty(set) && { true: recordOf(domain, set) }),
    ...(!isAlike && { asked: recordOf(domain, candidate) }),
    ...(of.length > 0 && { of: of.map((one) => recordOfTrace(one, trace)) }),
  }
}

function detailOf(spec: ConditionSpec): string | null {
  switch (spec.op) {
    case 'cronTickPassed':
      return `${spec.cron} ${spec.timeZone}`
    case 'freshness':
      return spec.state
    case 'custom':
      return spec.name
    case 'assetMatches':
      return spec.asset
    case 'executedWithTags':
    case 'anyNewUpdateHasRunTags':
    case 'allNewUpdatesHaveRunTags':
      return [...(spec.keys ?? []), ...Object.entries(spec.values ?? {}).map(([key, value]) => `${key}=${value}`)].join(
        ', ',
      )
    default:
      return null
  }
}

/** One line of an explanation. */
export interface ExplainedLine {
  readonly depth: number
  /** `unasked`: an `and` was false before, or the slice is not among those that were asked of. */
  readonly answer: 'true' | 'false' | 'unasked'
  /** A sentence that holds. */
  readonly text: string
}

export interface ExplainOptions {
  readonly graph: ConditionGraph
  readonly keysAt: KeysAt
  readonly entity: Entity
  /** `null`: of the whole asset, with counts where it is partitioned. */
  readonly partition: SliceKey
}

/** A stored tree in sentences: for one slice, or for all. */
export function explain(
  record: TraceRecord,
  { graph, keysAt, entity, partition }: ExplainOptions,
): readonly ExplainedLine[] {
  const domain = graph.domain(entity, keysAt)
  const slices = partition === null ? domain.all : setOf(domain, [partition])
  return [...linesOf(record, { graph, keysAt, entity, slices, asked: false, depth: 0 })]
}

interface At {
  readonly graph: ConditionGraph
  readonly keysAt: KeysAt
  readonly entity: Entity
  /** Of `entity`, those that belong to what is explained. */
  readonly slices: Spans
  /** What the parent was asked of. */
  readonly asked: SetRecord
  readonly depth: number
}

function* linesOf(record: TraceRecord, at: At): Generator<ExplainedLine> {
  const own = record.about === undefined ? at : through(at, at.graph.entities.get(record.about))
  const domain = at.graph.domain(own.entity, at.keysAt)
  const within = (set: SetRecord): Spans => intersection(setOfRecord(domain, set), own.slices)
  const all = record.asked ?? at.asked
  const [isTrue, asked] = [within(record.true ?? false), within(all)]
  const answer = isEmpty(asked) ? 'unasked' : isEmpty(isTrue) ? 'false' : 'true'
  const counts = { count: countOf(isTrue), of: countOf(asked) }
  yield { depth: at.depth, answer, text: sentenceOf(record, answer, counts) }
  // What was not asked has nothing below it that was; a denial has been said in the words of its part.
  if (answer === 'unasked') return
  const parts = isDenial(record) ? (record.of?.[0]?.of ?? []) : (record.of ?? [])
  for (const part of parts) yield* linesOf(part, { ...own, asked: all, depth: at.depth + 1 })
}

/** The slices of another entity that belong to these; of one that is gone, none. */
function through(at: At, other: Entity | undefined): At {
  if (!other) return { ...at, slices: none }
  const { graph, keysAt, entity } = at
  const [below, above] = [graph.domain(entity, keysAt), graph.domain(other, keysAt)]
  const isAbove = entity.deps.includes(other)
  if (above.axes.length === 0) return { ...at, entity: other, slices: isEmpty(at.slices) ? none : true }
  const slices = isAbove ? needs(graph.mapping(entity, other), below, above, at.slices).set : above.all
  return { ...at, entity: other, slices }
}
