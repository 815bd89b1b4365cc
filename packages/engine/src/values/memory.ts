import {
  type Column,
  type IoFactory,
  type IoManager,
  type Json,
  type Rows,
  type Table,
  type WriteContext,
  SluiceError,
  decode,
  rowEncoder,
} from '@sluice/core'

type Kept = { readonly text: string } | { readonly rows: readonly string[] }

/** Values in memory, encoded as they would be on disk: what cannot be stored fails here too. Gone with the process. */
export function memory(): IoFactory {
  const kept = new Map<string, Kept>()
  return { name: 'memory', open: () => Promise.resolve(openMemory(kept)) }
}

function openMemory(kept: Map<string, Kept>): IoManager {
  const find = (ref: Json, name: string): Kept => {
    const found = kept.get(ref as string)
    if (found) return found
    throw new SluiceError('VALUE_MISSING', `The value of "${name}" is no longer in memory.`)
  }
  return {
    name: 'memory',
    sql: false,
    async write(value, context) {
      const { run, epoch, step, attempt } = context.slot
      const ref = `${context.name}|${context.partition ?? ''}|${run}-${epoch}-${step}-${attempt}`
      if (!context.columns) {
        kept.set(ref, { text: value as string })
        return { ref, bytes: (value as string).length, rows: null }
      }
      const rows = await encodeRows(value as Rows<unknown>, context, context.columns)
      kept.set(ref, { rows })
      return { ref, bytes: rows.reduce((sum, row) => sum + row.length, 0), rows: rows.length }
    },
    read(ref, { name }) {
      const found = find(ref, name)
      return Promise.resolve(
        'rows' in found ? tableOf(name, found.rows.length, (index) => decode(found.rows[index]!)) : decode(found.text),
      )
    },
    remove(refs) {
      for (const ref of refs) kept.delete(ref as string)
      return Promise.resolve()
    },
    close: () => Promise.resolve(),
  }
}

async function encodeRows(
  rows: Rows<unknown>,
  { name, signal }: WriteContext,
  columns: readonly Column[],
): Promise<string[]> {
  const lines: string[] = []
  const encoded = rowEncoder(name, columns)
  for await (const row of rows) {
    lines.push(encoded(row))
    signal.throwIfAborted()
  }
  return lines
}

/** Rows as the table that a downstream reads: an input for a test. */
export function table<Row>(rows: readonly Row[], name = 'given'): Table<Row> {
  return tableOf(name, rows.length, (index) => rows[index]!)
}

function tableOf<Row>(name: string, count: number, at: (index: number) => Row): Table<Row> {
  async function* rows({ limit = Infinity }: { limit?: number } = {}): AsyncGenerator<Row> {
    for (let index = 0; index < Math.min(count, limit); index++) yield at(index)
  }
  return { name, rows, toArray: () => Promise.resolve(Array.from({ length: count }, (_, index) => at(index))) }
}
