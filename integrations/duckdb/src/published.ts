import type { Column } from '@sluice/core'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Database } from './database.ts'
import { listed, quote, SCHEMA, viewName } from './names.ts'
import { inTransaction } from './transaction.ts'

interface Entry {
  readonly asset: string
  readonly partition: string | null
  /** The slot's table in our schema. */
  readonly place: string
  readonly columns: readonly Column[]
}

/** Milliseconds between two transactions. */
const PAUSE = 250

/** Keeps the views that people look at: `"marts"."revenue"` is the latest of each slice, all together. */
export interface Published {
  /** Calls that come close together share a transaction: a view of hundreds of slices takes its time to be remade. */
  publish(entry: Entry): Promise<void>
  /** What waits is published now. */
  settle(): Promise<void>
  /** Places that are gone are in no view. */
  withdraw(connection: DuckDBConnection, places: readonly string[]): Promise<void>
}

export function published(database: Database): Published {
  let waiting: Entry[] = []
  let next: Promise<void> | undefined
  let last = -PAUSE
  let hurry = (): void => {}

  const flush = (): Promise<void> =>
    database.use(async (connection) => {
      next = undefined
      last = performance.now()
      const entries = waiting
      waiting = []
      await inTransaction(connection, async () => {
        await note(connection, entries)
        for (const asset of new Set(entries.map((entry) => entry.asset))) await remake(connection, asset)
      })
    })

  const pause = (): Promise<void> => {
    const left = last + PAUSE - performance.now()
    if (left <= 0) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, left)
      hurry = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  return {
    publish(entry) {
      waiting.push(entry)
      next ??= pause().then(() => database.inTurn(flush))
      return next
    },
    async settle() {
      hurry()
      await next
    },
    async withdraw(connection, places) {
      const found = await connection.runAndReadAll(
        `delete from ${SCHEMA}.slices where place in ${listed} returning asset`,
        [JSON.stringify(places)],
      )
      for (const asset of new Set(found.getRows().flat())) await remake(connection, asset as string)
    },
  }
}

/** Two statements for any number of slices: each by itself would wait behind the queries of a busy run. */
async function note(connection: DuckDBConnection, entries: readonly Entry[]): Promise<void> {
  const last = new Map(entries.map((entry) => [JSON.stringify([entry.asset, entry.partition]), entry]))
  const given = `(select unnest(from_json($1::json, '[{"asset":"VARCHAR","partition":"VARCHAR","place":"VARCHAR","columns":"JSON"}]'), recursive := true))`
  const rows = [JSON.stringify([...last.values()])]
  // An asset that has become partitioned, or is no longer, keeps nothing of what it was.
  await connection.run(
    `delete from ${SCHEMA}.slices as old using ${given} as new where old.asset = new.asset
    and (old.partition is not distinct from new.partition or (old.partition is null) <> (new.partition is null))`,
    rows,
  )
  await connection.run(
    `insert into ${SCHEMA}.slices select asset, partition, place, columns, now()::timestamp from ${given}`,
    rows,
  )
}

async function remake(connection: DuckDBConnection, asset: string): Promise<void> {
  // One write may be several slices: a run of many partitions at once.
  const found = await connection.runAndReadAll(
    `select place from ${SCHEMA}.slices where asset = $1 group by place order by min(partition)`,
    [asset],
  )
  const slices = found.getRows().map(([place]) => `select * from ${quote(SCHEMA, place as string)}`)
  const { schema, name } = viewName(asset)
  const view = quote(schema, name)
  if (slices.length === 0) {
    await connection.run(`drop view if exists ${view}`)
    return
  }
  await connection.run(`create schema if not exists ${quote(schema)}`)
  await connection.run(`create or replace view ${view} as ${slices.join(' union all by name ')}`)
}
