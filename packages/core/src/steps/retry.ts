import { SluiceError } from '../errors/sluice-error.ts'
import { type Duration, milliseconds } from '../time/duration.ts'

/**
 * When a failed attempt is tried again. The rules are those of Dagster's retry policy and of Prefect's task retries,
 * so each name here says whose it is.
 */
export interface Retries {
  /** How many attempts more than the first. */
  readonly max: number
  /** Before each retry. A list has one for each retry, and its last is repeated (Prefect). Default: none. */
  readonly delay?: Duration | readonly Duration[]
  /**
   * How `delay` grows with the retry `n`, from 1. `'fixed'` (default): not. `'linear'`: `n · delay`. `'exponential'`:
   * `(2ⁿ − 1) · delay`, so 1, 3, 7, 15 (Dagster). `'doubling'`: `2ⁿ⁻¹ · delay`, so 1, 2, 4, 8 (Prefect's
   * `exponential_backoff`).
   */
  readonly backoff?: 'fixed' | 'linear' | 'exponential' | 'doubling'
  /**
   * Spreads retries that failed together. `'full'`: anything from 0 to the delay; `'plus-minus'`: the delay, up to one
   * base delay sooner or later (Dagster). A number such as `0.3`: at most 30% later and less sooner, so that the
   * mean is nearly the delay (Prefect's `retry_jitter_factor`).
   */
  readonly jitter?: number | 'full' | 'plus-minus'
  /** Is it worth trying again after this error? Asked with the number of the attempt that failed, from 1. */
  readonly if?: (error: unknown, attempt: number) => boolean
}

/**
 * @param whose such as `Task "page"`.
 * @param option as it is called there.
 * @throws SluiceError DEFINITION_INVALID where the options do not go together.
 */
export function checkRetries(whose: string, retries: number | Retries, option = 'retries'): void {
  const refuse = (what: string, hint: string) => {
    throw new SluiceError('DEFINITION_INVALID', `${whose}: ${what}.`, { hint })
  }
  const { max, delay, backoff, jitter } = typeof retries === 'number' ? ({ max: retries } as Retries) : retries
  if (!Number.isInteger(max) || max < 0) {
    refuse(`${option} must be a whole number from 0, not ${max}`, '3 means: at most four attempts.')
  }
  for (const one of Array.isArray(delay) ? delay : delay === undefined ? [] : [delay]) milliseconds(one)
  if (Array.isArray(delay) && delay.length === 0)
    refuse('the list of delays is empty', "Write delay: ['1s', '10s'] or leave it out.")
  if (Array.isArray(delay) && backoff !== undefined && backoff !== 'fixed') {
    refuse(
      `a list of delays has its own growth, so backoff: '${backoff}' has nothing to do`,
      'Give one delay, or leave backoff out.',
    )
  }
  if (delay === undefined && (backoff ?? jitter) !== undefined) {
    refuse(`${backoff === undefined ? 'jitter' : 'backoff'} needs a delay to work on`, "Add delay: '1s'.")
  }
  if (typeof jitter === 'number' && !(jitter >= 0 && jitter < Infinity)) {
    refuse(`jitter must be a number from 0, not ${jitter}`, 'jitter: 0.3 is at most 30% later.')
  }
}

/**
 * What follows a failed attempt: milliseconds to wait, or `null` for a failure that stands.
 *
 * @param failed.attempt the attempt that failed, from 1.
 * @param failed.random from 0 to 1, for the jitter.
 */
export function nextRetry(failed: {
  retries: number | Retries
  attempt: number
  error: unknown
  random: number
}): { delay: number } | null {
  const retries = typeof failed.retries === 'number' ? { max: failed.retries } : failed.retries
  if (failed.attempt > retries.max) return null
  if (retries.if && !retries.if(failed.error, failed.attempt)) return null
  const base = baseDelay(retries, 1)
  const delay = baseDelay(retries, failed.attempt) * growth(retries.backoff, failed.attempt)
  return { delay: Math.max(0, Math.round(jittered(delay, base, retries.jitter, failed.random))) }
}

function baseDelay({ delay }: Retries, retry: number): number {
  if (delay === undefined) return 0
  return milliseconds(typeof delay === 'string' ? delay : delay[Math.min(retry, delay.length) - 1]!)
}

function growth(backoff: Retries['backoff'], retry: number): number {
  if (backoff === 'linear') return retry
  if (backoff === 'exponential') return 2 ** retry - 1
  return backoff === 'doubling' ? 2 ** (retry - 1) : 1
}

function jittered(delay: number, base: number, jitter: Retries['jitter'], random: number): number {
  if (jitter === 'full') return delay * random
  if (jitter === 'plus-minus') return delay + base * (2 * random - 1)
  return jitter === undefined ? delay : delay * aroundOne(jitter, random)
}

/**
 * An exponential distribution of mean 1, cut above at `1 + factor` and below where that keeps the mean near 1: the
 * retries arrive like independent events instead of in step.
 */
function aroundOne(factor: number, random: number): number {
  if (factor === 0) return 1
  const most = 1 + factor
  const least = Math.log2(2 ** most / (2 ** most - 1))
  const [top, bottom] = [Math.exp(-least), Math.exp(-most)]
  return Math.min(most, -Math.log(top + random * (bottom - top)))
}
