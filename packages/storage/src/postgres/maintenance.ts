import { rules } from '../invariants.ts'
import { migrationsOf } from '../migrate.ts'
import { addressOf, type Address, type PostgresOptions } from './address.ts'
import type { Connection } from './connection.ts'
import { openConnections } from './connections.ts'
import { pgError } from './errors.ts'
import { checkVersion } from './migrate.ts'

/** Runs with one connection to a database, and closes it. */
export async function withConnection<T>(
  url: string,
  options: PostgresOptions,
  use: (connection: Connection, address: Address) => Promise<T>,
): Promise<T> {
  const address = addressOf(url, options)
  const connections = openConnections(address)
  try {
    return await use(await connections.writer(), address)
  } catch (error) {
    throw pgError(error, address.shown)
  } finally {
    await connections.close()
  }
}

/** Everything that is wrong with the store, one sentence each; none for a store that is whole. Changes nothing. */
export async function checkPostgres(url: string, options: PostgresOptions = {}): Promise<string[]> {
  return withConnection(url, options, async (connection, address) => {
    const newest = migrationsOf('postgres').at(-1)!.version
    const version = await checkVersion(connection, address, newest)
    if (version === 0) return [`There is no store in the schema "${address.schema}".`]
    if (version < newest) return [`The schema is ${version}; this Sluice writes ${newest}: sluice db migrate.`]
    return brokenRules(connection)
  })
}

async function brokenRules(connection: Connection): Promise<string[]> {
  const broken: string[] = []
  // One moment for all of them: others may be writing.
  await connection.script('begin isolation level repeatable read read only')
  for (const { says, query } of rules) {
    const { rows } = await connection.query(`select what from (${query}) as found limit 3`)
    if (rows.length > 0) broken.push(`${says}: ${rows.map((row) => (row as { what: string }).what).join(', ')}`)
  }
  await connection.script('commit')
  return broken
}
