import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decode } from './decode.ts'
import { canonical, encode, MAX_DEPTH } from './encode.ts'
import { kindsByPrototype } from './codec-kinds.ts'

const roundTrip = (value: unknown): unknown => decode(encode(value))

/** Anything that can be stored. */
const storable = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom(undefined, null, true, -0, Number.NaN, Infinity, -Infinity),
    fc.double(),
    fc.string({ unit: 'binary' }),
    fc.bigInt(),
    fc.date({ noInvalidDate: false }),
    fc.uint8Array(),
    fc.uint8Array().map((bytes) => bytes.slice().buffer),
    fc.date({ noInvalidDate: true }).map((date) => Temporal.Instant.fromEpochMilliseconds(date.getTime())),
    fc.array(tie('value')),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('$', '$$', '__proto__', 'v', 'toJSON')), tie('value'), {
      noNullPrototype: true,
    }),
    fc.array(fc.tuple(tie('value'), tie('value'))).map((entries) => new Map(entries)),
    fc.array(tie('value')).map((items) => new Set(items)),
  ),
})).value

describe('encode and decode', () => {
  test('whatever can be stored comes back equal', () => {
    fc.assert(
      fc.property(storable, (value) => {
        expect(roundTrip(value)).toStrictEqual(value)
        expect(decode(canonical(value))).toEqual(value)
      }),
      { numRuns: 500 },
    )
  })

  test('plain JSON is written as JSON', () => {
    const value = { id: 17, name: 'Ada', ok: true, tags: ['a', null], $price: 1 }
    expect(encode(value)).toBe(JSON.stringify(value))
  })

  test.each([
    Temporal.Instant.from('2026-03-29T01:30:00.123456789Z'),
    Temporal.PlainDate.from('2026-02-28'),
    Temporal.PlainTime.from('23:59:59.999'),
    Temporal.PlainDateTime.from('2026-02-28T01:02:03'),
    Temporal.PlainYearMonth.from('2026-02'),
    Temporal.PlainMonthDay.from('02-29'),
    Temporal.PlainYearMonth.from('2026-02-01[u-ca=hebrew]'),
    Temporal.Duration.from('P1Y2M3DT4H5M6.789S'),
    Temporal.ZonedDateTime.from('2026-10-25T02:30:00+01:00[Europe/Madrid]'),
    Temporal.ZonedDateTime.from('2026-01-01T00:00:00+05:30[+05:30]'),
    Temporal.ZonedDateTime.from('2026-01-01T00:00:00[Asia/Tokyo][u-ca=japanese]'),
    Temporal.ZonedDateTime.from('1850-01-01T00:00:00Z[America/New_York]'),
  ])('%s', (value) => {
    const back = roundTrip({ at: [value] }) as { at: [typeof value] }
    expect(Object.prototype.toString.call(back.at[0])).toBe(Object.prototype.toString.call(value))
    expect(back.at[0].toString()).toBe(value.toString())
    if (value instanceof Temporal.ZonedDateTime) expect((back.at[0] as typeof value).equals(value)).toBe(true)
  })

  test('a record without a prototype, or of another realm, becomes a plain one; a Buffer becomes bytes', () => {
    expect(roundTrip(Object.assign(Object.create(null), { a: 1 }))).toStrictEqual({ a: 1 })
    expect(roundTrip(runInNewContext('({ a: [1, { b: 2 }] })'))).toStrictEqual({ a: [1, { b: 2 }] })
    expect(roundTrip(Buffer.from('hi'))).toStrictEqual(new Uint8Array([104, 105]))
  })

  test('no key reaches a prototype', () => {
    const evil = JSON.parse('{"__proto__":{"polluted":[{"$":1}]},"at":{"$":"x"}}') as object
    const back = roundTrip(evil) as { polluted?: unknown }
    expect(back).toStrictEqual(evil)
    expect(back.polluted).toBeUndefined()
    expect(Object.keys(back)).toEqual(['__proto__', 'at'])
  })

  test('a shared reference comes back as two copies', () => {
    const shared = { at: new Date(0) }
    const back = roundTrip([shared, shared]) as [typeof shared, typeof shared]
    expect(back).toEqual([shared, shared])
    expect(back[0]).not.toBe(back[1])
  })

  test('the value that is encoded stays as it was', () => {
    const value = Object.freeze({ list: Object.freeze([new Date(0), undefined]), $: Object.freeze({ a: Number.NaN }) })
    encode(value)
    canonical(value)
    expect(value).toStrictEqual({ list: [new Date(0), undefined], $: { a: Number.NaN } })
  })

  test('without toBase64 in the engine, bytes are the same', () => {
    const { toBase64 } = Uint8Array.prototype
    const { fromBase64 } = Uint8Array
    const bytes = Uint8Array.from({ length: 20_000 }, (_, n) => n % 256)
    const text = encode(bytes)
    Object.assign(Uint8Array.prototype, { toBase64: undefined })
    Object.assign(Uint8Array, { fromBase64: undefined })
    try {
      expect(encode(bytes)).toBe(text)
      expect(decode(text)).toEqual(bytes)
    } finally {
      Object.assign(Uint8Array.prototype, { toBase64 })
      Object.assign(Uint8Array, { fromBase64 })
    }
  })

  test('the hook is told of every object, parents first', () => {
    const inner = { a: 1 }
    const map = new Map([['k', inner]])
    const value = [map, inner]
    const met: object[] = []
    encode(value, { onObject: (object) => met.push(object) })
    expect(met).toEqual([value, map, inner, inner])
  })

  test('the tags are stored for good', () => {
    expect([...kindsByPrototype.values()].map((kind) => kind.tag)).toEqual([
      'date',
      'map',
      'set',
      'bytes',
      'buffer',
      'instant',
      'zoned',
      'plain-date',
      'plain-time',
      'plain-date-time',
      'year-month',
      'month-day',
      'duration',
    ])
    expect(
      encode([undefined, -0, 5n, new Date(0), new Map([[1, new Set(['a'])]]), new Uint8Array([1, 2]), { $: 1, $$: 2 }]),
    ).toMatchInlineSnapshot(
      `"[{"$":"undefined"},{"$":"number","v":"-0"},{"$":"bigint","v":"5"},{"$":"date","v":"1970-01-01T00:00:00.000Z"},{"$":"map","v":[[1,{"$":"set","v":["a"]}]]},{"$":"bytes","v":"AQI="},{"$$":1,"$$$":2}]"`,
    )
  })
})

