import type { DuckDBConnection } from '@duckdb/node-api'

/** All of it or nothing; what was committed is on disk. */
export async function inTransaction<T>(connection: DuckDBConnection, work: () => Promise<T>): Promise<T> {
  await connection.run('begin')
  try {
    const result = await work()
    await connection.run('commit')
    return result
  } catch (error) {
    // A failed statement may have ended the transaction already; the first error is the one that counts.
    await connection.run('rollback').catch(() => undefined)
    throw error
  }
}
