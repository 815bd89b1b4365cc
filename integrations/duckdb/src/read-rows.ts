import type { Column } from '@sluice/core'
import type { DuckDBConnection, DuckDBDataChunk, DuckDBValue } from '@duckdb/node-api'
import { typeRules } from './types.ts'

export type Row = Record<string, unknown>

/** The rows of a query that gives exactly these columns, as JavaScript's values, a chunk in memory at a time. */
export async function* readRows(
  connection: DuckDBConnection, query: string, params: readonly DuckDBValue[], columns: readonly Column[],
): AsyncGenerator<Row> {
  const result = await connection.stream(query, [...params])
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    yield* rowsOf(chunk, columns)
  }
}

function* rowsOf(chunk: DuckDBDataChunk, columns: readonly Column[]): Generator<Row> {
  const vectors = columns.map((_, index) => chunk.getColumnVector(index))
  const readers = columns.map((column) => typeRules[column.type].read)
  for (let number = 0; number < chunk.rowCount; number += 1) {
    const row: Row = {}
    for (let index = 0; index < columns.length; index += 1) {
      const value = vectors[index]!.getItem(number)
      row[columns[index]!.name] = value === null ? null : readers[index]!(value as never)
    }
    yield row
  }
}
