import type { Column } from '@sluice/core'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Database } from './database.ts'
import { listed, quote, SCHEMA } from './names.ts'
import type { Published } from './published.ts'
import { inTransaction } from './transaction.ts'

/** What `read` needs: the place in our schema, and for a table what its columns were when it was written. */
export type Ref =
  | { readonly table: string; readonly columns: readonly Column[] }
  | { readonly view: string; readonly columns: readonly Column[] }
  | { readonly value: string }

/**
 * Deletes values, in one transaction: each by itself costs a flush of the disk. What a view still reads (`materialize:
 * 'view'` reads the tables of its upstream as they were then) is noted as unwanted instead, and goes once the view has.
 */
export async function removeAll(store: Database, published: Published, refs: readonly Ref[]): Promise<void> {
  await published.settle()
  await store.inTurn(() =>
    store.use((connection) =>
      inTransaction(connection, async () => {
        const values = refs.flatMap((ref) => ('value' in ref ? [ref.value] : []))
        if (values.length > 0)
          await connection.run(`delete from ${SCHEMA}.encoded where place in ${listed}`, [JSON.stringify(values)])
        const places = refs.flatMap((ref) => ('value' in ref ? [] : 'view' in ref ? [ref.view] : [ref.table]))
        await published.withdraw(connection, places)
        await connection.run(`insert into ${SCHEMA}.unwanted select * from ${listed}`, [JSON.stringify(places)])
        await dropUnread(connection)
      }),
    ),
  )
}

/** A view may be all that reads another view: again, until nothing more goes. */
async function dropUnread(connection: DuckDBConnection): Promise<void> {
  for (;;) {
    // A view's text names what it reads; a name that only looks like another one keeps a table a little longer.
    const found = await connection.runAndReadAll(
      `with ours as (select view_name, sql from duckdb_views() where schema_name = '${SCHEMA}')
      select distinct place, place in (select view_name from ours) from ${SCHEMA}.unwanted
      where not exists (select 1 from ours where view_name <> place and contains(ours.sql, place))`,
    )
    const free = found.getRows() as [string, boolean][]
    if (free.length === 0) return
    for (const [place, isView] of free)
      await connection.run(`drop ${isView ? 'view' : 'table'} if exists ${quote(SCHEMA, place)}`)
    await connection.run(`delete from ${SCHEMA}.unwanted where place in ${listed}`, [
      JSON.stringify(free.map(([place]) => place)),
    ])
  }
}
