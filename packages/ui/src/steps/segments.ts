import type { Step, StepState } from '@sluice/core'
import type { Retrying } from './queries.ts'

export interface Segment {
  readonly from: number
  readonly to: number
  readonly what: 'attempt' | 'wait' | 'retry'
  /** Of an attempt: what it came to. */
  readonly state: StepState
  readonly attempt: number
}

/**
 * A step as what it did, one after another: each attempt, and what it waited for between two.
 *
 * @param retries Of this step, in the order of time.
 * @param end Of what has not ended: now, or when its run ended.
 */
export function segmentsOf(
  step: Pick<Step, 'state' | 'startedAt' | 'endedAt' | 'attempt' | 'waitingFor'>,
  retries: readonly Retrying[],
  end: number,
): Segment[] {
  if (step.startedAt === null) return []
  const segments: Segment[] = []
  let from = step.startedAt
  let attempt = 1
  for (const { at, until } of retries) {
    segments.push({ from, to: at, what: 'attempt', state: 'failed', attempt })
    from = Math.min(until ?? at, step.endedAt ?? end)
    segments.push({ from: at, to: Math.max(at, from), what: 'retry', state: 'waiting', attempt })
    attempt += 1
  }
  const to = step.endedAt ?? end
  if (step.endedAt === null && step.waitingFor?.for === 'retry') return segments
  const waits = step.state === 'waiting'
  segments.push({ from, to: Math.max(from, to), what: waits ? 'wait' : 'attempt', state: step.state, attempt })
  return segments
}
