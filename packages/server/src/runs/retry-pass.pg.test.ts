import { openPostgres } from '@sluice/storage/postgres'
import { aDatabase, server } from '@sluice/storage/testing'
import { describe, test } from 'vitest'
import { expectOneRetry } from '../fixtures/retried.ts'

describe.runIf(server !== undefined)('on PostgreSQL', () => {
  test.each(['failure', 'start'] as const)(
    'servers that see the same end make one retry, from the %s',
    async (from) => {
      const database = await aDatabase()
      const stores = await Promise.all([1, 2, 3].map(() => openPostgres(database.url)))
      await expectOneRetry(stores, from)
      for (const store of stores) await store.close()
      await database.drop()
    },
  )
})
