import { SluiceError } from '@sluice/core'
import { type Migration, migrationsOf } from '../migrate.ts'
import type { Connection } from './connection.ts'
import { locks } from './dialect.ts'

/** The oldest server that has what is used here. */
const OLDEST = 15

export interface Place {
  readonly schema: string
  /** The address, for messages. */
  readonly shown: string
}

/** Brings the schema up to date, one process at a time; gives the versions it went through. */
export async function migrate(
  connection: Connection,
  { schema, shown }: Place,
  migrations: readonly Migration[] = migrationsOf('postgres'),
): Promise<number[]> {
  await refuseOldServer(connection, shown)
  const newest = migrations.at(-1)!.version
  if ((await checkVersion(connection, { schema, shown }, newest)) === newest) return []
  await connection.script('begin')
  try {
    await connection.query(`select pg_advisory_xact_lock(hashtext('sluice ' || $1), ${locks.migrations})`, [schema])
    const from = await checkVersion(connection, { schema, shown }, newest) // another process may have migrated since
    if (from === 0) await connection.script(begin(schema))
    const due = migrations.filter(({ version }) => version > from)
    for (const { version, name, sql, checksum } of due) {
      await connection.script(sql)
      await connection.query('insert into migrations (version, name, checksum, applied_at) values ($1, $2, $3, $4)', [
        String(version),
        name,
        checksum,
        String(Date.now()),
      ])
    }
    await connection.script('commit')
    return due.map(({ version }) => version)
  } catch (error) {
    await connection.script('rollback').catch(() => {}) // the connection may be gone; whoever asked hears of the first
    throw error
  }
}

/** The schema's name is one that needs no quotes (`addressOf`); quoted all the same, as it may be a word of SQL. */
const begin = (schema: string): string => `create schema if not exists "${schema}";
  create table migrations (
    version integer primary key, name text not null, checksum text not null, applied_at bigint not null)`

async function refuseOldServer(connection: Connection, shown: string): Promise<void> {
  const { rows } = await connection.query(`select current_setting('server_version') as version`)
  const { version } = rows[0] as { version: string }
  if (Number.parseInt(version, 10) >= OLDEST) return
  throw new SluiceError(
    'STORE_FAILED',
    `The database is PostgreSQL ${version}; the store needs ${OLDEST} or newer (${shown}).`,
    {
      hint: 'Upgrade it, or use another.',
    },
  )
}

/** The schema's version, 0 where there is nothing yet; refuses what this code cannot work with. */
export async function checkVersion(
  connection: Connection,
  { schema, shown }: Place,
  newest: number = migrationsOf('postgres').at(-1)!.version,
): Promise<number> {
  const tables = await connection.query('select tablename from pg_tables where schemaname = $1', [schema])
  if (tables.count === 0) return 0
  if (!tables.rows.some((row) => (row as { tablename: string }).tablename === 'migrations')) {
    throw new SluiceError('STORE_CORRUPT', `The schema "${schema}" of ${shown} is another program's.`, {
      hint: 'Choose another schema: ?schema=NAME at the end of the address.',
    })
  }
  const { rows } = await connection.query(`select max(version) as version from "${schema}".migrations`)
  const version = (rows[0] as { version: number | null }).version ?? 0
  if (version <= newest) return version
  throw new SluiceError(
    'STORE_TOO_NEW',
    `The store ${shown} was written by a newer Sluice (schema ${version}; this one knows ${newest}).`,
    { hint: 'Update Sluice in this project, or restore a backup from before.', data: { version, newest } },
  )
}
