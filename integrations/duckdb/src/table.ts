import { type Column, SluiceError, type Table } from '@sluice/core'
import { countRows } from './count-rows.ts'
import { columnList } from './create-table.ts'
import type { Database } from './database.ts'
import { readRows, type Row } from './read-rows.ts'

/** A table's handle. Nothing is read before somebody asks for rows; each reader has a connection of its own. */
export function tableOf(
  name: string,
  columns: readonly Column[],
  from: string,
  database: Database,
): Table<Row> & { readonly columns: readonly Column[] } {
  const rows = async function* ({ limit }: { limit?: number } = {}): AsyncGenerator<Row> {
    let held: Awaited<ReturnType<Database['hold']>> | undefined
    try {
      held = await database.hold()
      const text = `select ${columnList(columns)} from ${from}${limitOf(limit)}`
      yield* readRows(held.connection, text, [], columns, () => database.trim())
    } catch (error) {
      throw gone(error, name)
    } finally {
      held?.release()
    }
  }
  return {
    name,
    columns,
    rows: (options) => rows(options),
    toArray: () => Array.fromAsync(rows()),
    count: (what) =>
      database
        .use((connection) => countRows(connection, from, what))
        .catch((error: unknown) => {
          throw gone(error, name)
        }),
  }
}

function limitOf(limit: number | undefined): string {
  return limit === undefined ? '' : ` limit ${Math.max(0, Math.floor(limit))}`
}

/** Turns DuckDB's "there is no such table" into ours. */
function gone(error: unknown, name: string): unknown {
  if (!(error instanceof Error) || !/does not exist|No files found|Cannot open file/.test(error.message)) return error
  return new SluiceError('VALUE_MISSING', `The stored rows of "${name}" are gone.`, {
    cause: error,
    hint: `Make it again: sluice materialize '${name}'.`,
  })
}
