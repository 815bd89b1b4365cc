import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkRetries, nextRetry, type Retries } from './retry.ts'

const delays = (retries: Retries, random = 0.5) =>
  Array.from({ length: retries.max }, (_, n) => nextRetry({ retries, attempt: n + 1, error: null, random })!.delay)

describe('nextRetry', () => {
  test('a count alone retries at once, and then no more', () => {
    expect(nextRetry({ retries: 2, attempt: 2, error: null, random: 0 })).toEqual({ delay: 0 })
    expect(nextRetry({ retries: 2, attempt: 3, error: null, random: 0 })).toBeNull()
    expect(nextRetry({ retries: 0, attempt: 1, error: null, random: 0 })).toBeNull()
  })

  test.each([
    [{ max: 3, delay: '2s' }, [2000, 2000, 2000]],
    [{ max: 4, delay: ['1s', '5s'] }, [1000, 5000, 5000, 5000]],
    [{ max: 4, delay: '1s', backoff: 'linear' }, [1000, 2000, 3000, 4000]],
    [{ max: 4, delay: '1s', backoff: 'exponential' }, [1000, 3000, 7000, 15_000]],
    [{ max: 4, delay: '1s', backoff: 'doubling' }, [1000, 2000, 4000, 8000]],
  ] as [Retries, number[]][])('%j waits %j', (retries, expected) => expect(delays(retries)).toEqual(expected))

  test('the condition sees the error and the attempt that failed', () => {
    const seen: unknown[] = []
    const again = (error: unknown, attempt: number) => {
      seen.push([error, attempt])
      return error === 'again'
    }
    const retries: Retries = { max: 5, if: again }
    expect(nextRetry({ retries, attempt: 2, error: 'again', random: 0 })).toEqual({ delay: 0 })
    expect(nextRetry({ retries, attempt: 3, error: 'never', random: 0 })).toBeNull()
    expect(seen).toEqual([
      ['again', 2],
      ['never', 3],
    ])
  })

  test('the mean of a jittered delay is nearly the delay', () => {
    const count = 2000
    const all = Array.from(
      { length: count },
      (_, n) => delays({ max: 1, delay: '100s', jitter: 0.5 }, (n + 0.5) / count)[0]!,
    )
    expect(all.reduce((sum, one) => sum + one, 0) / count / 100_000).toBeCloseTo(1, 2)
  })

  test('no jitter gives a negative wait', () => {
    const jitter = fc.oneof(
      fc.constantFrom('full' as const, 'plus-minus' as const),
      fc.double({ min: 0, max: 100, noNaN: true }),
    )
    fc.assert(
      fc.property(
        jitter,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 9 }),
        (how, random, attempt) => {
          const next = nextRetry({
            retries: { max: 9, delay: '3s', backoff: 'exponential', jitter: how },
            attempt,
            error: null,
            random,
          })
          return next !== null && next.delay >= 0 && Number.isInteger(next.delay)
        },
      ),
    )
  })
})

describe('checkRetries', () => {
  test.each([
    -1,
    1.5,
    { max: -1 },
    { max: 1, delay: [] },
    { max: 1, delay: '-1s' },
    { max: 1, delay: ['1s', 'soon'] },
    { max: 1, backoff: 'exponential' },
    { max: 1, jitter: 'full' },
    { max: 1, delay: ['1s'], backoff: 'linear' },
    { max: 1, delay: '1s', jitter: -0.1 },
  ] as (number | Retries)[])('%j is refused', (retries) => {
    expect(() => checkRetries('Task "page"', retries)).toThrow(expect.objectContaining({ code: 'DEFINITION_INVALID' }))
  })

  test.each([
    0,
    3,
    { max: 2, delay: '0s', backoff: 'linear', jitter: 'plus-minus' },
    { max: 1, delay: ['1s'], jitter: 0 },
  ] as (number | Retries)[])('%j is fine', (retries) =>
    expect(() => checkRetries('Task "page"', retries)).not.toThrow(),
  )
})
