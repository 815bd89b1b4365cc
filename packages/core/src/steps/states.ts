import type { StepState } from './step.ts'

/** Where a step can go from each state; a state that has nothing is an end, and its row never changes again. */
export const stepTransitions: Readonly<Record<StepState, readonly StepState[]>> = {
  // To itself: it waits for something else now. To its ends without running: a cached or adopted result, a time limit
  // that passed in the queue, something skipped, failed or canceled before it.
  waiting: ['waiting', 'running', 'succeeded', 'failed', 'skipped', 'upstream_failed', 'canceled'],
  // To itself: the next attempt, or the same one again after a crash. Back: for a retry, a child run, a person.
  running: ['waiting', 'running', 'succeeded', 'failed', 'skipped', 'canceled'],
  succeeded: [],
  failed: [],
  skipped: [],
  upstream_failed: [],
  canceled: [],
}

export const stepStates = Object.keys(stepTransitions) as readonly StepState[]

export function canMoveStep(from: StepState, to: StepState): boolean {
  return stepTransitions[from].includes(to)
}

export function isTerminalStep(state: StepState): boolean {
  return stepTransitions[state].length === 0
}

/** An outcome that a replay gives again. A canceled step has none: a run that goes on runs it again. */
export function isOutcome(state: StepState): boolean {
  return isTerminalStep(state) && state !== 'canceled'
}

/** May what depends on it run? `null`: not decided yet. */
export function letsDownstreamRun(state: StepState): boolean | null {
  return isTerminalStep(state) ? state === 'succeeded' : null
}
