import { isSql, SluiceError, type Sql, type SqlParam, type SqlValue } from '@sluice/core'
import { DuckDBDateValue, DuckDBTimestampValue, type DuckDBValue } from '@duckdb/node-api'
import { quote, quoteText } from './names.ts'

/** What a query's sources stand for where it runs. */
export type Resolve = (input: unknown, name: string, asked: ReadonlySet<string>) => Promise<string>

export interface Rendered {
  readonly text: string
  /** Bound as `$1`, `$2`, …; empty where values were written out. */
  readonly params: readonly DuckDBValue[]
}

/**
 * A query as DuckDB's text. Each input becomes a common table expression of its name, so that `${o}` may stand
 * wherever a table may, also twice and under another alias.
 *
 * @param values `'written'` for a view, which can bind nothing.
 */
export async function render(query: Sql, resolve: Resolve, values: 'bound' | 'written' = 'bound'): Promise<Rendered> {
  const params: DuckDBValue[] = []
  const put = (value: SqlParam): string => {
    if (values === 'written') return literal(value)
    // Beyond 53 bits a whole number would be bound as a BIGINT, which may not hold it.
    const huge = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)
    params.push(huge ? String(value) : bindable(value))
    return `$${params.length}${huge ? '::double' : ''}`
  }
  const text = await renderQuery(query, resolve, put, new Set())
  return { text, params }
}

async function renderQuery(
  query: Sql,
  resolve: Resolve,
  put: (value: SqlParam) => string,
  outer: ReadonlySet<string>,
): Promise<string> {
  const own = query.inputs ?? {}
  const known = new Set([...outer, ...Object.keys(own)])
  const tables: string[] = []
  for (const [name, asked] of usedBy(query)) {
    if (!known.has(name))
      throw new SluiceError(
        'SQL_INVALID',
        `A query reads "${name}", which is none of its inputs: ${shorten(query.text)}`,
      )
    if (!(name in own)) continue
    const input = own[name]
    const from = isSql(input)
      ? `(\n${await renderQuery(input, resolve, put, new Set())}\n)`
      : await resolve(input, name, asked)
    tables.push(`${quote(name)} as not materialized (select * from ${from})`)
  }
  let body = ''
  for (const [index, part] of query.parts.entries()) {
    const value = query.values[index]
    body += part + (value === undefined ? '' : await renderValue(value, resolve, put, known))
  }
  body = body.replace(/[\s;]+$/, '')
  return tables.length === 0 ? body : `with ${tables.join(',\n')}\nselect * from (\n${body}\n)`
}

async function renderValue(
  value: SqlValue,
  resolve: Resolve,
  put: (value: SqlParam) => string,
  known: ReadonlySet<string>,
): Promise<string> {
  if ('source' in value) return quote(value.source)
  if ('column' in value) return quote(value.input, value.column)
  if ('param' in value) return put(value.param)
  return `(${await renderQuery(value, resolve, put, known)})`
}

/** Sources that a query reads, with the columns it names; of a query inside it only what that one does not bring itself. */
function usedBy(
  query: Sql,
  used = new Map<string, Set<string>>(),
  hidden: ReadonlySet<string> = new Set(),
): Map<string, Set<string>> {
  const note = (name: string): Set<string> | undefined => {
    if (hidden.has(name)) return undefined
    if (!used.has(name)) used.set(name, new Set())
    return used.get(name)
  }
  for (const value of query.values) {
    if ('source' in value) note(value.source)
    else if ('column' in value) note(value.input)?.add(value.column)
    else if (!('param' in value)) usedBy(value, used, new Set([...hidden, ...Object.keys(value.inputs ?? {})]))
  }
  return used
}

function bindable(value: SqlParam): DuckDBValue {
  if (value instanceof Date) return new DuckDBTimestampValue(BigInt(value.getTime()) * 1000n)
  if (value instanceof Temporal.Instant) return new DuckDBTimestampValue(value.epochNanoseconds / 1000n)
  if (value instanceof Temporal.PlainDate) return new DuckDBDateValue(daysOf(value))
  return value
}

function daysOf(date: Temporal.PlainDate): number {
  return new Temporal.PlainDate(1970, 1, 1).until(date, { largestUnit: 'days' }).days
}

function literal(value: SqlParam): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return quoteText(value)
  if (typeof value === 'number' && !Number.isFinite(value)) return `${quoteText(String(value))}::double`
  if (value instanceof Date) return `${quoteText(value.toISOString().slice(0, -1))}::timestamp`
  if (value instanceof Temporal.Instant) return `${quoteText(value.toString().slice(0, -1))}::timestamp`
  if (value instanceof Temporal.PlainDate) return `${quoteText(value.toString())}::date`
  return String(value)
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > 120 ? `${line.slice(0, 120)}…` : line
}
