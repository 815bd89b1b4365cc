import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { check, openSqliteInProcess } from '@sluice/storage'
import { expect, test } from 'vitest'
import { expectKept, keepMonth, tables } from '../fixtures/keep-month.ts'

test('thirty days of an installation that goes on: the store stays as large as it was, and keeps what is current', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-retention-'))
  const path = join(folder, 'sluice.db')
  const store = await openSqliteInProcess(path)
  const raw = new DatabaseSync(path, { readOnly: true })
  const one = (query: string): number => Number(Object.values(raw.prepare(query).get()!)[0])
  const byDay = await keepMonth(store, async () => ({
    pages: one('pragma page_count'),
    ...Object.fromEntries(tables.map((table) => [table, one(`select count(*) from ${table}`)])),
  }))
  const { pages, ...rows } = byDay[9]!
  const { pages: pagesLater, ...rowsLater } = byDay[29]!
  // One step and one line of the run that goes on are added every day.
  expect(rowsLater).toEqual({ ...rows, steps: rows['steps']! + 20, log_lines: rows['log_lines']! + 20 })
  expect(pagesLater).toBeLessThan(pages! * 1.2)
  expect(one('pragma auto_vacuum')).toBe(2)
  raw.close()
  await expectKept(store)
  await store.close()
  expect(check(path)).toEqual([])
  await rm(folder, { recursive: true })
})
