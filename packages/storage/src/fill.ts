import type { Run } from '@sluice/core'
import { arrayOf } from './postgres/connection.ts'
import { withConnection } from './postgres/maintenance.ts'
import { migrate as migratePostgres } from './postgres/migrate.ts'
import { queueRow } from './queue/queue-store.ts'
import { assetsOf, runToRow, tagsOf, textsOf } from './runs/run-row.ts'
import { migrate } from './sqlite/migrate.ts'
import { openDatabase } from './sqlite/open-database.ts'

type Row = Readonly<Record<string, string | number | null>>

/** What a run leaves in each table when it is made, but for the event that tells of it. */
function* rowsOf(run: Run): Generator<readonly [table: string, row: Row]> {
  yield ['runs', { ...runToRow(run) }]
  for (const row of tagsOf(run)) yield ['run_tags', row]
  for (const row of assetsOf(run)) yield ['run_assets', row]
  for (const row of textsOf([run])) yield ['run_texts', row]
  if (!run.terms || run.state !== 'waiting') return
  const { pool, priority, job, ...row } = queueRow(run, null)
  yield ['queue', { ...row, pool, priority, job }]
  yield ['queue_turns', { pool, priority, job, served: 0 }]
}

const insertInto = (table: string, columns: readonly string[]): string => `insert into ${table} (${columns.join(', ')})`

/**
 * Fills a new SQLite store with runs, whatever their states, much faster than launches do: for benchmarks. What it wrote
 * is on disk when it returns.
 */
export function fillSqlite(path: string, runs: Iterable<Run>): void {
  const database = openDatabase({ path })
  try {
    migrate(database, path)
    const statements = new Map<string, ReturnType<typeof database.prepare>>()
    database.exec('pragma wal_autocheckpoint = 100000; pragma cache_size = -400000; begin immediate')
    let made = 0
    for (const run of runs) {
      for (const [table, row] of rowsOf(run)) {
        let statement = statements.get(table)
        if (!statement) {
          const columns = Object.keys(row)
          const text = `${insertInto(table, columns)} values (${columns.map(() => '?').join(', ')}) on conflict do nothing`
          statements.set(table, (statement = database.prepare(text)))
        }
        statement.run(...Object.values(row))
      }
      if (++made % 50_000 === 0) database.exec('commit; begin immediate')
    }
    database.exec('commit; pragma wal_checkpoint(truncate)')
  } finally {
    database.close()
  }
}

const large = ['runs', 'run_tags', 'run_assets', 'queue']

/**
 * The same for a new store in PostgreSQL. Indexes are made when the rows are there, and statistics are up to date
 * afterwards, as the server keeps them in use.
 */
export async function fillPostgres(url: string, runs: Iterable<Run>): Promise<void> {
  await withConnection(url, {}, async (connection, address) => {
    await migratePostgres(connection, address)
    // In these no row comes twice, so that their keys are no help while they are filled.
    const { rows } = await connection.query(
      `select case when conname is null then 'drop index ' || indexrelid::regclass
          else 'alter table ' || indrelid::regclass || ' drop constraint ' || quote_ident(conname) end as drop,
        case when conname is null then pg_get_indexdef(indexrelid)
          else 'alter table ' || indrelid::regclass || ' add constraint ' || quote_ident(conname) || ' '
            || pg_get_constraintdef(pg_constraint.oid) end as make
        from pg_index left join pg_constraint on conindid = indexrelid
        where indrelid::regclass = any($1::regclass[])`,
      [arrayOf(large)],
    )
    const indexes = rows as readonly { drop: string; make: string }[]
    for (const { drop } of indexes) await connection.script(drop)
    await connection.script(`set synchronous_commit = off; set maintenance_work_mem = '256MB'`)
    const waiting = new Map<string, Row[]>()
    const flush = async (): Promise<void> => {
      for (const [table, rows] of waiting) {
        const columns = Object.keys(rows[0]!)
        const known = large.includes(table) ? '' : 'on conflict do nothing'
        await connection.query(
          `${insertInto(table, columns)} select ${columns.join(', ')} from json_populate_recordset(null::${table}, $1) ${known}`,
          [JSON.stringify(rows)],
        )
      }
      waiting.clear()
    }
    let made = 0
    for (const run of runs) {
      for (const [table, row] of rowsOf(run)) {
        const rows = waiting.get(table)
        if (rows) rows.push(row)
        else waiting.set(table, [row])
      }
      if (++made % 5_000 === 0) await flush()
    }
    await flush()
    for (const { make } of indexes) await connection.script(make)
    await connection.script('vacuum analyze')
  })
}
