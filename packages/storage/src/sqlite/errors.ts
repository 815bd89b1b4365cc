import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { SluiceError, type ErrorCode } from '@sluice/core'

interface SqliteError extends Error {
  readonly errcode: number
}

const isSqliteError = (error: unknown): error is SqliteError =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'

/** SQLite's primary result codes: https://sqlite.org/rescode.html */
const codes: Readonly<Record<number, ErrorCode>> = {
  5: 'STORE_BUSY',
  6: 'STORE_BUSY',
  8: 'STORE_READ_ONLY',
  11: 'STORE_CORRUPT',
  13: 'STORE_FULL',
  14: 'STORE_READ_ONLY',
  26: 'STORE_CORRUPT',
}

const IO_ERROR = 10

const said: Readonly<Partial<Record<ErrorCode, readonly [message: string, hint: string]>>> = {
  STORE_BUSY: [
    'Another process is writing to the store and did not finish in time.',
    'Try again; if it stays so, look for a process that hangs: `sluice runs list`.',
  ],
  STORE_READ_ONLY: [
    'The store cannot be opened for writing.',
    'Make the folder and its files writable for this user, or choose another place for the store.',
  ],
  STORE_CORRUPT: [
    'The store is damaged, or is not a store of Sluice.',
    '`sluice db check` says more; `sluice db restore` brings a backup back.',
  ],
  STORE_FULL: [
    'The disk of the store is full. Nothing of this write was kept; what was acknowledged before is safe.',
    'Free some space and run again: the run goes on where it stopped.',
  ],
  STORE_FAILED: ['The store failed.', '`sluice doctor` checks the store and its disk.'],
}

/** Of the file system: the folder or the file cannot be made or opened. */
const unusable = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ENOENT'])

/** The error of Sluice for whatever the driver threw, with the place of the store and what to do next. */
export function storeError(error: unknown, path: string): Error {
  if (error instanceof SluiceError) return error
  if (isSqliteError(error)) return explain(error, codeOf(error, path), path, error.message)
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT') return explain(error, 'STORE_FULL', path)
  if (code !== undefined && unusable.has(code)) return explain(error, 'STORE_READ_ONLY', path)
  return error instanceof Error ? error : new Error(String(error))
}

function codeOf(error: SqliteError, path: string): ErrorCode {
  const primary = error.errcode & 0xff
  // SQLite tells a full disk apart only while it writes pages: not while it syncs or extends the shared memory.
  if (primary === IO_ERROR && isFull(path)) return 'STORE_FULL'
  return codes[primary] ?? 'STORE_FAILED'
}

function isFull(path: string): boolean {
  try {
    return statfsSync(dirname(path)).bavail === 0
  } catch {
    return false // the folder is gone: another error
  }
}

function explain(cause: unknown, code: ErrorCode, path: string, detail?: string): SluiceError {
  const [message, hint] = said[code]!
  return new SluiceError(code, `${message} (${path}${detail === undefined ? '' : `: ${detail}`})`, {
    cause,
    hint,
    retryable: code === 'STORE_BUSY',
    data: { path },
  })
}
