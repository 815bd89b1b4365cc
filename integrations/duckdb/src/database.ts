import { mkdir, open, realpath } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { type Duration, log, milliseconds, SluiceError } from '@sluice/core'
import { orDiskFull } from './disk-full.ts'
import { quoteText, SCHEMA } from './names.ts'

export interface DatabaseOptions {
  /** What DuckDB may use before it spills to disk, like `'2GB'`. Default `'1GB'`. */
  readonly memory?: string
  /** Default: one for each core. */
  readonly threads?: number
  /** How long to wait for another process that holds the file. Default `'5s'`. */
  readonly wait?: Duration
}

/** A DuckDB file, opened when it is first needed: a process that does not need it does not lock it. */
export interface Database {
  /** The file, or `:memory:`. */
  readonly path: string
  /** With a connection of its own, closed at the end. Aborting interrupts what it runs. */
  use<T>(work: (connection: DuckDBConnection) => Promise<T>, signal?: AbortSignal): Promise<T>
  /** A connection that the caller gives back. */
  hold(): Promise<{ readonly connection: DuckDBConnection; release(): void }>
  /** Gives up what DuckDB holds of blocks that are on disk. For streams: nothing comes by them twice. */
  trim(): Promise<void>
  /** One after another: what changes the catalog at the same place. */
  inTurn<T>(work: () => Promise<T>): Promise<T>
  close(): Promise<void>
}

const MEMORY = '1GB'
const TRIMMED = '16MB'

const setup = `
  create schema if not exists ${SCHEMA};
  create table if not exists ${SCHEMA}.slices (
    asset varchar not null, partition varchar, place varchar not null, columns json not null, published_at timestamp not null);
  create table if not exists ${SCHEMA}.encoded (place varchar not null, text varchar not null);
  create table if not exists ${SCHEMA}.unwanted (place varchar not null);`

/** @throws SluiceError (from `use` and `connect`) STORE_BUSY where another process holds the file. */
export function database(path: string, readOnly: boolean, options: DatabaseOptions): Database {
  let opening: Promise<DuckDBInstance> | undefined
  let last: Promise<unknown> = Promise.resolve()
  const instance = (): Promise<DuckDBInstance> => {
    opening ??= openInstance(path, readOnly, options)
    // A failure to open is no state: the next use tries again.
    opening.catch(() => (opening = undefined))
    return opening
  }
  let held = 0
  const hold = async (): ReturnType<Database['hold']> => {
    const connection = await (await instance()).connect()
    held += 1
    const release = (): void => {
      held -= 1
      connection.closeSync()
    }
    return { connection, release }
  }
  return {
    path,
    hold,
    async trim() {
      // Others could need the memory in the moment that there is none.
      if (held > 1) return
      const connection = await (await instance()).connect()
      try {
        // Lowering the limit is what makes DuckDB give up blocks; it refuses where not enough can be.
        await connection.run(`set memory_limit = '${TRIMMED}'`).catch(() => undefined)
        await connection.run(`set memory_limit = ${quoteText(options.memory ?? MEMORY)}`)
      } finally {
        connection.closeSync()
      }
    },
    async use(work, signal) {
      signal?.throwIfAborted()
      const { connection, release } = await hold()
      const interrupt = (): void => connection.interrupt()
      signal?.addEventListener('abort', interrupt)
      try {
        return await work(connection)
      } catch (error) {
        signal?.throwIfAborted()
        throw orDiskFull(error, path)
      } finally {
        signal?.removeEventListener('abort', interrupt)
        release()
      }
    },
    inTurn(work) {
      const next = last.then(work)
      last = next.catch(() => undefined)
      return next
    },
    async close() {
      await last
      const open = await opening?.catch(() => undefined)
      opening = undefined
      if (!open) return
      if (!readOnly && path !== ':memory:') await checkpoint(open)
      open.closeSync()
    },
  }
}

