import { describe, expect, test } from 'vitest'
import { toMetadata } from '../assets/metadata.ts'
import type { Table } from '../values/table.ts'
import type { CheckContext, CheckOptions, PastResult } from './check.ts'
import { check } from './ready.ts'

interface Given<T> {
  readonly value?: T
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly past?: readonly Readonly<Record<string, unknown>>[]
  readonly columns?: CheckContext<T>['columns']
}

async function ask<T>(options: CheckOptions<T>, given: Given<T>): Promise<object> {
  const past = (given.past ?? []).map((metadata): PastResult => ({
    partition: null,
    at: 0,
    passed: true,
    metadata: toMetadata(metadata),
  }))
  const context: CheckContext<T> = {
    value: given.value as T,
    partition: undefined,
    metadata: toMetadata(given.metadata ?? {}),
    columns: given.columns ?? null,
    past: (limit) => Promise.resolve(past.slice(0, limit)),
    results: (limit) => Promise.resolve(past.slice(0, limit)),
  }
  return await options.run(context)
}

interface Row {
  readonly id: number | null
  readonly email?: string | null
}
const list: Row[] = [{ id: 1, email: 'a' }, { id: 2, email: null }, { id: 2 }, { id: null, email: 'b' }]
const table: Table<Row> = {
  name: 'users',
  async *rows() {
    yield* list
  },
  toArray: () => Promise.resolve(list),
}

describe.each([
  ['a list', list],
  ['a table', table],
])('%s', (_, value) => {
  test('rows', async () => {
    expect(await ask(check.rows({ min: 4, max: 4 }), { value })).toEqual({ passed: true, metadata: { rows: 4 } })
    expect(await ask(check.rows({ min: 5 }), { value })).toMatchObject({ passed: false })
    expect(await ask(check.rows({ max: 3 }), { value })).toMatchObject({ passed: false })
  })

  test('nulls: null and what is not there', async () => {
    expect(await ask(check.nulls('email', { max: 0.5 }), { value })).toEqual({
      passed: true,
      metadata: { nulls: 2, rows: 4, rate: 0.5 },
    })
    expect(await ask(check.nulls('email', { max: 0.49 }), { value })).toMatchObject({ passed: false })
    expect(await ask(check.nulls('email'), { value: [] })).toMatchObject({ passed: true })
  })

  test('unique: alone and together; a row without a value is none like another', async () => {
    expect(await ask(check.unique('id'), { value })).toEqual({ passed: false, metadata: { duplicates: 1, rows: 4 } })
    expect(await ask(check.unique(['id', 'email']), { value })).toMatchObject({ passed: true })
  })
})

test('unique says nothing where no row has a value; a share is from 0 to 1', async () => {
  expect(await ask(check.unique('id'), { value: [{ id: null }, {}] })).toMatchObject({ passed: null })
  expect(await ask(check.unique('id'), { value: [] })).toMatchObject({ passed: true })
  expect(() => check.nulls('id', { max: 5 })).toThrow(/a share from 0 to 1/)
  expect(check.nulls('id', { max: 0.07 }).description).toBe('id has at most 7% nulls')
})

test('rows are counted where they are, where that is possible', async () => {
  const asked: unknown[] = []
  const count: NonNullable<Table<Row>['count']> = (what) => {
    asked.push(what)
    return Promise.resolve({ rows: 9, nulls: { email: 3 }, complete: 8, distinct: 6 })
  }
  const value = { ...table, count }
  expect(await ask(check.nulls('email'), { value })).toMatchObject({ metadata: { nulls: 3, rows: 9 } })
  expect(await ask(check.unique('id'), { value })).toMatchObject({ metadata: { duplicates: 2 } })
  expect(asked).toEqual([{ nulls: ['email'] }, { distinct: ['id'] }])
})

