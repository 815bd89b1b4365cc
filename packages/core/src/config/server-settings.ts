import { SluiceError } from '../errors/sluice-error.ts'
import { type EnvText, envText, whileEnvIsNamed } from '../resources/env.ts'
import { ticksOf } from '../schedules/timetable.ts'
import { milliseconds } from '../time/duration.ts'
import type { Alerts } from './alerts.ts'
import type { Settings } from './settings.ts'
import type { Backups, Retention } from './upkeep.ts'

/**
 * What the configuration says to the server, as plain data: it never loads user code, so this comes with the definitions.
 * Variables are names here; only the server that needs them reads them.
 */
export interface ServerSettings {
  readonly alerts: AlertSettings | null
  readonly backup: BackupSettings | null
  readonly retention: RetentionSettings | null
}

export interface AlertSettings {
  readonly webhook: { readonly url: EnvText; readonly headers: Readonly<Record<string, EnvText>> } | null
  readonly mail: { readonly url: EnvText; readonly from: EnvText; readonly to: readonly EnvText[] } | null
}

export interface BackupSettings {
  readonly when: { readonly every: number } | { readonly cron: string; readonly timeZone: string }
  readonly keep: number
  readonly folder: string
}

/** Milliseconds; `null`: for ever. */
export interface RetentionSettings extends Readonly<Record<'runs' | 'logs' | 'events' | 'ticks', number | null>> {
  /** Left out: as `ticks`. */
  readonly conditions?: number
  readonly unread: number
}

/**
 * The part of the configuration that is for the server.
 *
 * @throws SluiceError CONFIG_INVALID
 */
export function serverSettingsOf({ config, alerts }: Settings): ServerSettings {
  return {
    alerts: alerts ? alertSettings(alerts) : null,
    backup: config.backup ? backupSettings(config.backup) : null,
    retention: config.retention ? retentionSettings(config.retention) : null,
  }
}

function alertSettings(alerts: () => Alerts): AlertSettings {
  try {
    const { webhook, mail } = whileEnvIsNamed(alerts)
    if (!webhook && !mail) throw new Error('there is neither a webhook nor a mail')
    return {
      webhook: webhook
        ? {
            url: textOf('webhook.url', webhook.url),
            headers: Object.fromEntries(
              Object.entries(webhook.headers ?? {}).map(([name, value]) => [
                name,
                textOf(`webhook.headers.${name}`, value),
              ]),
            ),
          }
        : null,
      mail: mail
        ? {
            url: textOf('mail.url', mail.url),
            from: textOf('mail.from', mail.from),
            to: [mail.to].flat().map((one) => textOf('mail.to', one)),
          }
        : null,
    }
  } catch (cause) {
    throw invalid('alerts', (cause as Error).message, cause)
  }
}

function textOf(what: string, text: unknown): EnvText {
  if (typeof text === 'string' && text !== '') return envText(text)
  throw new Error(`${what} is no text`)
}

function backupSettings({ every, cron, timeZone = 'UTC', keep = 7, folder = 'backups' }: Backups): BackupSettings {
  if ((every === undefined) === (cron === undefined))
    throw invalid('backup', "give either every: '1d' or cron: '0 3 * * *'")
  if (!Number.isInteger(keep) || keep < 1) throw invalid('backup', `keep: ${keep} is no number of copies`)
  try {
    if (cron !== undefined) ticksOf({ kind: 'cron', cron: [cron], timeZone })
    const when = every === undefined ? { cron: cron!, timeZone } : { every: milliseconds(every) }
    if ('every' in when && when.every < 60_000) throw new Error('a copy is made at most every minute')
    return { when, keep, folder }
  } catch (cause) {
    throw invalid('backup', (cause as Error).message, cause)
  }
}

/** @throws SluiceError CONFIG_INVALID */
export function retentionSettings(retention: Retention): RetentionSettings {
  const of = (name: keyof Retention): number | null => {
    const given = retention[name]
    try {
      return given === undefined ? null : milliseconds(given)
    } catch (cause) {
      throw invalid('retention', `${name}: ${(cause as Error).message}`, cause)
    }
  }
  return {
    runs: of('runs'),
    logs: of('logs'),
    events: of('events'),
    ticks: of('ticks'),
    ...(retention.conditions !== undefined && { conditions: of('conditions')! }),
    unread: of('unread') ?? defaultUnread,
  }
}

const defaultUnread = milliseconds('7d')

const invalid = (key: string, why: string, cause?: unknown): SluiceError =>
  new SluiceError('CONFIG_INVALID', `${key} of sluice.config.ts cannot be used: ${why}.`, {
    cause,
    hint: 'docs/alerts.md and docs/upkeep.md have examples.',
  })
