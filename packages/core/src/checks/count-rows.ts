import { SluiceError } from '../errors/sluice-error.ts'
import { encode } from '../values/encode.ts'
import { hash } from '../values/hash.ts'
import type { Counted, Counting, Rows, Table } from '../values/table.ts'

/** What has rows: a table, in whatever place, or a list of them. */
export type HasRows<Row> = Table<Row> | Rows<Row>

/**
 * Counts the rows of a value: where they are, if that is an engine that can, otherwise by reading them once. What is needed
 * of memory is a short text for each different combination of `distinct`.
 *
 * @throws SluiceError DEFINITION_INVALID for a value without rows.
 */
export async function countRows(value: unknown, what: Counting): Promise<Counted> {
  return isTable(value) && value.count ? value.count(what) : byReading(rowsOf(value), what)
}

/** @throws SluiceError DEFINITION_INVALID for a value without rows. */
export function rowsOf(value: unknown): Rows<unknown> {
  if (isTable(value)) return value.rows()
  if (hasRows(value)) return value
  throw new SluiceError('DEFINITION_INVALID', 'This check looks at rows, and the value has none.', {
    hint: 'Use it on an asset with `columns`, or one that returns a list of objects.',
  })
}

const isTable = (value: unknown): value is Table<unknown> =>
  typeof value === 'object' && value !== null && 'rows' in value && 'toArray' in value

const hasRows = (value: unknown): value is Rows<unknown> =>
  typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value)

async function byReading(rows: Rows<unknown>, { nulls = [], distinct = [] }: Counting): Promise<Counted> {
  const absent = nulls.map(() => 0)
  const seen = new Set<string>()
  let [count, complete] = [0, 0]
  const take = (row: unknown): void => {
    const its = (row ?? {}) as Readonly<Record<string, unknown>>
    count += 1
    for (const [nth, column] of nulls.entries()) if (isNull(its[column])) absent[nth]! += 1
    if (distinct.length === 0) return
    const values = distinct.map((column) => its[column])
    if (values.some(isNull)) return
    complete += 1
    const text = encode(values)
    seen.add(text.length > 22 ? hash(text) : text)
  }
  if (Symbol.asyncIterator in rows) for await (const row of rows) take(row)
  else for (const row of rows) take(row)
  return {
    rows: count,
    nulls: Object.fromEntries(nulls.map((column, nth) => [column, absent[nth]!])),
    complete,
    distinct: seen.size,
  }
}

const isNull = (value: unknown): boolean => value === null || value === undefined
