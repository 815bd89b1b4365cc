import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface Migration {
  readonly version: number
  readonly name: string
  readonly sql: string
  readonly checksum: string
}

const folder = new URL('../migrations/', import.meta.url)

/** The migrations of a dialect, in order: `0001-first.sql` takes a store from version 0 to 1. */
export function migrationsOf(dialect: string): readonly Migration[] {
  const files = readdirSync(fileURLToPath(new URL(`${dialect}/`, folder)))
    .filter((file) => file.endsWith('.sql'))
    .toSorted()
  return files.map((file) => {
    const sql = readFileSync(new URL(`${dialect}/${file}`, folder), 'utf8').replaceAll('\r\n', '\n')
    const checksum = createHash('sha256').update(sql).digest('hex')
    return { version: Number(file.slice(0, 4)), name: file.slice(5, -4), sql, checksum }
  })
}
