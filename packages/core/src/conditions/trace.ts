import { type Domain, hasKey, recordOf, type SetRecord, type SliceKey } from '../partitions/domain.ts'
import { countOf, type Spans } from '../partitions/spans.ts'
import type { ConditionSpec } from './condition.ts'

/** What a condition and each of its parts said: the tree that explains a request, or that there was none. */
export interface Trace {
  /** The label or the operator; of a dep or a check its name. */
  readonly op: string
  readonly spec?: ConditionSpec
  readonly domain: Domain
  /** Where it was true. */
  readonly set: Spans
  /** Of what it was asked. */
  readonly candidate: Spans
  readonly of: readonly Trace[]
}

/** The same as plain data, in keys, for a store and a screen. */
export interface TraceRecord {
  readonly op: string
  readonly true: SetRecord
  readonly asked: SetRecord
  readonly count: number
  readonly of?: readonly TraceRecord[]
}

export function recordOfTrace({ op, domain, set, candidate, of }: Trace): TraceRecord {
  return {
    op,
    true: recordOf(domain, set),
    asked: recordOf(domain, candidate),
    count: countOf(set),
    ...(of.length > 0 && { of: of.map(recordOfTrace) }),
  }
}

/** The tree for one slice, a line for each part: `✓ missing`, `✗ anyDepsMissing`, `· …` where it was not asked. */
export function explain(trace: Trace, key: SliceKey, depth = 0): readonly string[] {
  const isOwn = (set: Spans): boolean =>
    trace.domain.axes.length === 0 ? set === true : hasKey(trace.domain, set, key)
  const isSame = key === null || trace.domain.axes.length > 0
  const sign = isOwn(trace.set) ? '✓' : isOwn(trace.candidate) || !isSame ? '✗' : '·'
  const count = isSame ? '' : ` (${countOf(trace.set)} of ${countOf(trace.candidate)})`
  return [
    `${'  '.repeat(depth)}${sign} ${trace.op}${count}`,
    ...trace.of.flatMap((one) => explain(one, key, depth + 1)),
  ]
}
