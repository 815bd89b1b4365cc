import type { Store } from '@sluice/engine/store'
import { openChecked } from './open.ts'
import { sqliteStore } from './store.ts'

/** The same store without a thread, for tests: every commit blocks. `:memory:` leaves no file. */
export async function openSqliteInProcess(path: string): Promise<Store> {
  return sqliteStore(openChecked({ path }))
}
