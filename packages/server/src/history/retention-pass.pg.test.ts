import { checkPostgres, openPostgres } from '@sluice/storage/postgres'
import { aDatabase, server } from '@sluice/storage/testing'
import { describe, expect, test } from 'vitest'
import { expectKept, keepMonth, tables } from '../fixtures/keep-month.ts'

describe.runIf(server !== undefined)('on PostgreSQL', () => {
  test('thirty days of an installation that goes on: as many rows as there were, and what is current', async () => {
    const database = await aDatabase()
    const store = await openPostgres(database.url)
    const byDay = await keepMonth(store, async () => {
      const counts = tables.map((table) => `(select count(*)::int from ${table}) as ${table}`)
      const { rows } = await database.sql.query<Record<string, number>>(`select ${counts.join(', ')}`)
      return rows[0]!
    })
    const rows = byDay[9]!
    expect(byDay[29]).toEqual({ ...rows, steps: rows['steps']! + 20, log_lines: rows['log_lines']! + 20 })
    await expectKept(store)
    await store.close()
    expect(await checkPostgres(database.url)).toEqual([])
    await database.drop()
  })
})