test('a value without rows, and a column that a table does not have, are mistakes', async () => {
  await expect(ask(check.rows({ min: 1 }), { value: 7 as never })).rejects.toMatchObject({ code: 'DEFINITION_INVALID' })
  const columns = [{ name: 'id', type: 'integer', nullable: false }] as const
  await expect(ask(check.unique('email'), { value: list, columns })).rejects.toMatchObject({
    message: 'The table has no column "email".',
    hint: 'It has: id.',
  })
  expect(() => check.rows({})).toThrow(/passes whatever there is/)
})

test('rows of what something else makes: what it noted', async () => {
  expect(await ask(check.rows({ min: 1 }), { metadata: { rows: 3 } })).toMatchObject({ passed: true })
  expect(await ask(check.rows({ min: 1 }), {})).toMatchObject({ passed: null })
})

test('sameColumns: compared with what it saw before, and told', async () => {
  const first = (await ask(check.sameColumns(), { value: [{ a: 1, b: 'x', c: true }] })) as { metadata: object }
  expect(first).toMatchObject({ passed: null })
  const past = [first.metadata] as never
  expect(await ask(check.sameColumns(), { value: [{ a: 2, b: 'y', c: false }], past })).toMatchObject({ passed: true })
  expect(await ask(check.sameColumns(), { value: [{ a: '2', b: 'y', d: 1 }], past })).toMatchObject({
    passed: false,
    metadata: { changes: ['a is string and was number', 'd (number) came', 'c (boolean) went'] },
  })
  const columns = [{ name: 'a', type: 'integer', nullable: true }] as const
  expect(await ask(check.sameColumns(), { value: [], columns })).toMatchObject({
    metadata: { columns: { type: 'schema', columns: [{ name: 'a', type: 'integer?' }] } },
  })
})

test('metadata: within bounds, and there', async () => {
  const bytes = check.metadata('bytes', { min: 1, max: 10 })
  expect(await ask(bytes, { metadata: { bytes: 10 } })).toMatchObject({ passed: true })
  expect(await ask(bytes, { metadata: { bytes: 11 } })).toMatchObject({ passed: false })
  expect(await ask(bytes, { metadata: { bytes: 'ten' } })).toMatchObject({ passed: false })
})

describe('anomaly', () => {
  const past = [10, 11, 9, 10, 12, 8, 10, 11].map((rows) => ({ rows, measured: rows }))

  test('of a number that the asset noted', async () => {
    const usual = check.anomaly<unknown>('rows')
    expect(await ask(usual, { past, metadata: { rows: 12 } })).toMatchObject({
      passed: true,
      metadata: { rows: 12, compared: 8, median: 10, mad: 1, lowest: 4.01, highest: 15.99 },
    })
    expect(await ask(usual, { past, metadata: { rows: 16 } })).toMatchObject({ passed: false })
    expect(await ask(usual, { past: past.slice(1), metadata: { rows: 16 } })).toMatchObject({ passed: null })
    expect(await ask(usual, { past, metadata: {} })).toMatchObject({ passed: false })
    expect(await ask(check.anomaly<unknown>('rows', { mads: 7 }), { past, metadata: { rows: 16 } })).toMatchObject({
      passed: true,
    })
  })

  test('of what a function measures, which it remembers', async () => {
    const sum = check.anomaly(({ value }: CheckContext<readonly number[]>) => value.reduce((a, b) => a + b, 0))
    expect(await ask(sum, { past, value: [5, 6] })).toMatchObject({ passed: true, metadata: { measured: 11 } })
    expect(await ask(sum, { past, value: [50, 6] })).toMatchObject({ passed: false })
  })
})

test('what a check is about is told, unless it is said', () => {
  expect(check.rows({ min: 1 }).description).toBe('Has at least 1 rows')
  expect(check.nulls('email', { max: 0.1, blocking: true })).toMatchObject({
    description: 'email has at most 10% nulls',
    blocking: true,
  })
  expect(check.unique(['a', 'b'], { description: 'no order twice', severity: 'warn' })).toMatchObject({
    description: 'no order twice',
    severity: 'warn',
  })
})
