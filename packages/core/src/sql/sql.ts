import { SluiceError } from '../errors/sluice-error.ts'
import type { Table } from '../values/table.ts'

/** A column of a source, as `${o.customer_id}` in a query: rendered quoted, with its source's name. */
export interface SqlColumn<T = unknown> {
  readonly input: string
  readonly column: string
  readonly _t?: T
}

/** An input of a query: `${o}` is the table, `${o.customer_id}` a column of it. Rows that lack the column are red. */
export type Source<Row> = { readonly [C in keyof Row & string]: SqlColumn<Row[C]> }

export type SqlParam = string | number | bigint | boolean | Date | Temporal.Instant | Temporal.PlainDate | null

/** A value in a query. It is always bound, never put into the text. */
export interface Param {
  readonly param: SqlParam
}

/** What stands between two parts of a query's text. */
export type SqlValue = { readonly source: string } | SqlColumn | Param | Sql

/** A query as plain data, in no dialect yet: an IO manager renders it where it runs. */
export interface Sql<Row = unknown> {
  readonly kind: 'sql'
  /** For people: inputs and columns by their names, `?` for params. */
  readonly text: string
  /** One more than `values`. */
  readonly parts: readonly string[]
  readonly values: readonly SqlValue[]
  /** What its sources stand for: a `Table`, `Slices` of tables or another `Sql`; `undefined` for an absent one. */
  readonly inputs?: Readonly<Record<string, unknown>>
  readonly _row?: Row
}

const SOURCE = Symbol.for('sluice.sql.source')

// oxlint-disable-next-line no-explicit-any -- a source and a table of any row
type SqlPart = SqlColumn<any> | Source<any> | Param | Sql<any> | Table<any>

/**
 * A query. Sources and columns come from the inputs of `sqlAsset`, values go through `param()`, and a query may be
 * part of another one. A `Table` may stand where a source does: `` sql`select max(cents) from ${orders}` ``.
 *
 * @example
 * sql`select ${o.customer}, sum(${o.cents}) as cents from ${o} where ${o.day} >= ${param('2026-01-01')} group by 1`
 */
export function sql(parts: TemplateStringsArray, ...values: readonly SqlPart[]): Sql {
  const inputs: Record<string, unknown> = {}
  const known = values.map((value, index) => valueOf(value, parts[index] ?? '', inputs))
  return makeSql([...parts], known, inputs)
}

function makeSql(
  parts: readonly string[],
  values: readonly SqlValue[],
  inputs: Readonly<Record<string, unknown>>,
): Sql {
  const text = parts.map((part, index) => part + (index < values.length ? textOf(values[index]!) : '')).join('')
  return Object.freeze({ kind: 'sql', text, parts, values, ...(Object.keys(inputs).length > 0 && { inputs }) })
}

/** Binds a value into a query. A `Date` or an instant is a timestamp in UTC, a `PlainDate` a date. */
export function param(value: SqlParam): Param {
  const fits =
    value === null ||
    ['string', 'number', 'bigint', 'boolean'].includes(typeof value) ||
    value instanceof Date ||
    value instanceof Temporal.Instant ||
    value instanceof Temporal.PlainDate
  if (fits) return Object.freeze({ param: value })
  throw new SluiceError('DEFINITION_INVALID', `param() cannot bind ${nameOf(value)}.`, {
    hint: 'It takes strings, numbers, bigints, booleans, dates, instants and null.',
  })
}

export function isSql(value: unknown): value is Sql {
  return (
    typeof value === 'object' && value !== null && (value as Sql).kind === 'sql' && Array.isArray((value as Sql).parts)
  )
}

/** A source for each input: any property of it is a column of that name. */
export function sourcesFor(names: readonly string[]): Readonly<Record<string, Source<Record<string, unknown>>>> {
  return Object.freeze(Object.fromEntries(names.map((input) => [input, sourceFor(input)])))
}

function sourceFor(input: string): Source<Record<string, unknown>> {
  return new Proxy(Object.freeze({}), {
    get: (_, key) =>
      key === SOURCE ? input : typeof key === 'string' ? Object.freeze({ input, column: key }) : undefined,
  })
}

/** The same query, its sources standing for these tables, slices or queries. */
export function bindSql(query: Sql, inputs: Readonly<Record<string, unknown>>): Sql {
  if (isSql(query)) return Object.freeze({ ...query, inputs: { ...inputs, ...query.inputs } })
  throw new SluiceError('SQL_INVALID', `The function of a SQL asset gave ${nameOf(query)}, no query.`, {
    hint: 'Return sql`select …` from `sql: (tables) => …`.',
  })
}

function valueOf(value: unknown, before: string, inputs: Record<string, unknown>): SqlValue {
  if (typeof value === 'object' && value !== null) {
    const source = (value as { [SOURCE]?: unknown })[SOURCE]
    if (typeof source === 'string') return Object.freeze({ source })
    if (isSql(value) || 'param' in value || ('column' in value && 'input' in value)) return value as SqlValue
    if ('rows' in value && 'toArray' in value) return { source: nameFor(value, inputs) }
  }
  const near = before.trim().slice(-40)
  throw new SluiceError(
    'DEFINITION_INVALID',
    `A query has ${nameOf(value)} after "${near}": it would become part of its text.`,
    {
      hint: 'Bind values with param(…); tables and columns come from the inputs.',
    },
  )
}

/** One name for each table, however often it is used. */
function nameFor(table: object, inputs: Record<string, unknown>): string {
  const known = Object.keys(inputs).find((name) => inputs[name] === table)
  if (known) return known
  // The table's own last word, so that people can write it as the name of the source.
  const word =
    String((table as { name?: unknown }).name)
      .split('/')
      .at(-1)!
      .replaceAll(/\W/g, '_') || 'table'
  const name = word in inputs ? `${word}_${Object.keys(inputs).length + 1}` : word
  inputs[name] = table
  return name
}

function textOf(value: SqlValue): string {
  if ('source' in value) return value.source
  if ('column' in value) return `${value.input}.${value.column}`
  return 'param' in value ? '?' : `(${value.text})`
}

function nameOf(value: unknown): string {
  if (typeof value === 'string')
    return `the text ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)}`
  if (typeof value !== 'object') return typeof value === 'function' ? 'a function' : `${value as number}`
  return value === null ? 'null' : `a ${value.constructor?.name ?? 'record'}`
}
