import type { Compilable, Expression, Kysely, RawBuilder, SqlBool } from 'kysely'
import type { RunHead } from './runs/fences.ts'
import type { Fixed, Session } from './session.ts'
import type { Tables } from './tables.ts'

/** What differs between databases, by name. A store asks for a capability, never which database it is. */
export interface Dialect {
  /** The folder of its migrations, below `migrations/`. */
  readonly migrations: string
  /** Builds text in the database's own SQL; runs nothing. */
  readonly db: Kysely<Tables>
  /**
   * Reads the runs that a batch writes to and locks them, in the order of their ids, so that nobody else moves them
   * before the commit; `null` where every write transaction is alone.
   */
  readonly lockRuns: Fixed<{ ids: readonly string[] }, RunHead> | null
  /**
   * Moves watermarks of schedules from where they were decided, all in one statement that locks them in one order; answers
   * with those that moved. `moves`: JSON, what `schedule.decide` says of each. `null` where a statement for each is as fast.
   */
  readonly moveWatermarks: Fixed<{ moves: string }, { location: string; name: string }> | null
  /** Asked first by a change that counts what others may count too; `null` where every write transaction is alone. */
  readonly alone: Compilable<unknown> | null
  /** Asked before the numbers of events are read; `null` where they have them from the start. */
  readonly numberEvents: Compilable<unknown> | null
  /** The time, in milliseconds since 1970, by the database's clock. */
  readonly now: RawBuilder<number>
  /** Does the column contain the text, whatever the case of ASCII letters? */
  contains(column: Expression<string | null>, text: string): Expression<SqlBool>
  /** The same of a row of `run_texts`. */
  textContains(text: string): Expression<SqlBool>
  /** Gives space of rows that were deleted back to the file system, a little at a time; `null` where the database does. */
  readonly giveBack: ((session: Session) => Promise<void>) | null
  /** Is the column one of these, found by its index however many they are? */
  among(column: Expression<unknown>, values: readonly string[]): RawBuilder<unknown>
  /** These as a table `listed`, with the columns `value` and `nth`, which counts them from 0. */
  listed(values: readonly string[]): RawBuilder<unknown>
  /** Reads what `intersect` compares side by side where both sides are in order, and no further than is asked for. */
  readonly intersectsInOrder: boolean
  /** Text from outside as the database can hold it. */
  storable(text: string): string
}
