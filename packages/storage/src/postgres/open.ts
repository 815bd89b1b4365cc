import { setTimeout as sleep } from 'node:timers/promises'
import { addressOf, type PostgresOptions } from './address.ts'
import { openConnections } from './connections.ts'
import { isLost, pgError } from './errors.ts'
import { migrate } from './migrate.ts'
import { postgresStore, type SharedStore } from './store.ts'

const PATIENCE = 10 * 60_000
const CONNECT_PATIENCE = 5_000

/**
 * Opens the store in a PostgreSQL database (15 or newer), in a schema of its own, which is made and brought up to date.
 * Any number of processes may.
 *
 * @throws SluiceError STORE_UNREACHABLE, STORE_TOO_NEW, STORE_READ_ONLY, STORE_CORRUPT (another program's schema),
 *   CONFIG_INVALID for what is no address; never with a secret in it.
 */
export async function openPostgres(url: string, options: PostgresOptions = {}): Promise<SharedStore> {
  const address = addressOf(url, options)
  const { shown } = address
  const connections = openConnections(address)
  const until = performance.now() + (options.connectPatience ?? CONNECT_PATIENCE)
  for (;;) {
    try {
      await migrate(await connections.writer(), address)
      return postgresStore({ connections, shown, patience: options.patience ?? PATIENCE })
    } catch (error) {
      await connections.dropWriter()
      if (!isLost(error) || performance.now() > until) {
        await connections.close()
        throw pgError(error, shown)
      }
      await sleep(100)
    }
  }
}
