import { type FileHandle, mkdir, open, readFile, readdir, rm } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import {
  type IoFactory,
  type IoManager,
  type Rows,
  type Table,
  type WriteContext,
  type Written,
  SluiceError,
  decode,
  placeOf,
  rowEncoder,
  slotOf,
} from '@sluice/core'
import { crashPoint } from '../crash-point.ts'
import { lineWriter, readLines } from './row-file.ts'

/**
 * Values as files in the store's folder: `values/<asset>/<partition>/<run>-<epoch>-<step>-<attempt>.json`, or `.rows`
 * (one encoded row a line) for a table. The default place of values.
 */
export function files(): IoFactory {
  return {
    name: 'files',
    open: ({ home, readOnly }) => Promise.resolve(openFiles(join(home, 'values'), readOnly)),
  }
}

function openFiles(root: string, readOnly: boolean): IoManager {
  const absolute = (ref: unknown): string => {
    const path = join(root, ...String(ref).split('/'))
    if (relative(root, path).startsWith('..'))
      throw new SluiceError('VALUE_CORRUPT', `"${String(ref)}" is no place of a value.`)
    return path
  }
  return {
    name: 'files',
    sql: false,
    async write(value, context): Promise<Written> {
      if (readOnly) throw new SluiceError('STORE_READ_ONLY', 'Values were opened for reading only.')
      const ref = placeOf(context)
      const path = absolute(ref)
      try {
        return { ref, ...(await writeFlushed(path, value, context)) }
      } catch (cause) {
        throw (cause as NodeJS.ErrnoException).code === 'ENOSPC' ? diskFull(context.name, cause) : cause
      }
    },
    async read(ref, context) {
      if (context.columns) return tableOf(context.name, absolute(ref))
      try {
        return decode(await readFile(absolute(ref), 'utf8'))
      } catch (cause) {
        throw unreadable(context.name, cause)
      }
    },
    async remove(refs) {
      for (const ref of refs) await rm(absolute(ref), { force: true })
    },
    async *list() {
      for (const entry of await readdir(root, { recursive: true, withFileTypes: true }).catch(() => [])) {
        const slot = slotOf(entry.name)
        if (entry.isFile() && slot)
          yield { slot, ref: relative(root, join(entry.parentPath, entry.name)).split(sep).join('/') }
      }
    },
    close: () => Promise.resolve(),
  }
}

interface Size {
  readonly bytes: number
  readonly rows: number | null
}

async function writeFlushed(path: string, value: unknown, context: WriteContext): Promise<Size> {
  await mkdir(dirname(path), { recursive: true })
  const handle = await open(path, 'w')
  let written: Size
  try {
    written = context.columns
      ? await writeRows(handle, value as Rows<unknown>, context)
      : await writeText(handle, value as string)
    crashPoint('value-unflushed')
    await handle.sync()
  } finally {
    await handle.close()
  }
  await syncFolder(dirname(path))
  crashPoint('value-written')
  return written
}

function diskFull(name: string, cause: unknown): SluiceError {
  return new SluiceError('STORE_FULL', `The disk is full: the value of "${name}" could not be written.`, {
    cause,
    hint: 'Make room, then go on with sluice runs resume.',
    retryable: true,
  })
}

function unreadable(name: string, cause: unknown): SluiceError {
  const missing = (cause as { code?: string }).code === 'ENOENT'
  return missing
    ? new SluiceError('VALUE_MISSING', `The file that held the value of "${name}" is gone.`, {
        cause,
        hint: `sluice materialize ${name} makes it again.`,
      })
    : new SluiceError(
        'VALUE_CORRUPT',
        `The stored value of "${name}" cannot be read back: ${(cause as Error).message}`,
        { cause },
      )
}

async function writeText(handle: FileHandle, text: string): Promise<{ bytes: number; rows: null }> {
  const bytes = Buffer.from(text)
  await handle.writeFile(bytes)
  return { bytes: bytes.length, rows: null }
}

async function writeRows(
  handle: FileHandle,
  rows: Rows<unknown>,
  context: WriteContext,
): Promise<{ bytes: number; rows: number }> {
  let count = 0
  const writer = lineWriter(handle, () => context.signal.throwIfAborted())
  const encoded = rowEncoder(context.name, context.columns!)
  const add = (row: unknown): string | undefined => {
    count++
    return writer.add(`${encoded(row)}\n`)
  }
  let line: string | undefined
  if (Symbol.asyncIterator in rows) {
    for await (const row of rows) if ((line = add(row)) !== undefined) await writer.spill(line)
  } else for (const row of rows) if ((line = add(row)) !== undefined) await writer.spill(line)
  return { bytes: await writer.end(), rows: count }
}

function tableOf(name: string, path: string): Table<unknown> {
  async function* rows({ limit = Infinity }: { limit?: number } = {}): AsyncGenerator<unknown> {
    let count = 0
    if (limit <= 0) return
    let handle: FileHandle | undefined
    try {
      handle = await open(path, 'r')
      for await (const lines of readLines(handle)) {
        for (const line of lines) {
          yield decode(line)
          if (++count >= limit) return
        }
      }
    } catch (cause) {
      throw unreadable(name, cause)
    } finally {
      await handle?.close()
    }
  }
  return {
    name,
    rows,
    async toArray() {
      return Array.fromAsync(rows())
    },
  }
}

/** The file is in its folder after a power loss only when the folder is flushed too. Windows cannot, and need not. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
