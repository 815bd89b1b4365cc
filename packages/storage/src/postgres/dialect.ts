import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from 'kysely'
import type { Dialect } from '../dialect.ts'
import type { RunHead } from '../runs/fences.ts'
import { fixed, raw } from '../session.ts'
import type { Tables } from '../tables.ts'

const db = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (of) => new PostgresIntrospector(of),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})

/** The second half of the keys of advisory locks; the first half stands for the schema. */
export const locks = { alone: 1, events: 2, migrations: 3 } as const

/** Held until the transaction ends. */
export const lock = (which: keyof typeof locks) =>
  sql`select pg_advisory_xact_lock(hashtext('sluice ' || current_schema()), ${sql.lit(locks[which])})`

export const postgresDialect: Dialect = {
  migrations: 'postgres',
  db,
  // Weaker than FOR UPDATE: it lets through what only refers to the row.
  lockRuns: fixed<{ ids: readonly string[] }, RunHead>((of, { ids }) =>
    raw(of, sql<RunHead>`select id, epoch, state from runs where id = any(${ids}) order by id for no key update`),
  ),
  moveWatermarks: fixed<{ moves: string }, { location: string; name: string }>((of, { moves }) =>
    raw(
      of,
      sql<{ location: string; name: string }>`
        with moves as (
          select * from json_to_recordset(${moves}::json) as its (
            location text collate "C", name text collate "C", revision integer, "from" bigint, "to" bigint
          )
        ), held as (
          select schedules.location, schedules.name, moves."to" from schedules join moves using (location, name)
          where schedules.watermark = moves."from" and schedules.revision = moves.revision
          order by schedules.location, schedules.name for no key update of schedules
        )
        update schedules set watermark = held."to" from held
        where schedules.location = held.location and schedules.name = held.name
        returning schedules.location, schedules.name`,
    ),
  ),
  alone: raw(db, lock('alone')),
  numberEvents: raw(db, sql`select number_events()`),
  // Not `now()`, which is when the transaction began, nor `clock_timestamp()`, which moves within a statement.
  now: sql<number>`cast(extract(epoch from statement_timestamp()) * 1000 as bigint)`,
  contains: (column, text) => sql`${column} ilike ${`%${text.replace(/[\\%_]/g, '\\$&')}%`} escape '\\'`,
  textContains: (text) => sql`strpos(folded, ${text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())}) > 0`,
  giveBack: null, // autovacuum makes room for new rows
  among: (column, values) => sql`${column} = any(${values}::text[])`,
  listed: (values) =>
    sql`(select value, nth - 1 as nth from unnest(${values}::text[]) with ordinality as its (value, nth)) as listed`,
  intersectsInOrder: false, // it gathers both; what is asked of each run it joins in order by itself
  storable: (text) => (text.includes('\0') ? text.replaceAll('\0', '\u{FFFD}') : text),
}
