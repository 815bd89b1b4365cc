import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import * as mini from 'zod/mini'
import { columnsOf } from './columns-of.ts'

const shown = (schema: Parameters<typeof columnsOf>[0]) =>
  Object.fromEntries(columnsOf(schema).map(({ name, type: of, nullable }) => [name, nullable ? `${of}?` : of]))

const Level = { low: 1, high: 2 } as const

test('Zod', () => {
  expect(
    shown(
      z.object({
        text: z.string().trim().min(1),
        email: z.email(),
        when: z.iso.datetime(),
        n: z.number().min(0),
        int: z.int(),
        int2: z.number().int().positive(),
        big: z.bigint(),
        int64: z.int64(),
        flag: z.boolean(),
        at: z.date(),
        choice: z.enum(['a', 'b']),
        level: z.enum(Level),
        lit: z.literal([1, 2]),
        mixed: z.literal(['a', 1]),
        maybe: z.string().optional(),
        none: z.number().nullable(),
        nullish: z.date().nullish(),
        def: z.int().default(1),
        def2: z.string().optional().default('x'),
        defNull: z.string().nullable().default('x'),
        union: z.union([z.string(), z.null()]),
        numbers: z.union([z.int(), z.number()]),
        either: z.union([z.string(), z.number()]),
        coerced: z.coerce.number(),
        transformed: z.string().transform(Number),
        piped: z.string().transform(Number).pipe(z.int()),
        before: z.preprocess(Number, z.number()),
        list: z.array(z.string()),
        any: z.unknown(),
        object: z.object({}),
        nothing: z.null(),
        caught: z.int().catch(0),
        fixed: z.string().readonly(),
        branded: z.int().brand('id'),
        lazy: z.lazy(() => z.date()),
        required: z.nonoptional(z.string().optional()),
        defNullish: z.string().nullish().default('x'),
        template: z.templateLiteral(['a', z.number()]),
        yes: z.stringbool(),
      }),
    ),
  ).toEqual({
    text: 'string',
    email: 'string',
    when: 'string',
    n: 'number',
    int: 'integer',
    int2: 'integer',
    big: 'bigint',
    int64: 'bigint',
    flag: 'boolean',
    at: 'date',
    choice: 'string',
    level: 'integer',
    lit: 'integer',
    mixed: 'json',
    maybe: 'string?',
    none: 'number?',
    nullish: 'date?',
    def: 'integer',
    def2: 'string',
    defNull: 'string?',
    union: 'string?',
    numbers: 'number',
    either: 'json',
    coerced: 'number',
    transformed: 'json',
    piped: 'integer',
    before: 'number',
    list: 'json',
    any: 'json',
    object: 'json',
    nothing: 'json?',
    caught: 'integer',
    fixed: 'string',
    branded: 'integer',
    lazy: 'date',
    required: 'string',
    defNullish: 'string?',
    template: 'string',
    yes: 'boolean',
  })
  expect(columnsOf(z.strictObject({ b: z.string(), a: z.int() }).readonly())).toEqual([
    { name: 'b', type: 'string', nullable: false },
    { name: 'a', type: 'integer', nullable: false },
  ])
  expect(shown(mini.object({ id: mini.int(), name: mini.optional(mini.string()) }))).toEqual({
    id: 'integer',
    name: 'string?',
  })
})

