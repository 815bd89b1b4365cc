import { type Column, type Sql, SluiceError } from '@sluice/core'
import type { DuckDBConnection, DuckDBType } from '@duckdb/node-api'
import { relationOf, type Site } from './relation.ts'
import { render, type Rendered } from './render.ts'
import { fits, typeRules } from './types.ts'

/** A query rendered for a place, with its inputs found there. */
export function renderAt(query: Sql, site: Site, values?: 'bound' | 'written'): Promise<Rendered> {
  return render(query, (input, name, asked) => relationOf(input, name, asked, site), values)
}

/** What a query gives, without running it. */
export async function shapeOf(
  connection: DuckDBConnection,
  { text, params }: Rendered,
): Promise<readonly ResultColumn[]> {
  const result = await connection.run(`select * from (\n${text}\n) limit 0`, [...params])
  return result.columnNames().map((name, index) => ({ name, type: result.columnType(index) }))
}

export interface ResultColumn {
  readonly name: string
  readonly type: DuckDBType
}

/** What is wrong between a query's columns and those declared, one sentence each. DuckDB's names ignore case. */
export function misfits(columns: readonly Column[], result: readonly ResultColumn[]): string[] {
  const given = new Map(result.map((column) => [column.name.toLowerCase(), column.type]))
  const declared = new Set(columns.map((column) => column.name.toLowerCase()))
  const problems: string[] = []
  for (const column of columns) {
    const type = given.get(column.name.toLowerCase())
    if (!type)
      problems.push(
        `column "${column.name}" is not in the query's result (${result.map(({ name }) => name).join(', ')})`,
      )
    else if (!fits(column, type)) problems.push(misfit(column, type))
  }
  for (const { name } of result) {
    if (!declared.has(name.toLowerCase()))
      problems.push(`the query gives a column "${name}" that \`columns\` does not have`)
  }
  return problems
}

function misfit({ name, type }: Column, found: DuckDBType): string {
  return `column "${name}" is ${article(type)} ${type}, but the query gives ${found.toString()}: cast it (${name}::${typeRules[type].sql}), or change \`columns\``
}

const article = (word: string): string => (/^[aeiou]/.test(word) ? 'an' : 'a')

/** An error of a query as ours: what DuckDB says, for which asset, and what to do. */
export function queryError(error: unknown, asset: string): unknown {
  if (!(error instanceof Error) || error instanceof SluiceError) return error
  const [, kind, said] =
    /^(?:Failed to extract statements: )?([A-Z][A-Za-z ]+) Error: ([\s\S]+)$/.exec(error.message) ?? []
  const isNull = /^NOT NULL constraint failed: .*\.(.+)$/.exec(said ?? '')?.[1]
  if (isNull) {
    return new SluiceError(
      'ROW_INVALID',
      `The query of "${asset}" gives null in column "${isNull}", which \`columns\` says is never null.`,
      {
        cause: error,
        hint: 'Leave such rows out, use coalesce(), or make the column nullable.',
      },
    )
  }
  if (kind === 'Conversion')
    return new SluiceError('ROW_INVALID', `A row in the query of "${asset}" does not fit: ${said}`, {
      cause: error,
      hint: 'Use try_cast() where text may be no number or date.',
    })
  if (!kind || !['Binder', 'Parser', 'Catalog'].includes(kind)) return error
  return new SluiceError('SQL_INVALID', `The query of "${asset}" does not work: ${said}`, {
    cause: error,
    hint: '`sluice validate` checks every query without running it.',
  })
}
