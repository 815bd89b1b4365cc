import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { backup as copyDatabase, DatabaseSync } from 'node:sqlite'
import { SluiceError } from '@sluice/core'
import { storeError } from './errors.ts'
import { invariants } from './invariants.ts'
import { checkVersion } from './migrate.ts'
import { openDatabase } from './open-database.ts'

/**
 * Copies the store to another file, while others go on writing to it: the copy is what was committed at one moment.
 * The copy appears at `to` complete or not at all.
 */
export async function backup(from: string, to: string): Promise<void> {
  if (existsSync(to))
    throw new SluiceError('STORE_FAILED', `"${to}" exists already.`, { hint: 'Name a file that does not exist yet.' })
  await copy(from, to)
}

/** Puts a copy in the place of the store, after looking whether it is whole. Nobody may have the store open. */
export async function restore(from: string, to: string): Promise<void> {
  const found = check(from)
  if (found.length > 0)
    throw new SluiceError('STORE_CORRUPT', `"${from}" is damaged: ${found[0]}`, { hint: 'Use another backup.' })
  refuseInUse(to)
  await copy(from, to)
}

async function copy(from: string, to: string): Promise<void> {
  const partial = `${to}.partial`
  try {
    mkdirSync(dirname(to), { recursive: true })
    rmSync(partial, { force: true })
    const source = new DatabaseSync(from, { readOnly: true })
    try {
      checkVersion(source, from)
      // In one go, off this thread: a copy in parts begins anew whenever another process has written.
      await copyDatabase(source, partial, { rate: 0x7fff_ffff })
    } finally {
      source.close()
    }
    flush(partial)
    for (const suffix of ['-wal', '-shm']) rmSync(`${to}${suffix}`, { force: true }) // of the file that is replaced
    renameSync(partial, to)
  } catch (error) {
    rmSync(partial, { force: true })
    throw storeError(error, from)
  }
}

/** The copy is one file: its log is merged and gone, and everything is on disk. */
function flush(path: string): void {
  const database = openDatabase({ path })
  database.exec('pragma journal_mode = delete')
  database.close()
}

function refuseInUse(path: string): void {
  if (!existsSync(path)) return
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    // Leaving the log mode needs the file alone; a damaged store cannot be asked, and is replaced.
    database.exec('pragma journal_mode = delete')
  } catch (error) {
    const failed = storeError(error, path)
    if ('code' in failed && failed.code === 'STORE_BUSY') throw failed
  } finally {
    database.close()
  }
}

/** Everything that is wrong with the store, one sentence each; none for a store that is whole. Reads every page. */
export function check(path: string): string[] {
  let database: DatabaseSync | undefined
  try {
    database = openDatabase({ path, readOnly: true })
    checkVersion(database, path)
    const pages = database
      .prepare('pragma integrity_check')
      .all()
      .map((row) => String(Object.values(row)[0]))
    return pages[0] === 'ok' ? invariants(database) : pages
  } catch (error) {
    const failed = storeError(error, path)
    if ('code' in failed && failed.code === 'STORE_CORRUPT') return [failed.message]
    throw failed
  } finally {
    database?.close()
  }
}
