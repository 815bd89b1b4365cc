import { isSql, type Sql, type SqlCheck } from '@sluice/core'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { createTable } from './create-table.ts'
import { quote } from './names.ts'
import { render } from './render.ts'
import { misfits, shapeOf } from './run-sql.ts'

/** Prepares each query on an empty database made of the columns of its inputs: nothing of the project is opened. */
export async function checkSql(
  checks: readonly SqlCheck[],
): Promise<readonly { readonly asset: string; readonly message: string }[]> {
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

async function problemsOf(
  connection: DuckDBConnection,
  { sql, inputs, columns }: SqlCheck,
): Promise<readonly string[]> {
  if (!isSql(sql)) return ['its `sql` function gave no query: return sql`select …`']
  const unknown = unknownColumns(sql, inputs)
  if (unknown.length > 0) return unknown
  for (const [name, input] of Object.entries(inputs))
    await connection.run(createTable(quote('temp', 'main', `input ${name}`), input, 'temp'))
  const bound = { ...sql, inputs: Object.fromEntries(Object.keys(inputs).map((name) => [name, name])) }
  try {
    const rendered = await render(bound, async (_, name) => quote('temp', 'main', `input ${name}`))
    return misfits(columns, await shapeOf(connection, rendered))
  } catch (error) {
    return [readable(error as Error)]
  }
}

/** Columns by `${o.name}` that the input lacks: types say so first, unless they were not checked. */
function unknownColumns(sql: Sql, inputs: SqlCheck['inputs']): string[] {
  return sql.values.flatMap((value) => {
    if ('source' in value || 'param' in value) return []
    if (!('column' in value)) return unknownColumns(value, inputs)
    const columns = inputs[value.input]?.map(({ name }) => name)
    const known = !columns || columns.some((name) => name.toLowerCase() === value.column.toLowerCase())
    return known ? [] : [`"${value.input}" has no column "${value.column}" (it has ${columns.join(', ')})`]
  })
}

/** DuckDB's message from its first sentence on, with the line of the query that it points at. */
function readable({ message }: Error): string {
  const said = message
    .replace(/^(?:Failed to extract statements: )?(?:Binder|Parser|Catalog) Error: /, '')
    .replaceAll('input ', '')
  // Its number counts lines that are ours.
  return said
    .replaceAll(/\n{2,}/g, '\n')
    .replace(/^LINE \d+: /m, (line) => ' '.repeat(line.length))
    .trim()
}
