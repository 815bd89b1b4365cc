import { type Column, SluiceError, type Table } from '@sluice/core'
import type { DuckDBConnection } from '@duckdb/node-api'
import { appendRows } from './append-rows.ts'
import type { Database } from './database.ts'
import { inferColumns } from './infer-columns.ts'
import { quote, quoteText, SCHEMA } from './names.ts'
import { createTable } from './create-table.ts'

/** Where the rows of a table are that DuckDB can read by itself. */
export type Place =
  | { readonly kind: 'table'; readonly database: Database; readonly place: string }
  | { readonly kind: 'parquet'; readonly database: Database; readonly file: string }

const PLACE = Symbol.for('sluice.duckdb.place')

/** A `Table` that says where its rows are, so that a query reads them there. */
export interface PlacedTable<Row = unknown> extends Table<Row> {
  readonly [PLACE]: Place
  readonly columns: readonly Column[]
}

export function placed<Row>(
  table: Table<Row> & { readonly columns: readonly Column[] },
  place: Place,
): PlacedTable<Row> {
  return Object.assign(table, { [PLACE]: place })
}

export function placeOf(table: unknown): Place | undefined {
  return (table as { [PLACE]?: Place } | null | undefined)?.[PLACE]
}

/** Where a query will run. */
export interface Site {
  readonly database: Database
  readonly connection: DuckDBConnection
  readonly signal: AbortSignal
}

/**
 * What stands after `from` for one input of a query: the table itself where this database can read it; all slices
 * together, by column name; otherwise a temporary table, filled from its rows.
 *
 * @param asked the columns that the query names: what an absent input has, without a row.
 */
export async function relationOf(
  input: unknown,
  name: string,
  asked: ReadonlySet<string>,
  site: Site,
): Promise<string> {
  if (input === undefined || input === null) return nothing(asked)
  if (isTable(input)) return (await sourceOf(input, site)).from
  if (typeof input === 'object' && Symbol.asyncIterator in input)
    return union(input as AsyncIterable<unknown>, asked, site)
  throw new SluiceError('SQL_INVALID', `The input "${name}" of a query is no table.`, {
    hint: 'Give the upstream asset `columns`, which make it a table.',
  })
}

function isTable(value: unknown): value is Table<unknown> {
  return typeof value === 'object' && value !== null && 'rows' in value && 'toArray' in value
}

async function union(slices: AsyncIterable<unknown>, asked: ReadonlySet<string>, site: Site): Promise<string> {
  // Sets: one write may be several slices.
  const relations = new Set<string>()
  const files = new Set<string>()
  for await (const entry of slices) {
    const { from, file } = await sourceOf((entry as [string, Table<unknown>])[1], site)
    if (file === undefined) relations.add(`select * from ${from}`)
    else files.add(file)
  }
  if (files.size > 0) relations.add(`select * from ${parquet([...files])}`)
  if (relations.size === 0) return nothing(asked)
  return `(${[...relations].join('\nunion all by name ')})`
}

async function sourceOf(table: Table<unknown>, site: Site): Promise<{ from: string; file?: string }> {
  const place = placeOf(table)
  if (place?.kind === 'parquet') return { from: parquet([place.file]), file: place.file }
  if (place && (place.database === site.database || sameFile(place.database, site.database)))
    return { from: quote(SCHEMA, place.place) }
  return { from: await copied(table, site) }
}

function sameFile(a: Database, b: Database): boolean {
  return a.path === b.path && a.path !== ':memory:'
}

/** Paths are patterns to DuckDB: what means something in one is put in brackets. */
export function parquet(files: readonly string[]): string {
  const paths = files.map((file) => quoteText(file.replaceAll(/[*?[]/g, '[$&]')))
  return `read_parquet([${paths.join(', ')}], union_by_name = true)`
}

let copies = 0

async function copied(table: Table<unknown>, { connection, signal }: Site): Promise<string> {
  const { columns, rows } = await inferColumns(table)
  copies += 1
  const name = `sluice_copy_${copies}`
  await connection.run(createTable(quote(name), columns, 'temp'))
  const appender = await connection.createAppender(name, null, 'temp')
  await appendRows(appender, rows, columns, table.name, signal)
  appender.closeSync()
  return quote(name)
}

function nothing(asked: ReadonlySet<string>): string {
  const columns = [...asked].map((column) => `null as ${quote(column)}`)
  return `(select ${columns.join(', ') || '1'} where false)`
}
