import { mkdirSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { SluiceError } from '@sluice/core'
import { storeError } from './errors.ts'
import { networkFileSystem } from './network-fs.ts'

/** How long a write waits for the write of another process. Ours are under 50 ms each. */
const BUSY_TIMEOUT = 10_000

export interface OpenOptions {
  readonly path: string
  readonly readOnly?: boolean
}

/** Opens the file with every setting that its safety rests on; makes folder and file where they are missing. */
export function openDatabase({ path, readOnly = false }: OpenOptions): DatabaseSync {
  let database: DatabaseSync | undefined
  try {
    if (path !== ':memory:') {
      if (!readOnly) mkdirSync(dirname(path), { recursive: true })
      refuseNetwork(path)
    }
    database = new DatabaseSync(path, { readOnly, timeout: BUSY_TIMEOUT, enableForeignKeyConstraints: false })
    // Of a new file only: pages of deleted rows can be given back. Before anything is written to it.
    if (!readOnly) database.exec('pragma auto_vacuum = incremental; pragma journal_mode = wal')
    // FULL flushes the log at every commit. On macOS a plain flush stops at the drive's cache.
    database.exec('pragma synchronous = full; pragma fullfsync = on; pragma checkpoint_fullfsync = on')
    database.exec('pragma temp_store = memory; pragma cache_size = -16000')
    return database
  } catch (error) {
    database?.close()
    throw storeError(error, path)
  }
}

function refuseNetwork(path: string): void {
  const kind = networkFileSystem(path, process.platform, statfsSync(dirname(path)).type)
  if (kind === null) return
  throw new SluiceError(
    'STORE_NETWORK_FS',
    `The store "${path}" is on a network file system (${kind}), which cannot lock it safely.`,
    {
      hint: 'Put the store on a local disk.',
      data: { path, kind },
    },
  )
}
