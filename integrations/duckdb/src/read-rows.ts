import type { Column } from '@sluice/core'
import type { DuckDBConnection, DuckDBDataChunk, DuckDBResult, DuckDBValue } from '@duckdb/node-api'
import { typeRules } from './types.ts'

export type Row = Record<string, unknown>

/** Half a group of rows, which is what DuckDB reads and keeps at once. */
const CHUNKS_A_TRIM = 32

/** The rows of a query that gives exactly these columns, as JavaScript's values, a chunk in memory at a time. */
export async function* readRows(
  connection: DuckDBConnection,
  query: string,
  params: readonly DuckDBValue[],
  columns: readonly Column[],
  trim?: () => Promise<void>,
): AsyncGenerator<Row> {
  const result = await connection.stream(query, [...params])
  let ended = false
  let chunks = 0
  try {
    for (;;) {
      const chunk = await result.fetchChunk()
      if (!chunk || chunk.rowCount === 0) break
      yield* rowsOf(chunk, columns)
      chunks += 1
      if (chunks % CHUNKS_A_TRIM === 0) await trim?.()
    }
    ended = true
  } finally {
    if (!ended) await giveUp(connection, result)
  }
}

/**
 * Ends a result that nobody reads on. One that is left open keeps the whole database open until the garbage collector
 * comes by, and opening the file again in this process would wait for that.
 */
async function giveUp(connection: DuckDBConnection, result: DuckDBResult): Promise<void> {
  connection.interrupt()
  try {
    while ((await result.fetchChunk())?.rowCount) continue
  } catch {
    // Interrupted, which is what was asked for; the reader's own error, if there is one, goes on.
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
