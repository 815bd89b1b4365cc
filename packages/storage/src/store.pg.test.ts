import { storeContract } from '@sluice/engine/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aSchema, server } from './testing.ts'
import { type Databases, embedded, onServer } from './testing/databases.ts'
import { migrate } from './postgres/migrate.ts'
import { postgresStore } from './postgres/store.ts'

test('where tests run for everybody there is a server', () => {
  expect(process.env['CI'] === 'true' && server === undefined).toBe(false)
})

// One or the other, never a skip.
if (server === undefined)
  describe('PostgreSQL in this process (PGlite)', () => {
    onEach(embedded)
  })
else
  describe('a PostgreSQL server', () => {
    onEach(() => onServer(server!))
  })

function onEach(start: () => Promise<Databases>): void {
  let databases: Databases
  beforeAll(async () => {
    databases = await start()
  })
  afterAll(() => databases.end())

  storeContract('PostgreSQL', async () => {
    const schema = aSchema()
    const connections = databases.connections(schema)
    await migrate(await connections.writer(), { schema, shown: 'test' })
    return {
      store: postgresStore({ connections, shown: 'test', patience: 10_000 }),
      cleanUp: () => databases.drop(schema),
    }
  })
}
