import { type Run, SluiceError, toStoredError } from '@sluice/core'
import type { Change } from '../store/changes.ts'

/** What becomes of a run whose process is gone: canceled where that was asked for, else crashed and resumable. */
export function afterCrash(run: Run, now: number, how = 'its process ended without a word'): Change {
  const end = { change: 'run.end', run: run.id, epoch: run.epoch, result: null, at: now } as const
  if (run.cancelRequested) return { ...end, state: 'canceled', error: null }
  const error = new SluiceError('CHILD_EXITED', `Run ${run.id} crashed: ${how}.`, {
    hint: `sluice runs resume ${run.id} goes on from the last committed step.`,
  })
  return { ...end, state: 'crashed', error: { ...toStoredError(error), stack: '' } }
}
