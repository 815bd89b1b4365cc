import { type Retries, SluiceError, checkRetries, nextRetry } from '@sluice/core'
import { agreesWithExecuted, executeRetries } from './executed-retries.ts'
import { type Evaluator, type Input, rejected } from './shapes.ts'

interface Bounds {
  readonly low: readonly number[]
  readonly high: readonly number[]
}

/** The least and the most that each retry is delayed, in seconds. */
export const retries: Evaluator = {
  answer(input) {
    if (input['kind'] === 'execution') return executeRetries(input)
    const ours = oursOf(input)
    try {
      checkRetries('Task "a"', ours)
    } catch (error) {
      if (error instanceof SluiceError) return rejected
      throw error
    }
    return { low: delays(ours, 0), high: delays(ours, 1) }
  },
  agrees(got, expected, input) {
    if (input['kind'] === 'execution') return agreesWithExecuted(got, expected)
    const given = expected as Expected
    if (given.error) return got === rejected
    const { low, high } = got as Bounds
    const bounds = boundsOf(given, low.length)
    const isNear = (a: number | undefined, b: number): boolean => a !== undefined && Math.abs(a - b) < 0.0005
    return bounds.length === low.length && bounds.every(([a, b], n) => isNear(low[n], a) && isNear(high[n], b))
  },
  different: ({ input }) =>
    [input['delay'], input['retry_delay_seconds']].flat().some((delay) => Number(delay ?? 0) < 0)
      ? 'Retries say more'
      : undefined,
}

interface Expected {
  readonly delays?: readonly number[]
  readonly bounds?: readonly (readonly [number, number])[]
  readonly error?: true
  readonly min?: number
  readonly max?: number
  readonly retry_delay_seconds?: number | readonly number[]
}

/** The last delay is repeated. */
function boundsOf({ bounds, min, max, ...expected }: Expected, count: number): readonly (readonly [number, number])[] {
  if (bounds) return bounds
  if (min !== undefined) return [[min, max!]]
  const list = expected.delays ?? [expected.retry_delay_seconds ?? []].flat()
  return Array.from({ length: count }, (_, n) => [
    list[Math.min(n, list.length - 1)]!,
    list[Math.min(n, list.length - 1)]!,
  ])
}

const ms = (seconds: unknown): `${number}ms` => `${Number(seconds) * 1000}ms`

function oursOf(input: Input): Retries {
  const {
    max_retries,
    retries: count,
    delay,
    backoff,
    jitter,
    backoff_factor,
    retry_delay_seconds,
    jitter_factor,
  } = input
  return {
    max: Number(max_retries ?? count ?? 1),
    ...(backoff_factor !== undefined && { delay: ms(backoff_factor), backoff: 'doubling' as const }),
    ...(delay !== undefined && { delay: ms(delay) }),
    ...(retry_delay_seconds !== undefined && { delay: [retry_delay_seconds].flat().map(ms) }),
    ...(backoff !== undefined && { backoff: backoff as 'linear' }),
    ...(jitter !== undefined && { jitter: (jitter as string).replace('_', '-') as 'full' }),
    ...(jitter_factor !== undefined && { jitter: jitter_factor as number }),
  }
}

function delays(given: Retries, random: number): readonly number[] {
  return Array.from(
    { length: given.max },
    (_, n) => nextRetry({ retries: given, attempt: n + 1, error: null, random })!.delay / 1000,
  )
}
