import type { DatabaseSync } from 'node:sqlite'
import { SluiceError } from '@sluice/core'
import { type Migration, migrationsOf } from '../migrate.ts'

/** In the header of each of our files (`SLCE`), so that another program's database is never migrated. */
const APPLICATION_ID = 0x534c4345

/** The version that this code reads and writes. */
export const schemaVersion: number = migrationsOf('sqlite').at(-1)!.version

/** Brings the schema up to date, under SQLite's own write lock; gives the versions it went through. */
export function migrate(
  database: DatabaseSync,
  path: string,
  migrations: readonly Migration[] = migrationsOf('sqlite'),
): number[] {
  const newest = migrations.at(-1)!.version
  if (checkVersion(database, path, newest) === newest) return []
  database.exec('begin immediate')
  try {
    const from = checkVersion(database, path, newest) // another process may have migrated since
    const due = migrations.filter(({ version }) => version > from)
    if (from === 0) createHistory(database)
    const record = database.prepare('insert into migrations (version, name, checksum, applied_at) values (?, ?, ?, ?)')
    for (const { version, name, sql, checksum } of due) {
      database.exec(sql)
      record.run(version, name, checksum, Date.now())
    }
    database.exec(`pragma user_version = ${newest}`)
    database.exec('commit')
    return due.map(({ version }) => version)
  } catch (error) {
    if (database.isTransaction) database.exec('rollback')
    throw error
  }
}

function createHistory(database: DatabaseSync): void {
  database.exec(`pragma application_id = ${APPLICATION_ID};
    create table migrations (version integer primary key, name text not null, checksum text not null, applied_at integer not null)`)
}

/** The schema's version; refuses what this code cannot work with. */
export function checkVersion(database: DatabaseSync, path: string, newest: number = schemaVersion): number {
  const version = pragma(database, 'user_version')
  const application = pragma(database, 'application_id')
  const isEmpty = () => database.prepare('select 1 from sqlite_master limit 1').get() === undefined
  if (application !== APPLICATION_ID && !(version === 0 && application === 0 && isEmpty())) {
    throw new SluiceError('STORE_CORRUPT', `"${path}" is a database of another program.`, {
      hint: 'Choose another place for the store.',
    })
  }
  if (version > newest) {
    throw new SluiceError(
      'STORE_TOO_NEW',
      `The store "${path}" was written by a newer Sluice (schema ${version}; this one knows ${newest}).`,
      {
        hint: 'Update Sluice in this project, or restore a backup from before.',
        data: { path, version, newest },
      },
    )
  }
  return version
}

function pragma(database: DatabaseSync, name: 'user_version' | 'application_id'): number {
  return Number(Object.values(database.prepare(`pragma ${name}`).get()!)[0])
}
