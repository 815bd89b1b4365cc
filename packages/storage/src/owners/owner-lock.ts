import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { storeError } from '../sqlite/errors.ts'

export interface Owner {
  /** What the runs of this process carry as their `owner`. */
  readonly id: string
  release(): void
}

/** Locks that are held: a connection that nobody refers to is closed by the garbage collector, and frees its lock. */
const held = new Set<DatabaseSync>()

/**
 * Holds a lock of the operating system for as long as this process lives: a stopped process keeps it, a killed one
 * frees it. `home` is the `.sluice` folder. The lock is SQLite's own exclusive one on an empty file, as Node has no
 * other; do not open that file by other means, since closing it would free the lock (POSIX).
 */
export function holdOwner(home: string): Owner {
  mkdirSync(join(home, 'owners'), { recursive: true })
  for (;;) {
    const id = `o${randomBytes(10).toString('hex')}`
    const path = lockPath(home, id)
    const lock = openLock(path)
    lock.exec('pragma journal_mode = memory; begin exclusive') // nothing is written: no journal beside the file
    // Between the making of the file and the lock on it somebody may have taken it for a dead one's and removed it.
    if (existsSync(path)) {
      held.add(lock)
      return { id, release: () => release(lock, path) }
    }
    lock.close()
  }
}

function release(lock: DatabaseSync, path: string): void {
  if (!lock.isOpen) return
  rmSync(path, { force: true }) // before the lock is freed: nobody can hold what is gone
  lock.close()
  held.delete(lock)
}

/** Does the process that holds this lock still exist, running or stopped? */
export function ownerIsAlive(home: string, id: string): boolean {
  const path = lockPath(home, id)
  if (!existsSync(path)) return false
  const lock = openLock(path, 0)
  try {
    // A read takes a shared lock: two processes that ask at once do not see each other.
    return !isFree(lock, 'begin; select count(*) from sqlite_master; commit', path)
  } finally {
    lock.close()
  }
}

/**
 * Did this process end without giving its lock back? Only what it left behind here says so: of processes of other
 * machines nothing is known.
 */
export const ownerDied = (home: string, id: string): boolean =>
  existsSync(lockPath(home, id)) && !ownerIsAlive(home, id)

/** Removes the files of owners that are gone; gives their ids. */
export function removeDeadOwners(home: string): string[] {
  const folder = join(home, 'owners')
  if (!existsSync(folder)) return []
  const ids = readdirSync(folder)
    .filter((file) => file.endsWith('.lock'))
    .map((file) => file.slice(0, -'.lock'.length))
  return ids.filter((id) => removeIfDead(lockPath(home, id)))
}

function removeIfDead(path: string): boolean {
  if (!existsSync(path)) return false
  const lock = openLock(path, 0)
  try {
    if (!isFree(lock, 'pragma journal_mode = memory; begin exclusive', path)) return false
    rmSync(path, { force: true }) // under the lock: an owner that was about to take it looks, and takes another
    return true
  } finally {
    lock.close()
  }
}

function isFree(lock: DatabaseSync, sql: string, path: string): boolean {
  try {
    lock.exec(sql)
    return true
  } catch (error) {
    const failed = storeError(error, path)
    if ('code' in failed && failed.code === 'STORE_BUSY') return false
    if (!existsSync(path)) return true // removed meanwhile
    throw failed
  }
}

const lockPath = (home: string, id: string): string => join(home, 'owners', `${id.replaceAll(/[^\w-]/g, '_')}.lock`)

function openLock(path: string, timeout = 5000): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout })
  } catch (error) {
    throw storeError(error, path)
  }
}
