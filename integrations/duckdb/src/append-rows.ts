import { setImmediate } from 'node:timers/promises'
import { type Column, rowProblem, SluiceError } from '@sluice/core'
import { type DuckDBAppender, DuckDBDataChunk, type DuckDBValue } from '@duckdb/node-api'
import { typeRules } from './types.ts'

/** Rows of one chunk: what DuckDB's vectors hold. */
const CHUNK = 2048
/** After this many chunks the event loop gets a turn: a synchronous source would keep it for as long as it lasts. */
const CHUNKS_A_TURN = 8
/** After this many, what DuckDB keeps of them in memory is given up: half a group of rows, which it writes at once. */
const CHUNKS_A_TRIM = 32

export type RowSource = Iterable<unknown> | AsyncIterable<unknown>

export function isRowSource(value: unknown): value is RowSource {
  return typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value)
}

/**
 * Streams rows into a table, a chunk at a time, so that memory stays bounded. Each value is checked against its column
 * on the way; what a row has besides its columns is left out.
 *
 * @returns how many rows there were.
 * @throws SluiceError ROW_INVALID naming the row, counted from 1, and the column.
 */
export async function appendRows(
  appender: DuckDBAppender,
  rows: RowSource,
  columns: readonly Column[],
  asset: string,
  signal: AbortSignal,
  trim?: () => Promise<void>,
): Promise<number> {
  // One chunk for all rows: those that are given up wait for the garbage collector, outside of the heap it watches.
  const chunk = DuckDBDataChunk.create(columns.map((column) => typeRules[column.type].type))
  const values: DuckDBValue[][] = columns.map(() => [])
  let count = 0
  let chunks = 0

  const flush = async (size: number): Promise<void> => {
    signal.throwIfAborted()
    chunk.reset()
    chunk.rowCount = size
    chunk.setColumns(values)
    appender.appendDataChunk(chunk)
    for (const column of values) column.length = 0
    chunks += 1
    if (chunks % CHUNKS_A_TURN === 0) {
      appender.flushSync()
      await setImmediate()
    }
    if (chunks % CHUNKS_A_TRIM === 0) await trim?.()
  }
  const take = (row: unknown): Promise<void> | undefined => {
    count += 1
    addRow(row, count, columns, values, asset)
    return count % CHUNK === 0 ? flush(CHUNK) : undefined
  }

  if (Symbol.asyncIterator in rows) {
    for await (const row of rows) {
      const full = take(row)
      if (full) await full
    }
  } else {
    for (const row of rows) {
      const full = take(row)
      if (full) await full
    }
  }
  if (count % CHUNK > 0) await flush(count % CHUNK)
  return count
}

function addRow(
  row: unknown,
  number: number,
  columns: readonly Column[],
  values: DuckDBValue[][],
  asset: string,
): void {
  const problem = rowProblem(row, columns)
  if (problem) throw invalid(asset, number, problem)
  for (let index = 0; index < columns.length; index += 1) {
    const { name, type } = columns[index]!
    const value = (row as Record<string, unknown>)[name]
    try {
      values[index]!.push(value === null || value === undefined ? null : typeRules[type].write(value as never))
    } catch (cause) {
      throw invalid(asset, number, `column "${name}" cannot be stored: ${(cause as Error).message}`)
    }
  }
}

function invalid(asset: string, row: number, problem: string): SluiceError {
  return new SluiceError('ROW_INVALID', `Row ${row} of "${asset}" does not fit its columns: ${problem}.`, {
    hint: 'Mend the rows, or the columns of the asset.',
    data: { asset, row },
  })
}
