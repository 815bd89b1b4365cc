import { type Column, type Sql, SluiceError } from '@sluice/core'
import type { DuckDBConnection } from '@duckdb/node-api'
import { appendRows, type RowSource } from './append-rows.ts'
import { columnList, createTable } from './create-table.ts'
import { quote } from './names.ts'
import type { Site } from './relation.ts'
import { misfits, queryError, renderAt, shapeOf } from './run-sql.ts'
import type { Rendered } from './render.ts'
import { typeRules } from './types.ts'

/** A table to be made: where, for which asset, with which columns. */
export interface Target {
  readonly schema: string
  readonly table: string
  readonly asset: string
  readonly columns: readonly Column[]
}

/** Makes the table from rows. Both writers leave it to the caller when it is committed, and return the number of rows. */
export async function tableFromRows(
  rows: RowSource,
  { schema, table, asset, columns }: Target,
  { database, connection, signal }: Site,
): Promise<number> {
  await connection.run(createTable(quote(schema, table), columns))
  const appender = await connection.createAppender(table, schema, null)
  try {
    const count = await appendRows(appender, rows, columns, asset, signal, () => database.trim())
    appender.flushSync()
    return count
  } catch (error) {
    appender.clear()
    throw error
  } finally {
    appender.closeSync()
  }
}

export async function tableFromSql(query: Sql, { schema, table, asset, columns }: Target, site: Site): Promise<number> {
  try {
    const rendered = await renderAt(query, site)
    await refuseMisfits(site.connection, rendered, asset, columns)
    const name = quote(schema, table)
    await site.connection.run(createTable(name, columns))
    const list = columnList(columns)
    const { rowsChanged } = await site.connection.run(
      `insert into ${name} (${list}) select ${list} from (\n${rendered.text}\n)`,
      [...rendered.params],
    )
    return rowsChanged
  } catch (error) {
    throw queryError(error, asset)
  }
}

/** Holds no rows: what it reads from is read each time. */
export async function viewFromSql(query: Sql, { schema, table, asset, columns }: Target, site: Site): Promise<void> {
  try {
    const rendered = await renderAt(query, site, 'written')
    await refuseMisfits(site.connection, rendered, asset, columns)
    const casts = columns.map(({ name, type }) => `${quote(name)}::${typeRules[type].sql} as ${quote(name)}`)
    await site.connection.run(
      `create view ${quote(schema, table)} as select ${casts.join(', ')} from (\n${rendered.text}\n)`,
    )
  } catch (error) {
    throw queryError(error, asset)
  }
}

export async function refuseMisfits(
  connection: DuckDBConnection,
  rendered: Rendered,
  asset: string,
  columns: readonly Column[],
): Promise<void> {
  const problems = misfits(columns, await shapeOf(connection, rendered))
  if (problems.length === 0) return
  throw new SluiceError('SQL_INVALID', `The query of "${asset}" does not fit: ${problems.join('; ')}.`, {
    hint: '`sluice validate` finds this without running anything.',
  })
}
