import { type Run, nextRetry } from '@sluice/core'
import { isBeyondHelp } from '../steps/retrying.ts'
import { type Retry, wholeAgain } from './retry.ts'

/**
 * The run that follows one that failed or crashed for good, by its `runRetries`; `null` where none does. It is counted
 * along its chain: a retry that somebody asked for begins a chain of its own. It waits until its delay is over.
 *
 * @param random from 0 to 1, for the jitter.
 */
export function retryRun(run: Run, now: number, random: number): Retry | null {
  const retries = run.terms?.runRetries
  if (!retries || (run.state !== 'failed' && run.state !== 'crashed')) return null
  if (run.cancelRequested || isBeyondHelp(run.error)) return null
  const retry = (run.cause.retry ?? 0) + 1
  const next = nextRetry({ retries, attempt: retry, error: run.error, random })
  if (!next) return null
  const again = wholeAgain(run, retries.from ?? 'failure', now)
  const cause = { ...again.run.cause, retry }
  // From its end, not from when a server was there to see it.
  const until = (run.endedAt ?? now) + next.delay
  const waitingFor = until > now ? ({ for: 'retry', until } as const) : again.run.waitingFor
  return { ...again, run: { ...again.run, cause, waitingFor } }
}
