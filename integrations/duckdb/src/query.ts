import { isSql, type Sql } from '@sluice/core'
import { type Database, database } from './database.ts'
import { readRows, type Row } from './read-rows.ts'
import { placeOf } from './relation.ts'
import { renderAt, shapeOf } from './run-sql.ts'
import { typeFor, typeRules } from './types.ts'
import { quote } from './names.ts'

/**
 * Rows of a query over tables, where these are: for a check, or a function that needs a few figures of a large table.
 * Whole numbers come as numbers, timestamps as dates, lists and structs as JSON has them.
 *
 * @example
 * const [row] = await query<{ bad: number }>(sql`select count(*) as bad from ${value} where cents < 0`)
 */
export async function query<Result = Row>(
  sql: Sql,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Result[]> {
  const home = homeOf(sql)
  const where = home ?? database(':memory:', false, {})
  try {
    return (await rowsOf(sql, where, options.signal ?? new AbortController().signal)) as Result[]
  } finally {
    if (!home) await where.close()
  }
}

/** The database of the first table that the query, or one inside it, reads: elsewhere its rows would have to be copied. */
function homeOf({ inputs = {}, values }: Sql): Database | undefined {
  for (const input of [...Object.values(inputs), ...values]) {
    const place = placeOf(input)
    const home = place?.kind === 'table' ? place.database : isSql(input) ? homeOf(input) : undefined
    if (home) return home
  }
  return undefined
}

function rowsOf(sql: Sql, where: Database, signal: AbortSignal): Promise<Row[]> {
  return where.use(async (connection) => {
    const rendered = await renderAt(sql, { database: where, connection, signal })
    const result = await shapeOf(connection, rendered)
    const columns = result.map(({ name, type }) => ({ name, type: typeFor(type), nullable: true }))
    const casts = columns.map(({ name, type }) => `${quote(name)}::${typeRules[type].sql} as ${quote(name)}`)
    const text = `select ${casts.join(', ')} from (\n${rendered.text}\n)`
    return Array.fromAsync(readRows(connection, text, rendered.params, columns))
  }, signal)
}