test('Valibot', () => {
  expect(
    shown(
      v.object({
        text: v.pipe(v.string(), v.trim(), v.minLength(1)),
        n: v.number(),
        int: v.pipe(v.number(), v.integer(), v.minValue(0)),
        big: v.bigint(),
        flag: v.boolean(),
        at: v.date(),
        choice: v.picklist(['a', 'b']),
        level: v.enum(Level),
        lit: v.literal(1.5),
        maybe: v.optional(v.string()),
        none: v.nullable(v.number()),
        nullish: v.nullish(v.date()),
        def: v.optional(v.pipe(v.number(), v.integer()), 1),
        union: v.union([v.string(), v.null()]),
        either: v.union([v.string(), v.number()]),
        transformed: v.pipe(v.string(), v.transform(Number)),
        piped: v.pipe(v.string(), v.transform(Number), v.number(), v.integer()),
        toDate: v.pipe(v.string(), v.toDate()),
        list: v.array(v.string()),
        any: v.unknown(),
        lazy: v.lazy(() => v.date()),
        required: v.nonNullable(v.nullable(v.string())),
        half: v.nonOptional(v.nullish(v.string())),
        whole: v.nonNullish(v.nullish(v.string())),
        branded: v.pipe(v.string(), v.brand('id')),
        exact: v.exactOptional(v.string()),
        und: v.undefinedable(v.boolean()),
      }),
    ),
  ).toEqual({
    text: 'string',
    n: 'number',
    int: 'integer',
    big: 'bigint',
    flag: 'boolean',
    at: 'date',
    choice: 'string',
    level: 'integer',
    lit: 'number',
    maybe: 'string?',
    none: 'number?',
    nullish: 'date?',
    def: 'integer',
    union: 'string?',
    either: 'json',
    transformed: 'json',
    piped: 'integer',
    toDate: 'date',
    list: 'json',
    any: 'json',
    lazy: 'date',
    required: 'string',
    half: 'string?',
    whole: 'string',
    branded: 'string',
    exact: 'string?',
    und: 'boolean?',
  })
  expect(
    shown(
      v.pipe(
        v.strictObject({ id: v.string() }),
        v.check(() => true),
      ),
    ),
  ).toEqual({ id: 'string' })
})

test('ArkType', () => {
  expect(
    shown(
      type({
        text: 'string > 0',
        email: 'string.email',
        n: '0 <= number < 5',
        int: 'number.integer',
        even: 'number % 2',
        half: 'number',
        big: 'bigint',
        flag: 'boolean',
        at: 'Date',
        later: "Date > d'2020-01-01'",
        choice: "'a' | 'b'",
        lit: '5',
        maybe: 'string | null',
        either: 'string | number',
        list: 'string[]',
        any: 'unknown',
        'gone?': 'string',
        def: 'number.integer = 1',
        parsed: 'string.date.parse',
        numeric: 'string.numeric.parse',
        yes: 'true',
        undef: 'string | undefined',
      }),
    ),
  ).toEqual({
    text: 'string',
    email: 'string',
    n: 'number',
    int: 'integer',
    even: 'integer',
    half: 'number',
    big: 'bigint',
    flag: 'boolean',
    at: 'date',
    later: 'date',
    choice: 'string',
    lit: 'integer',
    maybe: 'string?',
    either: 'json',
    list: 'json',
    any: 'json',
    gone: 'string?',
    def: 'integer',
    parsed: 'date',
    numeric: 'number',
    yes: 'boolean',
    undef: 'string?',
  })
})

describe('what has no columns', () => {
  test.each([
    ['a Zod text', z.string()],
    ['an empty object', z.object({})],
    ['a union of objects', z.union([z.object({ a: z.string() }), z.object({ b: z.string() })])],
    ['an object that becomes something else', z.object({ a: z.string() }).transform(() => 1)],
    ['a Valibot text', v.string()],
    [
      'a Valibot transform',
      v.pipe(
        v.object({ a: v.string() }),
        v.transform(() => 1),
      ),
    ],
    ['an ArkType text', type('string')],
    ['an ArkType union', type({ a: 'string' }).or({ b: 'string' })],
    [
      'another library',
      { '~standard': { version: 1 as const, vendor: 'mine', validate: (value: unknown) => ({ value }) } },
    ],
  ])('%s', (_, schema) => {
    expect(() => columnsOf(schema, 'Asset "orders"')).toThrow(
      expect.objectContaining({
        code: 'DEFINITION_INVALID',
        message: expect.stringContaining('Asset "orders"') as string,
      }),
    )
  })
})
