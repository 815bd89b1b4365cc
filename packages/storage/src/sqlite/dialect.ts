import { DummyDriver, Kysely, sql, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import type { Dialect } from '../dialect.ts'
import { first, raw, type Session } from '../session.ts'
import type { Tables } from '../tables.ts'

const db = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (of) => new SqliteIntrospector(of),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
})

const contains: Dialect['contains'] = (column, text) =>
  sql`${column} like ${`%${text.replace(/[\\%_]/g, '\\$&')}%`} escape '\\'`

export const sqliteDialect: Dialect = {
  migrations: 'sqlite',
  db,
  lockRuns: null, // a write transaction (`begin immediate`) is alone
  moveWatermarks: null,
  alone: null,
  numberEvents: null, // rows are numbered in the order of commits
  now: sql<number>`cast(unixepoch('subsec') * 1000 as integer)`,
  contains,
  textContains: (text) => contains(sql.ref('text'), text),
  giveBack,
  among: (column, values) => sql`${column} in (select value from json_each(${JSON.stringify(values)}))`,
  listed: (values) => sql`(select value, key as nth from json_each(${JSON.stringify(values)})) as listed`,
  intersectsInOrder: true,
  storable: (text) => text,
}

/** Pages that one commit gives back at most: some milliseconds. */
const MOST_PAGES = 200
const pages = raw<{ free: number; all: number }>(
  db,
  sql`select freelist_count as free, page_count as "all" from pragma_freelist_count, pragma_page_count`,
)
const shrink = raw(db, sql`pragma incremental_vacuum(${sql.lit(MOST_PAGES)})`)

/** An eighth of the file stays free, for what comes: giving back moves pages. */
async function giveBack(session: Session): Promise<void> {
  const size = await first(session, pages)
  if (size && size.free > size.all / 8) await session.all(shrink)
}
