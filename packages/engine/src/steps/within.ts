import { SluiceError } from '@sluice/core'
import type { Change } from '../store/changes.ts'
import { type Frame, attemptClosed } from './frame.ts'
import { ancestors } from './retrying.ts'

/** Commits what an attempt says of itself while it goes on, behind the rows of the steps that it is part of. */
export function commitWithin(frame: Frame, changes: readonly Change[]): Promise<void> {
  const { session } = frame
  if (frame.closed) return Promise.reject(attemptClosed(frame))
  const above = frame.posted ? [] : [...ancestors(frame), ...selfOf(frame)]
  return new Promise((resolve, reject) => {
    session.outbox.after([...above, ...changes], (committed) => {
      if (committed.ok) return resolve()
      session.stop(stale(session.run.id))
      reject(session.stopped!)
    })
  })
}

/** The row of the attempt itself: what is committed below it refers to that. */
export function selfOf(frame: Frame): Change[] {
  frame.posted = true
  frame.entry.row ??= frame.row
  return [{ change: 'step.record', epoch: frame.session.run.epoch, step: frame.row }]
}

export function stale(run: string): SluiceError {
  return new SluiceError('STALE_EPOCH', `Run ${run} has been taken over by another process; this one stops.`)
}
