import { randomBytes } from 'node:crypto'
import pg from 'pg'

export { fillPostgres, fillSqlite } from './fill.ts'

/** The address of a PostgreSQL server to test on, where there is one. */
export const server = process.env['SLUICE_TEST_POSTGRES']

export const aSchema = (): string => `t${randomBytes(6).toString('hex')}`

/** The address of a store in this schema of the server. */
export function urlOf(schema: string, address: string = server!): string {
  const url = new URL(address)
  url.searchParams.set('schema', schema)
  url.searchParams.set('pool', '4')
  return url.href
}

/** A store of its own for one test, on the server that tests are given; `sql` asks it by itself. */
export async function aDatabase(): Promise<{ url: string; sql: pg.Client; drop(): Promise<void> }> {
  const schema = aSchema()
  const sql = new pg.Client({ connectionString: server, options: `-c search_path=${schema}` })
  await sql.connect()
  return {
    url: urlOf(schema),
    sql,
    async drop() {
      await sql.query(`drop schema if exists "${schema}" cascade`)
      await sql.end()
    },
  }
}
