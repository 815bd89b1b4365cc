import { isSql, type SqlCheck } from '@sluice/core'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { createTable } from './create-table.ts'
import { quote } from './names.ts'
import { render } from './render.ts'
import { misfits, shapeOf } from './run-sql.ts'

/** Prepares each query on an empty database made of the columns of its inputs: nothing of the project is opened. */
export async function checkSql(checks: readonly SqlCheck[]): Promise<readonly { readonly asset: string; readonly message: string }[]> {
  if (checks.length === 0) return []
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  try {
    const found: { asset: string; message: string }[] = []
    for (const check of checks) {
      const connection = await instance.connect()
      try {
        for (const message of await problemsOf(connection, check)) found.push({ asset: check.asset, message })
      } finally {
        connection.closeSync()
      }
    }
    return found
  } finally {
    instance.closeSync()
  }
}

async function problemsOf(connection: DuckDBConnection, { sql, inputs, columns }: SqlCheck): Promise<readonly string[]> {
  if (!isSql(sql)) return ['its `sql` function gave no query: return sql`select …`']
  for (const [name, input] of Object.entries(inputs)) await connection.run(createTable(quote('temp', 'main', `input ${name}`), input, 'temp'))
  const bound = { ...sql, inputs: Object.fromEntries(Object.keys(inputs).map((name) => [name, name])) }
  try {
    const rendered = await render(bound, async (_, name) => quote('temp', 'main', `input ${name}`))
    return misfits(columns, await shapeOf(connection, rendered))
  } catch (error) {
    return [readable(error as Error)]
  }
}

/** DuckDB's message from its first sentence on, with the line of the query that it points at. */
function readable({ message }: Error): string {
  return message.replace(/^(?:Failed to extract statements: )?(?:Binder|Parser|Catalog) Error: /, '').replaceAll('input ', '').replaceAll(/\n{2,}/g, '\n').trim()
}
