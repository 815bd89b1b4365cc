import { SluiceError } from '@sluice/core'

export interface PostgresOptions {
  /** The schema that holds the tables. Default: `schema` in the URL, else `sluice`. Made where it is missing. */
  readonly schema?: string
  /** Connections at most. Default: `pool` in the URL, else 10. One writes, one listens, the others read. */
  readonly pool?: number
  /** What `pg_stat_activity` shows. Default: `application_name` in the URL, else `sluice`. */
  readonly applicationName?: string
  /** Milliseconds that what is asked waits for a database that does not answer. Default 10 minutes. */
  readonly patience?: number
  /** Milliseconds that opening waits for it. Default 5,000. */
  readonly connectPatience?: number
}

/** Where a database is, and how we are in it. */
export interface Address {
  /** With everything that the driver understands; secret. */
  readonly url: string
  /** Without its secrets: for people. */
  readonly shown: string
  readonly schema: string
  readonly pool: number
  readonly applicationName: string
  /** `options` of the URL: settings of the session. */
  readonly settings: string
}

/** Is this the address of a PostgreSQL database, rather than a path? */
export const isPostgresUrl = (text: string): boolean => /^postgres(ql)?:\/\//.test(text)

/**
 * Takes the URL of a store apart: `postgres://user:password@host:5432/database?schema=sluice&pool=10`, and whatever
 * else libpq's URLs may say (`sslmode`, `application_name`, `options`).
 *
 * @throws SluiceError CONFIG_INVALID, without the text of the URL in it.
 */
export function addressOf(text: string, options: PostgresOptions = {}): Address {
  if (!isPostgresUrl(text) || !URL.canParse(text)) {
    throw new SluiceError('CONFIG_INVALID', 'The address of the store is not a URL of PostgreSQL.', {
      hint: 'postgres://user:password@host:5432/database',
    })
  }
  const url = new URL(text)
  const take = (name: string): string | undefined => {
    const value = url.searchParams.get(name)
    url.searchParams.delete(name)
    return value ?? undefined
  }
  const schema = options.schema ?? take('schema') ?? 'sluice'
  const pool = options.pool ?? Number(take('pool') ?? 10)
  const applicationName = options.applicationName ?? take('application_name') ?? 'sluice'
  const settings = take('options') ?? ''
  if (!/^[a-z_][a-z0-9_]{0,50}$/.test(schema)) {
    throw new SluiceError('CONFIG_INVALID', `"${schema}" cannot be the schema of a store.`, {
      hint: 'Small letters, digits and _, at most 51, a letter first.',
    })
  }
  if (!Number.isSafeInteger(pool) || pool < 3)
    throw new SluiceError('CONFIG_INVALID', 'A store needs at least 3 connections.', { hint: '?pool=10' })
  return { url: url.href, shown: shownUrl(text), schema, pool, applicationName, settings }
}

/** The address of a database without password and parameters: for messages and logs. */
export function shownUrl(text: string): string {
  if (!URL.canParse(text)) return 'postgres://…'
  const url = new URL(text)
  // A password may also stand among the parameters; a host there is worth showing.
  const host = url.host || (url.searchParams.get('host') ?? '')
  return `postgres://${url.username && `${url.username}@`}${host}${url.pathname}`
}
