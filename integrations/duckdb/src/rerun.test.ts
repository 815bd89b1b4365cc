import { execFile } from 'node:child_process'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, beforeEach, expect, test } from 'vitest'

const main = join(import.meta.dirname, '../../../packages/sluice/bin/sluice.js')

/** The shape of examples/flights, small: days of rows, a view over them, and one over that. `count` dies where `die` is. */
const pipeline = `
import { existsSync } from 'node:fs'
import { daily, sql, sqlAsset, asset } from 'sluice'
import { z } from 'zod'
const days = daily({ start: '2001-01-01', end: '2001-01-05', timeZone: 'UTC' })
const Row = z.object({ n: z.int(), made: z.string() })
export const raw = asset('raw', { partitions: days, columns: Row },
  () => sql\`select range as n, concat(uuid()::varchar, range) as made from range(60000)\`)
export const large = sqlAsset('large', { inputs: { r: raw }, columns: Row, materialize: 'view',
  sql: ({ r }) => sql\`select \${r.n}, \${r.made} from \${r} where \${r.n} >= 59990\` })
export const count = sqlAsset('count', { inputs: { l: large }, columns: z.object({ rows: z.int() }), materialize: 'view',
  sql: ({ l }) => {
    if (existsSync('die')) process.kill(process.pid, 'SIGKILL')
    return sql\`select count(*) as rows from \${l}\`
  } })
`
const config = `
import { defineConfig } from 'sluice'
import { duckdb } from '@sluice/duckdb'
export default defineConfig({ entry: 'pipeline.ts', values: duckdb('days.duckdb'), keepVersions: 1 })
`

let folder: string
beforeEach(async () => {
  // Inside the checkout: the packages that the pipeline imports are found from here.
  folder = await mkdtemp(join(import.meta.dirname, '.rerun-'))
  await writeFile(join(folder, 'pipeline.ts'), pipeline)
  await writeFile(join(folder, 'sluice.config.ts'), config)
})
afterEach(() => rm(folder, { recursive: true }))

const sluice = async (...args: string[]): Promise<void> => {
  await promisify(execFile)(process.execPath, [main, ...args], { cwd: folder })
}
const materialize = async (selection: string): Promise<number> => {
  await sluice('materialize', selection, '--partition', 'all')
  return (await stat(join(folder, 'days.duckdb'))).size
}
/** What a person sees or does who opens the file. */
const seen = async (text: string): Promise<unknown[]> => {
  const instance = await DuckDBInstance.create(join(folder, 'days.duckdb'))
  const connection = await instance.connect()
  const rows = (await connection.runAndReadAll(text)).getRows()
  connection.closeSync()
  instance.closeSync()
  return rows
}
const tables = `select count(*)::int from duckdb_tables() where schema_name = 'sluice' and table_name like 'raw%'`

test(
  'making everything again and again takes the room of two, and views still read',
  { timeout: 300_000 },
  async () => {
    const first = await materialize('*')
    const second = await materialize('*')
    const sizes = [await materialize('*'), await materialize('*'), await materialize('*')]
    expect(second).toBeGreaterThan(1.5 * first)
    for (const size of sizes) expect(size).toBeLessThan(second + 0.5 * first)
    expect(await seen('select rows from count')).toEqual([[40n]])
    expect(await seen(tables)).toEqual([[4]])
  },
)

test('a view that is not made again keeps what it reads', { timeout: 300_000 }, async () => {
  await materialize('*')
  await materialize('raw')
  await materialize('raw')
  expect(await seen('select rows from count')).toEqual([[40n]])
  expect(await seen(tables)).toEqual([[8]])
  await sluice('materialize', 'key:large or key:count')
  expect(await seen(tables)).toEqual([[4]])
})

test('a run that goes on tells people of what it made before its process was gone', { timeout: 300_000 }, async () => {
  await writeFile(join(folder, 'die'), '')
  await expect(materialize('*')).rejects.toThrow(/./)
  await rm(join(folder, 'die'))
  // As if it had died a moment earlier, between the commit and what it tells.
  await seen(`drop view if exists raw; drop view if exists large; delete from sluice.slices`)
  await sluice('runs', 'resume', 'latest')
  expect(await seen('select count(*)::int from raw')).toEqual([[240_000]])
  expect(await seen('select rows, (select count(*)::int from large) from count')).toEqual([[40n, 40]])
})
