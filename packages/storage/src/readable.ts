import { SluiceError } from '@sluice/core'

/** Rows that were told of. */
const told = new Set<string>()

/**
 * What rows say, each read by itself: one that is damaged is left out, so that the others go on, and told of once, as a
 * warning of the process.
 */
export function readable<Row, T>(
  table: string,
  rows: readonly Row[],
  read: (row: Row) => T,
  nameOf: (row: Row) => string | number,
): T[] {
  return rows.flatMap((row) => {
    try {
      return [read(row)]
    } catch (error) {
      const name = `${table} ${nameOf(row)}`
      const text = `A row of the store cannot be read and is left out: ${name} (${(error as Error).message})`
      if (!told.has(name)) process.emitWarning(text, { code: 'STORE_CORRUPT' })
      told.add(name)
      return []
    }
  })
}

/** What a row is refused with that does not say what it should. */
export const damagedRow = (what: string, cause: unknown): SluiceError =>
  new SluiceError('STORE_CORRUPT', `The row of ${what} is damaged: ${(cause as Error).message}.`, {
    cause,
    hint: '`sluice db check` looks at the whole store, `sluice db restore FILE` brings back a backup.',
  })
