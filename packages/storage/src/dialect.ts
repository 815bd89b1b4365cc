import type { Expression, Kysely, SqlBool } from 'kysely'
import type { Tables } from './tables.ts'

/** What differs between databases, by name. A store asks for a capability, never which database it is. */
export interface Dialect {
  /** The folder of its migrations, below `migrations/`. */
  readonly migrations: string
  /** Builds text in the database's own SQL; runs nothing. */
  readonly db: Kysely<Tables>
  /** Appended to the read of a batch's run rows, so that nobody else moves them before the commit. */
  readonly lockRows: 'for no key update' | null
  /** Does the column contain the text, whatever the case of ASCII letters? */
  contains(column: Expression<string | null>, text: string): Expression<SqlBool>
}
