import { isAbsolute, join } from 'node:path'
import {
  type Column,
  decode,
  type IoFactory,
  type IoManager,
  isSql,
  type Json,
  type ReadContext,
  SluiceError,
  type WriteContext,
  type Written,
} from '@sluice/core'
import { isRowSource } from './append-rows.ts'
import { checkSql } from './check-sql.ts'
import { type Database, database, type DatabaseOptions } from './database.ts'
import { quote, SCHEMA, slotName, slotOf } from './names.ts'
import { published } from './published.ts'
import { placed } from './relation.ts'
import { tableOf } from './table.ts'
import { type Ref, removeAll } from './remove.ts'
import { inTransaction } from './transaction.ts'
import { tableFromRows, tableFromSql, viewFromSql } from './write-table.ts'

/**
 * Values in a DuckDB file: `values: duckdb('warehouse.duckdb')`. An asset with `columns` is a table, and its latest
 * slices are the view of its name (`marts/revenue` is `marts.revenue`) for whoever opens the file. Everything else is
 * encoded text in `sluice.encoded`. One process at a time can have the file open.
 *
 * @param file relative to the project's folder.
 */
export function duckdb(file: string, options: DatabaseOptions = {}): IoFactory {
  return {
    name: 'duckdb',
    open: async ({ root, readOnly }) =>
      manager(database(isAbsolute(file) ? file : join(root, file), readOnly, options)),
  }
}

function manager(store: Database): IoManager {
  const views = published(store)
  return {
    name: 'duckdb',
    sql: true,
    write: (value, context) =>
      context.columns
        ? writeTable(store, value, context, context.columns)
        : writeValue(store, value as string, context),
    read: async (ref, context) => readRef(store, ref as unknown as Ref, context),
    async published(ref, { name, partition }) {
      const kept = ref as unknown as Ref
      if ('value' in kept) return
      await views.publish({
        asset: name,
        partition,
        place: 'table' in kept ? kept.table : kept.view,
        columns: kept.columns,
      })
    },
    remove: (refs) => removeAll(store, views, refs as unknown as readonly Ref[]),
    list: () => list(store),
    checkSql,
    async close() {
      await views.settle()
      await store.close()
    },
  }
}

async function writeTable(
  store: Database,
  value: unknown,
  context: WriteContext,
  columns: readonly Column[],
): Promise<Written> {
  const { name: asset, signal } = context
  const table = slotName(asset, context.partition, context.slot)
  const target = { schema: SCHEMA, table, asset, columns }
  return store.use(async (connection) => {
    const site = { database: store, connection, signal }
    const kept = columns as unknown as Json
    if (isSql(value) && context.view) {
      await viewFromSql(value, target, site)
      return { ref: { view: table, columns: kept }, bytes: null, rows: null }
    }
    const rows = await inTransaction(connection, () => {
      if (isSql(value)) return tableFromSql(value, target, site)
      if (isRowSource(value)) return tableFromRows(value, target, site)
      throw noTable(asset, value)
    })
    return { ref: { table, columns: kept }, bytes: null, rows }
  }, signal)
}

export function noTable(asset: string, value: unknown): SluiceError {
  return new SluiceError(
    'RESULT_NOT_STORABLE',
    `"${asset}" has columns, so its function gives rows or SQL, but it gave ${value === null ? 'null' : `a ${typeof value}`}.`,
    {
      hint: 'Return an array, a generator or sql`…`; or take `columns` away, to store any value.',
    },
  )
}

/** @param text the value's encoding. */
async function writeValue(
  store: Database,
  text: string,
  { name, partition, slot, signal }: WriteContext,
): Promise<Written> {
  const place = slotName(name, partition, slot)
  await store.use(
    (connection) => connection.run(`insert into ${SCHEMA}.encoded values ($1, $2)`, [place, text]),
    signal,
  )
  return { ref: { value: place }, bytes: Buffer.byteLength(text), rows: null }
}

async function readRef(store: Database, ref: Ref, { name }: ReadContext): Promise<unknown> {
  if (!('value' in ref)) {
    const place = 'table' in ref ? ref.table : ref.view
    return placed(tableOf(name, ref.columns, quote(SCHEMA, place), store), { kind: 'table', database: store, place })
  }
  const text = await store.use(async (connection) => {
    const found = await connection.runAndReadAll(`select text from ${SCHEMA}.encoded where place = $1`, [ref.value])
    return found.getRows()[0]?.[0]
  })
  if (typeof text === 'string') return decode(text)
  throw new SluiceError('VALUE_MISSING', `The stored value of "${name}" is gone.`, {
    hint: `Make it again: sluice materialize '${name}'.`,
  })
}

const listings = {
  table: `select table_name from duckdb_tables() where schema_name = '${SCHEMA}' and not temporary and table_name not in (from ${SCHEMA}.unwanted)`,
  view: `select view_name from duckdb_views() where schema_name = '${SCHEMA}' and view_name not in (from ${SCHEMA}.unwanted)`,
  value: `select place from ${SCHEMA}.encoded`,
} as const

async function* list(store: Database): NonNullable<ReturnType<NonNullable<IoManager['list']>>> {
  for (const [kind, text] of Object.entries(listings)) {
    const found = await store.use((connection) => connection.runAndReadAll(text))
    for (const [place] of found.getRows() as [string][]) {
      const slot = slotOf(place)
      if (slot) yield { slot, ref: { [kind]: place, ...(kind !== 'value' && { columns: [] }) } }
    }
  }
}
