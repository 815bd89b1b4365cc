import type { DatabaseSync } from 'node:sqlite'
import { SluiceError } from '@sluice/core'
import { openChecked } from '../sqlite/open.ts'
import type { PostgresOptions } from './address.ts'
import { bound, type Connection } from './connection.ts'
import { postgresDialect } from './dialect.ts'
import { withConnection } from './maintenance.ts'
import { migrate } from './migrate.ts'

/** How many rows of each table were moved. */
export type Moved = Readonly<Record<string, number>>

/** Of one statement: rows, and characters of text. */
const MOST_ROWS = 2_000
const MOST_TEXT = 8_000_000

/**
 * Copies everything in a SQLite store to a PostgreSQL database that has none, in one transaction, and counts it there.
 * Nobody writes to the old store meanwhile; it stays as it is.
 *
 * @throws SluiceError STORE_BUSY where runs are active, STORE_FAILED where the database has runs already
 */
export async function moveToPostgres(path: string, url: string, options: PostgresOptions = {}): Promise<Moved> {
  return withConnection(url, options, async (connection, { schema, shown }) => {
    await migrate(connection, { schema, shown })
    return moveTo(connection, schema, path, shown)
  })
}

/** The same over a connection whose schema is there. */
export async function moveTo(connection: Connection, schema: string, path: string, shown: string): Promise<Moved> {
  const { writer: from, reader } = openChecked({ path })
  reader.close()
  try {
    from.exec('begin immediate')
    refuseActive(from)
    await connection.script('begin')
    try {
      await refuseFilled(connection, shown)
      const moved: Record<string, number> = {}
      for (const table of tablesOf(from)) moved[table] = await moveTable(from, connection, schema, table)
      await connection.script('commit')
      return moved
    } catch (error) {
      await connection.script('rollback').catch(() => {}) // whoever asked hears of the first
      throw error
    }
  } finally {
    from.close()
  }
}

function refuseActive(from: DatabaseSync): void {
  const query = `select id from runs where state in ('starting', 'running', 'canceling') limit 3`
  const active = from.prepare(query).all()
  if (active.length === 0) return
  throw new SluiceError('STORE_BUSY', `Runs are active: ${active.map((row) => String(row['id'])).join(', ')}.`, {
    hint: 'Wait for their end, or stop what executes them (server, workers); then try again.',
  })
}

async function refuseFilled(connection: Connection, shown: string): Promise<void> {
  const { rows } = await connection.query('select exists (select from runs) or exists (select from events) as filled')
  if (!(rows[0] as { filled: boolean }).filled) return
  throw new SluiceError('STORE_FAILED', `There are runs in ${shown} already.`, {
    hint: 'Name a schema that is empty: ?schema=NAME at the end of the address.',
  })
}

const tablesOf = (from: DatabaseSync): string[] =>
  from
    .prepare(
      `select name from sqlite_master where type = 'table' and name not like 'sqlite~_%' escape '~' order by name`,
    )
    .all()
    .map((row) => String(row['name']))
    .filter((name) => name !== 'migrations')

interface Column {
  readonly name: string
  readonly type: string
}

async function moveTable(from: DatabaseSync, to: Connection, schema: string, table: string): Promise<number> {
  const columns = await columnsOf(from, to, schema, table)
  const names = columns.map(({ name }) => `"${name}"`).join(', ')
  const arrays = columns.map(({ type }, nth) => `$${nth + 1}::${type}[]`).join(', ')
  const insert = `insert into "${table}" (${names}) select * from unnest(${arrays})`
  const isNumbered = columns.some(({ name }) => name === 'id') && table !== 'runs'
  let batch: unknown[][] = []
  let text = 0
  let count = 0
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return
    await to.query(
      insert,
      columns.map((column, nth) =>
        bound(
          batch.map((row) =>
            typeof row[nth] === 'string' ? postgresDialect.storable(row[nth]) : fitted(row[nth], column),
          ),
        ),
      ),
    )
    count += batch.length
    batch = []
    text = 0
  }
  // In the order of their numbers, where they have some: the order in which things happened.
  const query = `select ${names} from "${table}"${isNumbered ? ' order by id' : ''}`
  for (const row of from.prepare(query).iterate()) {
    const values = columns.map(({ name }) => row[name])
    batch.push(values)
    for (const value of values) if (typeof value === 'string') text += value.length
    if (batch.length >= MOST_ROWS || text >= MOST_TEXT) await flush()
  }
  await flush()
  await goOnNumbering(from, to, schema, table)
  const { rows } = await to.query(`select count(*) as count from "${table}"`)
  const found = (rows[0] as { count: number }).count
  const expected = Number(from.prepare(`select count(*) as count from "${table}"`).get()!['count'])
  if (found !== expected || count !== expected)
    throw new SluiceError('STORE_FAILED', `Of ${expected} rows of ${table} ${found} arrived.`)
  return count
}

/** SQLite keeps whatever number it is given; columns of whole ones hold nothing else. */
const fitted = (value: unknown, { type }: Column): unknown =>
  typeof value === 'number' && type !== 'double precision' ? Math.round(value) : value

async function columnsOf(from: DatabaseSync, to: Connection, schema: string, table: string): Promise<Column[]> {
  const { rows } = await to.query(
    'select column_name as name, data_type as type from information_schema.columns where table_schema = $1 and table_name = $2',
    [schema, table],
  )
  const types = new Map((rows as readonly Column[]).map(({ name, type }) => [name, type]))
  return from
    .prepare(`select name from pragma_table_info('${table}')`)
    .all()
    .map((row) => {
      const name = String(row['name'])
      const type = types.get(name)
      if (type === undefined)
        throw new SluiceError('INTERNAL', `The column ${table}.${name} is not known to PostgreSQL.`)
      return { name, type }
    })
}

/** What is made from now on gets numbers above all that ever were. */
async function goOnNumbering(from: DatabaseSync, to: Connection, schema: string, table: string): Promise<void> {
  const { rows } = await to.query(
    `select is_identity from information_schema.columns
      where table_schema = $1 and table_name = $2 and column_name = 'id'`,
    [schema, table],
  )
  const [id] = rows as readonly { is_identity: string }[]
  if (table !== 'events' && id?.is_identity !== 'YES') return
  const sequence = table === 'events' ? `'event_numbers'` : `pg_get_serial_sequence('${schema}.${table}', 'id')`
  const used = from.prepare('select seq from sqlite_sequence where name = ?').get(table)
  const newest = from.prepare(`select max(id) as id from "${table}"`).get()!
  const last = Math.max(Number(used?.['seq'] ?? 0), Number(newest['id'] ?? 0))
  if (last > 0) await to.query(`select setval(${sequence}, $1)`, [String(last)])
}
