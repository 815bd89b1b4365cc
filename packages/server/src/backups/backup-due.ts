import { type BackupSettings, ticksOf } from '@sluice/core'

/**
 * When the next copy is due, in milliseconds since 1970; `null`: never again. One that was missed while no server was
 * there is due at once, and only once. `since`: when this server began, which counts where there is no copy yet.
 */
export function backupDue(when: BackupSettings['when'], last: number | null, since: number): number | null {
  if ('every' in when) return last === null ? since : last + when.every
  return ticksOf({ kind: 'cron', cron: [when.cron], timeZone: when.timeZone }).next(last ?? since)
}
