import type { Compilable } from 'kysely'
import { SluiceError } from '@sluice/core'
import type { Fixed, Session } from '../session.ts'
import { postgresDialect } from './dialect.ts'

export interface Answer {
  readonly rows: readonly unknown[]
  /** How many rows were changed, or found. */
  readonly count: number
}

/** One connection of the database. Statements are answered in the order they are sent. */
export interface Connection {
  /** Bound, one statement; kept prepared under `name` where one is given. */
  query(text: string, values?: readonly (string | null)[], name?: string): Promise<Answer>
  /** Several statements without values. */
  script(text: string): Promise<void>
}

/** Names of prepared statements, the same on every connection. */
const names = new Map<string, string>()

export function nameOf(text: string): string {
  let name = names.get(text)
  if (name === undefined) names.set(text, (name = `sluice_${names.size + 1}`))
  return name
}

/** A session on one connection: a transaction that is open, or single reads. */
export function pgSession(connection: Connection): Session {
  const send = (query: Compilable<unknown>): Promise<Answer> => {
    const compiled = query.compile()
    const { sql, parameters } = compiled
    return connection.query(sql, parameters.map(bound), 'fixed' in compiled ? nameOf(sql) : undefined)
  }
  return {
    dialect: postgresDialect,
    db: postgresDialect.db,
    all: async <Row>(query: Compilable<Row>) => (await send(query)).rows as Row[],
    run: async (query) => (await send(query)).count,
    async each<Values>(query: Fixed<Values, unknown>, values: readonly Values[]): Promise<number[]> {
      const { sql, bind } = query.text(postgresDialect.db)
      const name = nameOf(sql)
      // Sent without waiting for the answers between them.
      const answers = await Promise.all(values.map((one) => connection.query(sql, bind(one).map(bound), name)))
      return answers.map(({ count }) => count)
    },
    async insertAll(table, rows, key) {
      if (rows.length === 0) return []
      const columns = `"${Object.keys(rows[0]!).join('", "')}"`
      // One statement for all, whatever their number; the table itself says of what type a column is.
      const sql = `insert into "${table}" (${columns}) select ${columns}
        from json_populate_recordset(null::"${table}", $1::json) on conflict do nothing
        ${key === undefined ? '' : `returning "${key}"`}`
      for (const row of rows)
        for (const value of Object.values<unknown>(row)) if (typeof value === 'string') textOf(value)
      const answer = await connection.query(sql, [JSON.stringify(rows)], nameOf(sql))
      return key === undefined ? [] : answer.rows.map((row) => (row as Readonly<Record<string, unknown>>)[key])
    },
    async attempt(work) {
      await connection.script('savepoint attempt')
      const refusal = await work()
      await connection.script(
        refusal === null ? 'release savepoint attempt' : 'rollback to savepoint attempt; release savepoint attempt',
      )
      return refusal
    },
  }
}

/** A value in PostgreSQL's text format, whatever the driver: lists are arrays of text. */
export function bound(value: unknown): string | null {
  switch (typeof value) {
    case 'string':
      return textOf(value)
    case 'number':
    case 'bigint':
      return String(value)
    case 'undefined':
      return null
    default:
      if (value === null) return null
      if (Array.isArray(value)) return arrayOf(value)
      throw new SluiceError('STORE_FAILED', `A value of type ${typeof value} cannot be stored in a column.`)
  }
}

/** An array in PostgreSQL's text format: https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO */
export function arrayOf(values: readonly unknown[]): string {
  const items = values.map((value) => {
    if (typeof value === 'string') return `"${textOf(value).replace(/["\\]/g, '\\$&')}"`
    return bound(value) ?? 'NULL'
  })
  return `{${items.join(',')}}`
}

function textOf(text: string): string {
  if (!text.includes('\0')) return text
  throw new SluiceError('STORE_FAILED', 'PostgreSQL cannot store text with a NUL character in it.', {
    hint: 'Leave it out of names, keys and params; results and logs may have it.',
  })
}
