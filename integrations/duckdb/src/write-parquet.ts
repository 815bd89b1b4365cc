import type { Column, Sql } from '@sluice/core'
import type { RowSource } from './append-rows.ts'
import { columnList } from './create-table.ts'
import { quote, quoteText } from './names.ts'
import type { Site } from './relation.ts'
import { queryError, renderAt } from './run-sql.ts'
import { typeRules } from './types.ts'
import { refuseMisfits, tableFromRows } from './write-table.ts'

/** A Parquet file to be made. */
export interface Copied {
  readonly asset: string
  readonly columns: readonly Column[]
  readonly path: string
  readonly compression: string
  /** A name that nothing else has in the scratch file. */
  readonly table: string
}

const ending = ({ path, compression }: Copied): string =>
  `to ${quoteText(path)} (format parquet, compression ${compression})`

/** @returns how many rows there were. */
export async function copyRows(rows: RowSource, target: Copied, site: Site): Promise<number> {
  const { connection } = site
  await connection.run('begin')
  try {
    const count = await tableFromRows(rows, { schema: 'main', ...target }, site)
    await connection.run(
      `copy (select ${columnList(target.columns)} from ${quote('main', target.table)}) ${ending(target)}`,
    )
    return count
  } finally {
    // Never committed: the rows need not be written a second time.
    await connection.run('rollback').catch(() => undefined)
  }
}

/** @returns how many rows there were. */
export async function copySql(query: Sql, target: Copied, site: Site): Promise<number> {
  const { asset, columns } = target
  try {
    const rendered = await renderAt(query, site)
    await refuseMisfits(site.connection, rendered, asset, columns)
    const casts = columns.map((column) => `${checked(column)} as ${quote(column.name)}`)
    const text = `copy (select ${casts.join(', ')} from (\n${rendered.text}\n)) ${ending(target)}`
    return (await site.connection.run(text, [...rendered.params])).rowsChanged
  } catch (error) {
    throw queryError(error, asset)
  }
}

/** A column with its type; null where there must be none is the same error that a table's constraint gives. */
function checked({ name, type, nullable }: Column): string {
  const value = `${quote(name)}::${typeRules[type].sql}`
  return nullable ? value : `coalesce(${value}, error(${quoteText(`NOT NULL constraint failed: rows.${name}`)}))`
}
