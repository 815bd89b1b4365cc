import { type Step, nextRetry, toStoredError } from '@sluice/core'
import type { Change } from '../store/changes.ts'
import type { Frame } from './frame.ts'
import type { StepSpec } from './perform.ts'

/** Is this failure tried again, and when? Errors that say that a retry cannot help are not. */
export function retryOf(spec: Pick<StepSpec, 'retries'>, used: number, error: unknown): { delay: number } | null {
  if (spec.retries === undefined || isBeyondHelp(error)) return null
  return nextRetry({ retries: spec.retries, attempt: used, error, random: Math.random() })
}

/** Does it say that another try ends the same way? */
export const isBeyondHelp = (error: unknown): boolean =>
  unhelpable.has((error as { code?: string } | null | undefined)?.code ?? '')

const unhelpable = new Set([
  'RESULT_NOT_STORABLE',
  'ARGUMENT_NOT_STORABLE',
  'STEP_IDENTITY_AMBIGUOUS',
  'PARAMS_INVALID',
  'SQL_NEEDS_ENGINE',
])

export function retryRow(frame: Frame, error: unknown, delay: number): Step {
  const { session } = frame
  return {
    ...frame.row,
    state: 'waiting',
    waitingFor: { for: 'retry', until: session.clock.now() + delay },
    floor: session.journal.lastSeq(),
    error: toStoredError(error),
  }
}

export function retryChanges(frame: Frame, row: Step): readonly Change[] {
  const { run, clock } = frame.session
  const data = {
    name: row.name,
    attempt: row.attempt,
    until: row.waitingFor?.for === 'retry' ? row.waitingFor.until : null,
    message: row.error?.message ?? '',
  }
  const event = {
    id: 0,
    type: 'step.retrying',
    at: clock.now(),
    run: run.id,
    step: row.step,
    asset: null,
    partition: null,
    data,
  } as const
  return [
    ...ancestors(frame),
    { change: 'step.record', epoch: run.epoch, step: row },
    { change: 'event.add', epoch: run.epoch, event },
  ]
}

/** Rows that must be there before one below them is: a resume finds a child only under a parent it knows. */
export function ancestors(frame: Frame | undefined): Change[] {
  const changes: Change[] = []
  for (let up = frame?.parent; up && !up.posted && up.entry.step !== 0; up = up.parent) {
    up.posted = true
    up.entry.row ??= up.row
    changes.unshift({ change: 'step.record', epoch: up.session.run.epoch, step: up.row })
  }
  return changes
}
