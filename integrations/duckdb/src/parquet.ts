import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { isAbsolute, join, sep } from 'node:path'
import {
  type Column,
  decode,
  type IoFactory,
  type IoManager,
  isSql,
  type Json,
  SluiceError,
  type WriteContext,
  type Written,
} from '@sluice/core'
import { isRowSource } from './append-rows.ts'
import { checkSql } from './check-sql.ts'
import { type Database, database, type DatabaseOptions } from './database.ts'
import { noTable } from './duckdb.ts'
import { orDiskFull } from './disk-full.ts'
import { linkLatest, writeDurably } from './durable-file.ts'
import { segment, slotOf, slotSuffix } from './names.ts'
import { parquet as parquetSource, placed } from './relation.ts'
import { tableOf } from './table.ts'
import { type Copied, copyRows, copySql } from './write-parquet.ts'

export interface ParquetOptions extends DatabaseOptions {
  /** Default `'zstd'`. */
  readonly compression?: 'zstd' | 'snappy' | 'gzip' | 'uncompressed'
}

/** What `read` needs: the file below the folder, and for a table the columns it was written with. */
type Ref = { readonly file: string; readonly columns?: readonly Column[] }

/**
 * Values in a folder: `values: parquet('data')`. An asset with `columns` is a Parquet file for each slot,
 * `data/marts/revenue/@2026-01-01/<slot>.parquet`, with `latest.parquet` beside it pointing at the published one;
 * everything else is a file of encoded JSON. Queries run in DuckDB, on those files.
 *
 * @param folder relative to the project's folder.
 */
export function parquet(folder: string, options: ParquetOptions = {}): IoFactory {
  return {
    name: 'parquet',
    open: async ({ root }) => manager(isAbsolute(folder) ? folder : join(root, folder), options),
  }
}

/** Rows pass through a DuckDB file outside of the project that is deleted at the end: it keeps memory bounded. */
interface Scratch {
  use(): Promise<Database>
  close(): Promise<void>
}

function manager(folder: string, options: ParquetOptions): IoManager {
  const scratch = scratchFor(options)
  const full = (error: unknown): never => {
    throw orDiskFull(error, folder)
  }
  return {
    name: 'parquet',
    sql: true,
    write: (value, context) =>
      context.columns
        ? writeTable(folder, scratch, value, context, context.columns, options).catch(full)
        : writeValue(folder, value as string, context).catch(full),
    async read(ref, { name }) {
      const { file, columns } = ref as unknown as Ref
      const path = join(folder, file)
      if (!columns) return decode(await readText(path, name))
      const store = await scratch.use()
      return placed(tableOf(name, columns, parquetSource([path]), store), {
        kind: 'parquet',
        database: store,
        file: path,
      })
    },
    published: async (ref) => linkLatest(join(folder, (ref as unknown as Ref).file)),
    async remove(refs) {
      for (const ref of refs) await rm(join(folder, (ref as unknown as Ref).file), { force: true })
    },
    list: () => list(folder),
    checkSql,
    close: () => scratch.close(),
  }
}

function scratchFor(options: ParquetOptions): Scratch {
  let opening: Promise<{ path: string; store: Database }> | undefined
  const open = async (): Promise<{ path: string; store: Database }> => {
    const path = await mkdtemp(join(tmpdir(), 'sluice-parquet-'))
    return { path, store: database(join(path, 'scratch.duckdb'), false, options) }
  }
  return {
    use: async () => (await (opening ??= open())).store,
    async close() {
      if (!opening) return
      const { path, store } = await opening
      opening = undefined
      await store.close()
      await rm(path, { recursive: true, force: true })
    },
  }
}

function fileFor({ name, partition, slot }: WriteContext, extension: string): string {
  const folders = name.split('/').map(segment)
  // `@` is escaped in names, so that no asset has the folder of another one's partition.
  if (partition !== null) folders.push(`@${segment(partition)}`)
  return [...folders, `${slotSuffix(slot)}.${extension}`].join('/')
}

async function writeTable(
  folder: string,
  scratch: Scratch,
  value: unknown,
  context: WriteContext,
  columns: readonly Column[],
  options: ParquetOptions,
): Promise<Written> {
  const { name: asset, signal } = context
  const file = fileFor(context, 'parquet')
  const store = await scratch.use()
  let rows = 0
  await writeDurably(join(folder, file), (path) =>
    store.use(async (connection) => {
      const target: Copied = {
        asset,
        columns,
        path,
        compression: options.compression ?? 'zstd',
        table: `copy_${digest(file)}`,
      }
      const site = { database: store, connection, signal }
      if (isSql(value)) rows = await copySql(value, target, site)
      else if (isRowSource(value)) rows = await copyRows(value, target, site)
      else throw noTable(asset, value)
    }, signal),
  )
  const { size } = await stat(join(folder, file))
  return { ref: { file, columns: columns as unknown as Json }, bytes: size, rows }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)

async function writeValue(folder: string, text: string, context: WriteContext): Promise<Written> {
  const file = fileFor(context, 'json')
  await writeDurably(join(folder, file), text)
  return { ref: { file }, bytes: Buffer.byteLength(text), rows: null }
}

async function readText(path: string, name: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new SluiceError('VALUE_MISSING', `The stored value of "${name}" is gone.`, {
      cause,
      hint: `Make it again: sluice materialize '${name}'.`,
    })
  }
}

async function* list(folder: string): NonNullable<ReturnType<NonNullable<IoManager['list']>>> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  for (const entry of files) {
    const [, stem, extension] = /^(.+)\.(parquet|json|parquet\.part|json\.part)$/.exec(entry.name) ?? []
    const slot = entry.isFile() && stem ? slotOf(stem) : undefined
    if (!slot) continue
    const file = join(entry.parentPath, entry.name)
      .slice(folder.length + 1)
      .split(sep)
      .join('/')
    yield { slot, ref: { file, ...(extension === 'parquet' && { columns: [] }) } }
  }
}
