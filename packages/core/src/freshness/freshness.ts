import type { FreshnessState } from '../conditions/condition.ts'
import { partitionsDue } from './partition.ts'
import { type FreshnessSpec, deadlinesOf } from './policy.ts'

/** Whether an asset is fresh. */
export interface FreshnessNow {
  /** `unknown`: it was never made. */
  readonly state: FreshnessState | 'unknown'
  /** When it may be another, if nothing is made until then; `null`: never. */
  readonly nextAt: number | null
}

/**
 * Pure: is an asset that was made last at `madeAt` fresh? Dagster's rules: a window fails when it is over; a deadline has been
 * met where something was made since `lookback` before it, and counts until the next one; what was missed is mended by making
 * it. A warning before a deadline is ours.
 *
 * @param madeAt milliseconds since 1970; `null` where it never was.
 * @param made of what `keysDue` says, those that are made.
 */
export function freshnessOf(
  spec: FreshnessSpec,
  madeAt: number | null,
  now: number,
  made: ReadonlySet<string> = nothing,
): FreshnessNow {
  if (madeAt === null) return { state: 'unknown', nextAt: null }
  if (spec.kind === 'partition') {
    const { fail, warn, nextAt } = partitionsDue(spec, now)
    const isThere = (key: string | null): boolean => key === null || made.has(key)
    return { state: isThere(fail) ? (isThere(warn) ? 'passed' : 'warned') : 'failed', nextAt }
  }
  return spec.kind === 'within' ? ofWindow(spec, madeAt, now) : ofDeadline(spec, madeAt, now)
}

const nothing: ReadonlySet<string> = new Set()

/** The partitions that freshness depends on now. */
export function keysDue(spec: FreshnessSpec, now: number): readonly string[] {
  if (spec.kind !== 'partition') return []
  const { fail, warn } = partitionsDue(spec, now)
  return [...new Set([fail, warn])].filter((key) => key !== null)
}

function ofWindow(
  { fail, warn }: Extract<FreshnessSpec, { kind: 'within' }>,
  madeAt: number,
  now: number,
): FreshnessNow {
  // What is exactly as old as the window is fresh.
  if (now - madeAt > fail) return { state: 'failed', nextAt: null }
  const failsAt = madeAt + fail + 1
  if (warn === null) return { state: 'passed', nextAt: failsAt }
  return now - madeAt > warn
    ? { state: 'warned', nextAt: failsAt }
    : { state: 'passed', nextAt: Math.min(madeAt + warn + 1, failsAt) }
}

function ofDeadline(spec: Extract<FreshnessSpec, { kind: 'by' }>, madeAt: number, now: number): FreshnessNow {
  const { lookback, warn } = spec
  const deadlines = deadlinesOf(spec)
  const last = deadlines.previous(now)
  if (last !== null && madeAt < last - lookback) return { state: 'failed', nextAt: null }
  const next = deadlines.next(now)
  if (next === null || warn === null || madeAt >= next - lookback) return { state: 'passed', nextAt: next }
  const warnsAt = next - warn
  return now >= warnsAt ? { state: 'warned', nextAt: next } : { state: 'passed', nextAt: warnsAt }
}
