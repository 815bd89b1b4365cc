import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SluiceError } from '../errors/sluice-error.ts'
import { encode } from './encode.ts'
import { fromStoredError, toStoredError } from './errors.ts'

const plain = (error: Error) => ({
  ...Object.fromEntries(Object.entries(error)),
  name: error.name,
  message: error.message,
  stack: error.stack,
  cause: error.cause,
})
const thrownBy = (run: () => unknown): unknown => {
  try {
    return run()
  } catch (error) {
    return error
  }
}

class HttpError extends Error {
  override name = 'HttpError'
  readonly status: number
  readonly client = () => 'cannot be stored'
  constructor(status: number) {
    super(`status ${status}`)
    this.status = status
  }
}

describe('toStoredError', () => {
  test('an error without a code has STEP_FAILED, and its frames', () => {
    const stored = toStoredError(new TypeError('no'))
    expect(stored).toMatchObject({ name: 'TypeError', code: 'STEP_FAILED', message: 'no' })
    expect(stored.stack).toContain('errors.test.ts')
    expect(stored).not.toHaveProperty('cause')
    expect(stored).not.toHaveProperty('data')
  })

  test('its own code stays, also a number', () => {
    const missing = thrownBy(() => readFileSync('/no/such/file'))
    expect(toStoredError(missing)).toMatchObject({ code: 'ENOENT', name: 'Error' })
    expect(fromStoredError(toStoredError(missing))).toMatchObject({
      code: 'ENOENT',
      syscall: 'open',
      path: '/no/such/file',
    })
    const grpc = Object.assign(new Error('unavailable'), { code: 14 })
    expect(toStoredError(grpc).code).toBe('14')
    expect(fromStoredError(toStoredError(grpc))).toMatchObject({ code: 14 })
  })

  test('an aborted signal is known by its name', () => {
    expect(toStoredError(thrownBy(() => AbortSignal.abort().throwIfAborted()))).toMatchObject({
      name: 'AbortError',
      code: 'STEP_FAILED',
    })
  })

  test('properties that can be stored are kept, others left out', () => {
    const back = fromStoredError(toStoredError(new HttpError(503)))
    expect(plain(back)).toMatchObject({ name: 'HttpError', status: 503, code: 'STEP_FAILED' })
    expect(back).toBeInstanceOf(Error)
    expect('client' in back).toBe(false)
  })

  test('one of ours keeps its hint and what it says about retries', () => {
    const back = fromStoredError(
      toStoredError(new SluiceError('STORE_BUSY', 'busy', { hint: 'wait', retryable: true, data: { ms: 5 } })),
    )
    expect(back).toMatchObject({ code: 'STORE_BUSY', hint: 'wait', retryable: true, data: { ms: 5 } })
  })

  test('causes and the errors of an AggregateError come along', () => {
    const error = new AggregateError([new HttpError(500), 'text'], 'both', { cause: new Error('a', { cause: 'b' }) })
    const back = fromStoredError(toStoredError(error)) as AggregateError
    expect(back.errors).toMatchObject([{ status: 500 }, { message: 'text' }])
    expect(back.cause).toMatchObject({ message: 'a', cause: { message: 'b' } })
  })

  test('a circle of causes and errors ends', () => {
    const error = new AggregateError([], 'round')
    error.cause = error
    error.errors.push(error, error, error)
    expect(toStoredError(error).cause?.cause?.cause?.message).toBe('round')
    expect(encode(toStoredError(error)).length).toBeLessThan(200_000)
  })

  test('an error of another realm is an error', () => {
    expect(toStoredError(runInNewContext('new RangeError("far")'))).toMatchObject({
      name: 'RangeError',
      message: 'far',
    })
  })

  test.each([
    ['text', 'text'],
    [undefined, 'undefined'],
    [null, 'null'],
    [5n, '5'],
    [[1, 'a'], '[1,"a"]'],
    [{ status: 4 }, '{"status":4}'],
    [Symbol('s'), 'Symbol(s)'],
    [Object.create(null, { f: { value: () => 1, enumerable: true } }), '[object Object]'],
  ])('%o thrown is a failed step with its text', (thrown, message) => {
    expect(toStoredError(thrown)).toEqual({ name: 'Error', code: 'STEP_FAILED', message })
  })

  test('getters that throw cost only what they would have given', () => {
    const error = Object.defineProperties(new Error('kept'), {
      code: {
        get: () => {
          throw new Error('no code')
        },
        enumerable: true,
      },
      cause: {
        get: () => {
          throw new Error('no cause')
        },
      },
      more: {
        get: () => {
          throw new Error('no more')
        },
        enumerable: true,
      },
    })
    expect(toStoredError(error)).toMatchObject({ message: 'kept', code: 'STEP_FAILED' })
  })

  test('a huge message is cut, a huge property left out', () => {
    const stored = toStoredError(
      Object.assign(new Error('m'.repeat(1_000_000)), { body: 'b'.repeat(1_000_000), status: 5 }),
    )
    expect(stored.message.length).toBeLessThanOrEqual(16_384)
    expect(stored.message).toContain('(1000000 characters)')
    expect(stored.data).toBe('{"status":5}')
    expect(stored.stack!.length).toBeLessThan(40_000)
  })

  test('going round once more changes nothing', () => {
    const error = fc
      .record({
        name: fc.string(),
        message: fc.string(),
        code: fc.option(fc.oneof(fc.string(), fc.integer()), { nil: undefined }),
        hint: fc.option(fc.string(), { nil: undefined }),
        cause: fc.option(fc.string(), { nil: undefined }),
        more: fc.dictionary(
          fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'stack', 'cause', 'data')),
          fc.oneof(
            fc.string(),
            fc.integer(),
            fc.date(),
            fc.constant(() => 1),
          ),
        ),
      })
      .map(({ name, message, code, hint, cause, more }) =>
        // Defined, not assigned: a property called `__proto__` is one like any other, and not another prototype.
        Object.assign(
          Object.defineProperties(new Error(message, { cause }), Object.getOwnPropertyDescriptors(more)),
          { name },
          code !== undefined && { code },
          hint && { hint },
        ),
      )
    fc.assert(
      fc.property(error, (one) => {
        const once = fromStoredError(toStoredError(one))
        expect(plain(fromStoredError(toStoredError(once)))).toEqual(plain(once))
        expect(toStoredError(once)).toEqual(toStoredError(fromStoredError(toStoredError(once))))
      }),
    )
  })
})

