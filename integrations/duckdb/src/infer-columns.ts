import type { Column, ColumnType, Table } from '@sluice/core'

/** How many rows are looked at where a table does not say what its columns are. */
const SAMPLE = 1000

/** The columns of a table: its own, or what its first rows hold. The rows include those that were looked at. */
export async function inferColumns(
  table: Table<unknown>,
): Promise<{ columns: readonly Column[]; rows: AsyncIterable<unknown> }> {
  const { columns } = table as { columns?: readonly Column[] }
  if (columns) return { columns, rows: table.rows() }
  const rows = table.rows()[Symbol.asyncIterator]()
  const seen: unknown[] = []
  while (seen.length < SAMPLE) {
    const next = await rows.next()
    if (next.done) break
    seen.push(next.value)
  }
  return { columns: columnsOf(seen), rows: rejoined(seen, rows) }
}

async function* rejoined(seen: readonly unknown[], rest: AsyncIterator<unknown>): AsyncGenerator<unknown> {
  yield* seen
  yield* { [Symbol.asyncIterator]: () => rest }
}

function columnsOf(rows: readonly unknown[]): Column[] {
  const types = new Map<string, ColumnType | undefined>()
  for (const row of rows) {
    for (const [name, value] of Object.entries(row as object)) {
      const type = value === null || value === undefined ? undefined : typeOf(value)
      const known = types.get(name)
      types.set(name, known && type && known !== type ? 'json' : (type ?? known))
    }
  }
  return [...types].map(([name, type]) => ({ name, type: type ?? 'json', nullable: true }))
}

function typeOf(value: {}): ColumnType {
  if (value instanceof Date) return 'date'
  const type = typeof value
  return type === 'string' || type === 'number' || type === 'bigint' || type === 'boolean' ? type : 'json'
}
