import type { Step } from '@sluice/core'

type Call = Pick<Step, 'step' | 'parent' | 'kind' | 'key' | 'state'>

/**
 * Which successes a run with other params must not take over. A call of a task or a flow is the same where its arguments
 * are. What a `step()` did, and what a call with a key of its own was given, may have come from the params: these run
 * again, unless they are part of a call that is the same.
 *
 * @param steps all of the run before, in the order of their numbers.
 */
export async function maybeFromParams(steps: AsyncIterable<Call>): Promise<number[]> {
  /** Calls that are taken over, with all that is below them. */
  const whole = new Set<number>()
  const again: number[] = []
  for await (const { step, parent, kind, key, state } of steps) {
    const isByArguments = (kind === 'task' || kind === 'flow') && key === null
    if (whole.has(parent) || (isByArguments && state === 'succeeded')) whole.add(step)
    else if (!isByArguments && state === 'succeeded') again.push(step)
  }
  return again
}
