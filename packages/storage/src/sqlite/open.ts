import { statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { SluiceError } from '@sluice/core'
import { storeError } from './errors.ts'
import { checkVersion, migrate, schemaVersion } from './migrate.ts'
import { openDatabase, type OpenOptions } from './open-database.ts'

export interface OpenedDatabase {
  readonly path: string
  readonly writer: DatabaseSync
  /** The writer itself where there is only one connection (in memory, read-only). */
  readonly reader: DatabaseSync
}

/** Up to this size (bytes) every page is looked at when a store is opened, at some 3 ms per MB; above, by `check`. */
const CHECKED_AT_START = 8 * 1024 * 1024

/** Opens, checks and migrates the file: one connection that writes, one that only reads. */
export function openChecked({ path, readOnly = false }: OpenOptions): OpenedDatabase {
  const writer = openDatabase({ path, readOnly })
  let reader = writer
  try {
    checkPages(writer, path)
    if (!readOnly) migrate(writer, path)
    else if (checkVersion(writer, path) < schemaVersion) refuseOld(path)
    if (!readOnly && path !== ':memory:') reader = openDatabase({ path, readOnly: true })
    return { path, writer, reader }
  } catch (error) {
    if (reader !== writer) reader.close()
    writer.close()
    throw storeError(error, path)
  }
}

function checkPages(database: DatabaseSync, path: string): void {
  if (path === ':memory:' || statSync(path).size > CHECKED_AT_START) return
  const found = database
    .prepare('pragma quick_check(3)')
    .all()
    .map((row) => String(Object.values(row)[0]))
  if (found[0] === 'ok') return
  throw new SluiceError('STORE_CORRUPT', `The store "${path}" is damaged: ${found.join('; ')}`, {
    hint: '`sluice db restore` brings a backup back; `sluice db check` lists everything that is wrong.',
    data: { path },
  })
}

function refuseOld(path: string): never {
  throw new SluiceError('STORE_READ_ONLY', `The store "${path}" has an older schema and was opened for reading only.`, {
    hint: '`sluice db migrate` brings it up to date.',
    data: { path },
  })
}
