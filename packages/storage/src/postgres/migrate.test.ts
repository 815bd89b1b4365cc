import { expect, test } from 'vitest'
import type { Connection } from './connection.ts'
import { migrate } from './migrate.ts'

test('a server that is too old is refused, by its version, before anything is written', async () => {
  const asked: string[] = []
  const old: Connection = {
    query: async (text) => {
      asked.push(text)
      return { rows: [{ version: '14.12 (Debian 14.12-1)' }], count: 1 }
    },
    script: async (text) => void asked.push(text),
  }
  await expect(migrate(old, { schema: 'sluice', shown: 'postgres://db.example.com/sluice' })).rejects.toMatchObject({
    code: 'STORE_FAILED',
    message:
      'The database is PostgreSQL 14.12 (Debian 14.12-1); the store needs 15 or newer (postgres://db.example.com/sluice).',
  })
  expect(asked).toHaveLength(1)
})
