import { openPostgres } from '@sluice/storage/postgres'
import { aDatabase, server } from '@sluice/storage/testing'
import { describe, test } from 'vitest'
import { expectEachOnce } from '../fixtures/backfilled.ts'

describe.runIf(server !== undefined)('on PostgreSQL', () => {
  test('servers that decide at the same moment make each run once', async () => {
    const database = await aDatabase()
    const stores = await Promise.all([1, 2, 3].map(() => openPostgres(database.url)))
    await expectEachOnce(stores)
    for (const store of stores) await store.close()
    await database.drop()
  })
})
