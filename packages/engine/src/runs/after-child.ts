import { type Run, type StoredError, SluiceError, toStoredError } from '@sluice/core'
import type { Change } from '../store/changes.ts'

/** How the process of a run ended without an end in the store. */
export type ChildEnd =
  /** The worker drains, or its machine goes away: nothing is wrong with the run. */
  | { readonly how: 'given-back' }
  | { readonly how: 'died'; readonly what: string }
  /** The worker ended it: over its time, say. */
  | { readonly how: 'failed'; readonly error: StoredError }

/** Seconds until a run goes on after its process died: 1, 2, 4, … 60. */
const backoff = (resumes: number): number => Math.min(60, 2 ** resumes) * 1000

/**
 * What becomes of a run whose process ended. A death counts against its resumes, and one that dies again and again is
 * left `crashed` for a person to look at; being given back does not count.
 */
export function afterChild(run: Run, end: ChildEnd, now: number): Change {
  const { id, epoch } = run
  const over = { change: 'run.end', run: id, epoch, result: null, at: now } as const
  if (run.cancelRequested) return { ...over, state: 'canceled', error: null }
  if (end.how === 'failed') return { ...over, state: 'failed', error: end.error }
  const back = { change: 'run.requeue', run: id, epoch, at: now } as const
  if (end.how === 'given-back') return { ...back, until: null }
  const most = run.terms?.maxResumes ?? 0
  if (run.resumes < most) return { ...back, until: now + backoff(run.resumes), counts: true }
  const error = new SluiceError(
    'RESUMES_EXHAUSTED',
    `Run ${id} was given up after its process died ${run.resumes + 1} times: ${end.what}.`,
    {
      hint: `sluice runs logs ${id} has what it printed; sluice runs resume ${id} goes on from the last committed step.`,
    },
  )
  return { ...over, state: 'crashed', error: { ...toStoredError(error), stack: '' } }
}
