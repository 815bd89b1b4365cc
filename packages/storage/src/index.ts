import type { Store } from '@sluice/engine/store'

export { holdOwner, ownerDied, ownerIsAlive, removeDeadOwners, type Owner } from './owners/owner-lock.ts'
export { type Backups, openBackups } from './sqlite/backups.ts'
export { backup, check, restore } from './sqlite/maintenance.ts'
export { schemaVersion } from './sqlite/migrate.ts'
export { openSqliteStore } from './sqlite/open-thread.ts'
export type { OpenOptions } from './sqlite/open-database.ts'

/**
 * The SQLite store without a thread, for tests: every commit blocks this one. `:memory:` leaves no file. Loaded when
 * called, as a process whose store is in a thread needs none of it.
 */
export async function openSqliteInProcess(path: string): Promise<Store> {
  const { openSqliteInProcess: open } = await import('./sqlite/open-in-process.ts')
  return open(path)
}