async function openInstance(path: string, readOnly: boolean, options: DatabaseOptions): Promise<DuckDBInstance> {
  // A commit is safe in the log beside the file. Moving it into the file costs: at 16 MB, DuckDB's default, 50% more for
  // hundreds of small tables; at 128 MB all of it waits for the end.
  const config: Record<string, string> = { memory_limit: options.memory ?? MEMORY, checkpoint_threshold: '32MB' }
  if (options.threads) config['threads'] = String(options.threads)
  // What does not fit in memory goes beside the file, or where such files belong.
  if (path === ':memory:')
    return DuckDBInstance.create(path, { ...config, temp_directory: join(tmpdir(), `sluice-duckdb-${process.pid}`) })
  if (!readOnly) await mkdir(dirname(path), { recursive: true })
  // One name for one file: DuckDB locks for a process, so a second instance on it here would go unnoticed.
  const file = join(await realpath(dirname(path)).catch(() => dirname(path)), basename(path))
  if (readOnly) return openPatiently(file, { ...config, access_mode: 'READ_ONLY' }, options.wait)
  const instance = await openPatiently(file, config, options.wait)
  const connection = await instance.connect()
  try {
    await connection.run(setup)
  } finally {
    connection.closeSync()
  }
  await syncFolder(dirname(file))
  return instance
}

/** What closing does anyway, but not in the event loop. It cannot be done while somebody else here still uses the file. */
async function checkpoint(instance: DuckDBInstance): Promise<void> {
  const connection = await instance.connect()
  await connection.run('checkpoint').catch(() => undefined)
  connection.closeSync()
}

/** Who waits longer than this, in milliseconds, says so: else it looks as if nothing went on. */
const quietFor = 500

async function openPatiently(
  path: string,
  config: Record<string, string>,
  wait: Duration = '5s',
): Promise<DuckDBInstance> {
  const began = performance.now()
  let told = false
  for (;;) {
    try {
      return await DuckDBInstance.fromCache(path, config)
    } catch (error) {
      const { message } = error as Error
      if (config['access_mode'] && /does not exist/.test(message)) throw missing(path, error)
      if (!/Could not set lock/.test(message)) throw failed(path, error)
      const waited = performance.now() - began
      if (waited >= milliseconds(wait)) throw busy(path, error)
      if (!told && waited >= quietFor) {
        told = true
        log.warn(`${basename(path)} is open in ${holderOf(error).text}: waiting for it, ${wait} at most.`)
      }
      await setTimeout(50)
    }
  }
}

/** A file's name is on disk only when its folder is. Windows cannot flush one, and need not. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The process that has the lock; without `pid` where DuckDB does not say. */
function holderOf(error: unknown): { readonly text: string; readonly pid?: string } {
  const [, program, pid] = /held in (.+?) \(PID (\d+)\)/.exec((error as Error).message) ?? []
  return pid ? { text: `process ${pid} (${program})`, pid } : { text: 'another process' }
}

function busy(path: string, cause: unknown): SluiceError {
  const { text, pid } = holderOf(cause)
  return new SluiceError(
    'STORE_BUSY',
    `The database ${path} is open in ${text}, and DuckDB lets only one process write.`,
    {
      cause,
      retryable: true,
      hint: pid
        ? `Wait until it has ended, or end it (kill ${pid}); a DuckDB shell that has the file open counts too.`
        : 'Close what has it open.',
      data: { path, ...(pid && { pid: Number(pid) }) },
    },
  )
}

function missing(path: string, cause: unknown): SluiceError {
  return new SluiceError('VALUE_MISSING', `There is no database at ${path} yet.`, {
    cause,
    hint: 'Materialize an asset first.',
  })
}

function failed(path: string, cause: unknown): SluiceError {
  return new SluiceError('STORE_FAILED', `The database ${path} cannot be opened: ${(cause as Error).message}`, {
    cause,
  })
}
