import type { BackupSettings } from '@sluice/core'
import type { Store } from '@sluice/engine'
import type { Locations } from '../locations/locations.ts'
import { backupDue } from './backup-due.ts'

/** Makes copies of a store that is a file. */
export interface Backups {
  /** When the newest in the folder was made, milliseconds since 1970; `null` where there is none. */
  last(folder: string): number | null
  make(
    folder: string,
    options: { readonly at: number; readonly keep: number },
  ): Promise<{ readonly file: string; readonly bytes: number }>
}

export interface BackupOptions {
  readonly store: Pick<Store, 'commit'>
  /** `undefined`: the store has its own tools for that. */
  readonly backups: Backups | undefined
  readonly locations: Pick<Locations, 'active'>
  readonly now: () => number
  readonly say: (level: 'info' | 'warn' | 'error', text: string) => void
}

/** After one that failed, in milliseconds. */
const again = 10 * 60_000

/**
 * Copies the store when that is due by the active code. One that fails is tried again in ten minutes, and leaves an event
 * each time: whoever is told of incidents hears of the first. How many it made.
 */
export function openBackupPass(options: BackupOptions): () => Promise<number> {
  const { store, backups, locations, now, say } = options
  const since = now()
  let failures = 0
  let notBefore = 0
  let isTold = false
  return async () => {
    const found = await settingsOf(locations)
    if (!found || now() < notBefore) return 0
    const { location, settings } = found
    if (!backups) {
      if (!isTold) say('warn', `backup of "${location}" is for a store in SQLite: PostgreSQL has its own tools.`)
      isTold = true
      return 0
    }
    try {
      const due = backupDue(settings.when, backups.last(settings.folder), since)
      if (due === null || due > now()) return 0
      const { file, bytes } = await backups.make(settings.folder, { at: now(), keep: settings.keep })
      say('info', `Backup ${file} (${Math.ceil(bytes / 1000)} kB).`)
      failures = 0
      return 0
    } catch (error) {
      failures += 1
      notBefore = now() + again
      const { code = null, message } = error as Error & { readonly code?: string }
      say('error', `The backup failed: ${message} It is tried again in 10 minutes.`)
      const data = { location, failures, code, message }
      const event = {
        id: 0,
        type: 'backup.failed',
        at: now(),
        run: null,
        step: null,
        asset: null,
        partition: null,
        data,
      } as const
      await store.commit([{ change: 'event.add', epoch: 0, event }])
      return 0
    }
  }
}

/** Of the first location that says anything of it: there is one store. */
async function settingsOf(locations: Pick<Locations, 'active'>) {
  const active = (await locations.active()).toSorted((a, b) => (a.location < b.location ? -1 : 1))
  for (const { location, snapshot } of active) {
    const settings: BackupSettings | null | undefined = snapshot.settings?.backup
    if (settings) return { location, settings }
  }
  return null
}
