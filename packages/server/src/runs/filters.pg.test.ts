import { openPostgres } from '@sluice/storage/postgres'
import { aDatabase, server } from '@sluice/storage/testing'
import { afterAll, describe } from 'vitest'
import { filtersOfRuns } from '../fixtures/filters-of-runs.ts'

describe.runIf(server !== undefined)('on PostgreSQL', () => {
  const databases: Awaited<ReturnType<typeof aDatabase>>[] = []
  const open = async () => {
    const database = await aDatabase()
    databases.push(database)
    return openPostgres(database.url)
  }
  // As autovacuum does within a minute.
  filtersOfRuns(open, () => databases.at(-1)!.sql.query('analyze'))
  afterAll(async () => {
    await Promise.all(databases.map((one) => one.drop()))
  })
})