describe('canonical', () => {
  test('the order of keys does not count, what they hold does', () => {
    expect(canonical({ b: 1, a: { d: [2], c: undefined } })).toBe(canonical({ a: { c: undefined, d: [2] }, b: 1 }))
    expect(canonical({ 10: 1, 9: 2, a: 3 })).toBe(canonical({ a: 3, 9: 2, 10: 1 }))
    expect(canonical({ a: 1 })).not.toBe(canonical({ a: '1' }))
    expect(canonical({ a: undefined })).not.toBe(canonical({}))
    expect(canonical([0])).not.toBe(canonical([-0]))
  })

  test('equal values have equal texts', () => {
    const record = fc.dictionary(fc.string(), fc.oneof(fc.integer(), fc.date()))
    fc.assert(
      fc.property(record, (value) => {
        const turned = Object.fromEntries(Object.entries(value).toReversed())
        return canonical(turned) === canonical(value)
      }),
    )
  })
})

class Client {}
class Rows extends Array<number> {}
const cycle: { items: unknown[] } = { items: [] }
cycle.items.push(1, { back: cycle.items })

describe('what cannot be stored', () => {
  // oxlint-disable-next-line no-sparse-arrays -- the hole is the point
  const holes = [1, , 3]
  test.each([
    ['a function', { rows: [0, 1, 2, { client: () => 1 }] }],
    ['a method of a client', { rows: [{ fetch }] }],
    ['a class', { Client }],
    ['an instance', [{ 'a b': new Client() }]],
    ['the value itself', new Client()],
    ['a symbol', { a: Symbol('x') }],
    ['a key that is a symbol', { a: { [Symbol.for('k')]: 1 } }],
    ['a promise', { rows: Promise.resolve(1) }],
    ['an error', { error: new TypeError('no') }],
    ['a subclass of Array', { rows: new Rows() }],
    ['a typed array', { x: new Float32Array(2) }],
    ['a generator', (function* () {})()],
    ['a hole', { list: holes }],
    ['inside a map', new Map([['eu', { client: new Client() }]])],
    ['a key of a map', new Map([[new Client(), 1]])],
    ['inside a set', new Set([1, new Client()])],
    ['a cycle', cycle],
  ])('%s', (_, value) => {
    const error = caught(() => encode(value))
    expect(error.code).toBe('RESULT_NOT_STORABLE')
    expect(`${error.message}\n${error.hint}`).toMatchSnapshot()
  })

  test('a value that is too deep says so', () => {
    let deep: unknown = []
    for (let n = 0; n < 100_000; n += 1) deep = [deep]
    expect(caught(() => encode(deep)).message).toContain(`nested deeper than ${MAX_DEPTH} levels`)
  })

  test('the deepest value that is allowed comes back', () => {
    let deep: unknown = new Date(0)
    for (let n = 0; n < MAX_DEPTH - 1; n += 1) deep = { deep }
    expect(encode(roundTrip(deep))).toBe(encode(deep))
  })

  test('arguments have their own code, and name the way out', () => {
    const error = caught(() => canonical([new Client()], { code: 'ARGUMENT_NOT_STORABLE' }))
    expect(error).toMatchObject({ code: 'ARGUMENT_NOT_STORABLE', data: { path: '[0]' } })
    expect(error.message).toBe('The arguments cannot be hashed: [0] is an instance of class Client.')
    expect(error.hint).toContain('`key`')
  })
})

describe('what cannot be read', () => {
  test.each([
    '',
    '{',
    '{"$":"nothing"}',
    '{"$":5}',
    '{"$":"instant","v":"yesterday"}',
    '{"$":"map","v":3}',
    '{"$":"bytes","v":"%"}',
  ])('%j', (text) => {
    expect(caught(() => decode(text)).code).toBe('VALUE_CORRUPT')
  })
})

function caught(run: () => unknown): { code: string; message: string; hint: string } {
  try {
    run()
  } catch (error) {
    return error as { code: string; message: string; hint: string }
  }
  throw new Error('it did not throw')
}
