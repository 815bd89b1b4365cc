import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { Compilable } from 'kysely'
import type { Fixed, Session } from '../session.ts'
import { sqliteDialect } from './dialect.ts'

/** Statements of a connection that are kept prepared; the ones of reads with many filters come and go. */
const MOST_STATEMENTS = 400

export interface Connection extends Session {
  readonly database: DatabaseSync
}

/** A session on one connection. Nothing in it waits: an async function of a store runs through in one go. */
export function connection(database: DatabaseSync): Connection {
  const statements = new Map<string, StatementSync>()
  const prepared = (sql: string): StatementSync => {
    let statement = statements.get(sql)
    if (!statement) {
      if (statements.size >= MOST_STATEMENTS) statements.delete(statements.keys().next().value!)
      statement = database.prepare(sql)
      statements.set(sql, statement)
    }
    return statement
  }
  return {
    database,
    dialect: sqliteDialect,
    db: sqliteDialect.db,
    all<Row>(query: Compilable<Row>): Row[] {
      const { sql, parameters } = query.compile()
      return prepared(sql).all(...(parameters as SQLInputValue[])) as Row[]
    },
    run(query) {
      const { sql, parameters } = query.compile()
      return Number(prepared(sql).run(...(parameters as SQLInputValue[])).changes)
    },
    each<Values>(query: Fixed<Values, unknown>, values: readonly Values[]): number[] {
      const { sql, bind } = query.text(sqliteDialect.db)
      const statement = prepared(sql)
      return values.map((one) => Number(statement.run(...(bind(one) as SQLInputValue[])).changes))
    },
    insertAll(table, rows, key) {
      if (rows.length === 0) return []
      const columns = Object.keys(rows[0]!)
      const places = columns.map(() => '?').join(', ')
      const statement = prepared(
        `insert into "${table}" ("${columns.join('", "')}") values (${places}) on conflict do nothing`,
      )
      const added: unknown[] = []
      for (const row of rows as readonly Readonly<Record<string, SQLInputValue>>[]) {
        const { changes } = statement.run(...columns.map((column) => row[column]!))
        if (key !== undefined && changes !== 0) added.push(row[key])
      }
      return added
    },
    async attempt(work) {
      prepared('savepoint attempt').run()
      const refusal = await work()
      if (refusal !== null) prepared('rollback to attempt').run()
      prepared('release attempt').run()
      return refusal
    },
  }
}
