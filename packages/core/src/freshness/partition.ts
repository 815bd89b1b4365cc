import { type Timeline, lastEnded, timeline } from '../partitions/time.ts'
import { type FreshnessSpec, deadlinesOf } from './policy.ts'

type Spec = Extract<FreshnessSpec, { kind: 'partition' }>

/** The partitions that should be there; `null` for none. */
export interface Due {
  /** Late where it is not made. */
  readonly fail: string | null
  /** Late soon where it is not made. */
  readonly warn: string | null
  /** When it may be another one. */
  readonly nextAt: number | null
}

/**
 * The newest partition that has to be made by now: it ended longer ago than `within`, or before the last deadline. Of the
 * deadlines the rule is that of Dagster's `build_time_partition_freshness_checks`.
 */
export function partitionsDue(spec: Spec, now: number): Due {
  const line = timeline(spec.partitions)
  return spec.due.kind === 'within' ? dueWithin(line, spec.due, now) : dueByDeadline(line, spec.due, now)
}

function dueWithin(line: Timeline, { fail, warn }: Extract<Spec['due'], { kind: 'within' }>, now: number): Due {
  // What ended exactly so long ago is in time.
  const [failed, warned] = [fail, warn ?? fail].map((after) => ({ after, slice: lastEnded(line, now - after - 1) }))
  const next = [failed!, warned!].flatMap(({ after, slice }) => startsToCount(line, slice + 1, after + 1))
  return { fail: keyOf(line, failed!.slice), warn: keyOf(line, warned!.slice), nextAt: earliest(next) }
}

function dueByDeadline(line: Timeline, spec: Extract<Spec['due'], { kind: 'by' }>, now: number): Due {
  const { warn } = spec
  const deadlines = deadlinesOf(spec)
  const [last, next] = [deadlines.previous(now), deadlines.next(now)]
  const fail = last === null ? null : keyOf(line, lastEnded(line, last))
  if (next === null || warn === null) return { fail, warn: fail, nextAt: next }
  if (now < next - warn) return { fail, warn: fail, nextAt: next - warn }
  const ended = lastEnded(line, now)
  return { fail, warn: keyOf(line, ended), nextAt: earliest([next, ...startsToCount(line, ended + 1, 0)]) }
}

const startsToCount = ({ first, end, endOf }: Timeline, slice: number, after: number): readonly number[] =>
  end !== null && slice >= end ? [] : [endOf(Math.max(slice, first)) + after]

const keyOf = ({ first, end, keyOf: textOf }: Timeline, slice: number): string | null => {
  const last = end === null ? slice : Math.min(slice, end - 1)
  return last < first ? null : textOf(last)
}

const earliest = (times: readonly number[]): number | null => (times.length === 0 ? null : Math.min(...times))
