import { openPostgres } from '@sluice/storage/postgres'
import { aDatabase, server } from '@sluice/storage/testing'
import { describe, test } from 'vitest'
import { expectOneDecides } from '../fixtures/looked-once.ts'
import { openLooking } from '../fixtures/looking.ts'

describe.runIf(server !== undefined)('on PostgreSQL', () => {
  test('servers that look at the same moment request each change once', async () => {
    const database = await aDatabase()
    const stores = await Promise.all([0, 1, 2].map(() => openPostgres(database.url)))
    const the = await openLooking('2026-01-01T12:00:00Z', stores)
    await expectOneDecides(
      the,
      [0, 1, 2].map((nth) => the.its.conditions(nth)),
    )
    await the.close()
    await database.drop()
  })
})
