import { type Duration, SluiceError, milliseconds } from '@sluice/core'
import { type Frame, closeFrame, closedBy, frames } from './frame.ts'
import type { StepSpec } from './perform.ts'

/** How an attempt came out. */
export type Ended = { value: unknown } | { error: unknown }

/** One attempt: the body, until it settles, its time is up, or it is given up from above. */
export function runAttempt(
  frame: Frame,
  spec: Pick<StepSpec, 'name' | 'timeout' | 'body'>,
  done: (outcome: Ended) => void,
): void {
  let timer: NodeJS.Timeout | undefined
  let over = false
  const finish = (outcome: Ended): void => {
    if (over) return
    over = true
    frame.onClose = undefined
    clearTimeout(timer)
    done(outcome)
  }
  if (frame.closed) return finish({ error: closedBy(frame) })
  frame.onClose = (error) => finish({ error })
  if (spec.timeout !== undefined) {
    timer = setTimeout(() => closeFrame(frame, timedOut(spec)), milliseconds(spec.timeout))
  }
  const settled = (value: unknown): void => {
    if (frame.inFlight === 0 || over) return finish({ value })
    // It returned with steps in flight: they are awaited.
    frame.idle = () => finish({ value })
  }
  let result: unknown
  try {
    result = frames.run(frame, spec.body, frame)
  } catch (error) {
    return finish({ error })
  }
  if (isThenable(result)) result.then(settled, (error: unknown) => finish({ error }))
  else settled(result)
}

function timedOut(spec: { name: string; timeout?: Duration | undefined }): SluiceError {
  return new SluiceError('STEP_TIMEOUT', `"${spec.name}" took longer than ${spec.timeout}.`, {
    retryable: true,
    hint: 'Raise its timeout, or let it stop early on currentStep().signal.',
  })
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