describe('a stored stack', () => {
  const stack = (...frames: string[]) => ['Error: x', ...frames.map((frame) => `    at ${frame}`)].join('\n')
  const stored = (text: string) => toStoredError(Object.assign(new Error('x'), { stack: text })).stack

  test('has no frames of ours, wherever we are installed', () => {
    const here = new URL('../../../engine/src/runs/run-step.ts', import.meta.url).href
    expect(stored(stack(`run (${here}:1:2)`, `async ${here}:3:4`, 'load (file:///home/me/etl.ts:9:1)'))).toBe(
      stack('load (file:///home/me/etl.ts:9:1)'),
    )
    for (const place of [
      '/app/node_modules/@sluice/engine/dist/a.js',
      'C:\\app\\node_modules\\sluice\\dist\\a.js',
      '/a/node_modules/.pnpm/x/node_modules/@sluice/core/dist/a.js',
    ]) {
      expect(stored(stack(`f (${place}:1:1)`, 'g (/app/sluice/etl.ts:2:2)'))).toBe(stack('g (/app/sluice/etl.ts:2:2)'))
    }
  })

  test('that has nothing but ours is left out', () => {
    expect(stored(stack('f (/app/node_modules/@sluice/engine/dist/a.js:1:1)'))).toBeUndefined()
    expect(stored('Error: x')).toBeUndefined()
  })

  test('keeps a message of several lines', () => {
    const text = 'Error: one\nat the second line\n    at f (/app/a.ts:1:1)'
    expect(stored(text)).toBe(text)
  })
})
