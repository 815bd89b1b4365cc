import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a source file became, by the hash of everything that it was made from. */
export interface CodeCache {
  get(key: string): string | undefined
  put(key: string, code: string): void
}

export function keyOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/** In a folder; one that cannot be written costs time at the next start, and is no error. */
export function codeCacheIn(folder: string): CodeCache {
  return {
    get(key) {
      try {
        return readFileSync(join(folder, key), 'utf8')
      } catch {
        return undefined
      }
    },
    put(key, code) {
      const temporary = join(folder, `${key}.${process.pid}`)
      try {
        mkdirSync(folder, { recursive: true })
        writeFileSync(temporary, code)
        renameSync(temporary, join(folder, key))
      } catch {
        // A read-only project or a full disk: loading works without the cache.
      }
    },
  }
}

/** Where Node keeps compiled code. Given to a child when it starts, as its own modules are most of what it loads. */
export const compiledIn = (home: string): string => join(home, 'cache', 'compiled')

/** The folder for what can be made again, in the project's own folder (`.sluice`), which is kept out of git. */
export function cacheFolder(home: string): string {
  const folder = join(home, 'cache')
  try {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(home, '.gitignore'), '*\n', { flag: 'wx' })
  } catch {
    // It is there already, or the project is read-only: then nothing is cached.
  }
  return folder
}
