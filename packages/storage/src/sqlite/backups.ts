import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { backup } from './maintenance.ts'

/** Copies of a store that are made again and again. */
export interface Backups {
  /** When the newest in the folder was made, milliseconds since 1970; `null` where there is none. */
  last(folder: string): number | null
  /**
   * Makes one more, complete or not at all, while others go on writing to the store; then deletes the oldest, so that
   * `keep` stay. Other files of the folder are left alone.
   *
   * @param folder relative to the store's own
   * @param at milliseconds since 1970
   * @throws SluiceError STORE_FAILED and others; what the file system says
   */
  make(folder: string, options: { readonly at: number; readonly keep: number }): Promise<MadeBackup>
}

export interface MadeBackup {
  readonly file: string
  readonly bytes: number
  readonly deleted: number
}

/** `auto-2026-01-31T03-00-00-000Z.db`: names sort by time; those that people make are called otherwise. */
const pattern = /^auto-(\d{4}-\d\d-\d\dT)(\d\d)-(\d\d)-(\d\d)-(\d{3})Z\.db$/

const nameOf = (at: number): string => `auto-${new Date(at).toISOString().replaceAll(/[:.]/g, '-')}.db`

function timeOf(name: string): number | null {
  const found = pattern.exec(name)
  return found ? Date.parse(`${found[1]}${found[2]}:${found[3]}:${found[4]}.${found[5]}Z`) : null
}

/** Of the store in this file. */
export function openBackups(path: string): Backups {
  const placeOf = (folder: string): string => resolve(dirname(path), folder)
  return {
    last(folder) {
      const newest = namesIn(placeOf(folder)).at(-1)
      return newest === undefined ? null : timeOf(newest)
    },
    async make(folder, { at, keep }) {
      const place = placeOf(folder)
      mkdirSync(place, { recursive: true })
      // Of a process that was killed while it copied.
      for (const name of readdirSync(place))
        if (name.endsWith('.partial') && timeOf(name.slice(0, -'.partial'.length)) !== null) rmSync(join(place, name))
      const file = join(place, nameOf(at))
      await backup(path, file)
      const old = namesIn(place).slice(0, -keep)
      for (const name of old) rmSync(join(place, name), { force: true })
      return { file, bytes: statSync(file).size, deleted: old.length }
    },
  }
}

/** The oldest first. */
function namesIn(place: string): string[] {
  try {
    return readdirSync(place)
      .filter((name) => timeOf(name) !== null)
      .sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
