import { SluiceError, type ErrorCode } from '@sluice/core'

/** What the driver or the database says: https://www.postgresql.org/docs/current/errcodes-appendix.html */
interface DatabaseError extends Error {
  readonly code?: string
}

/** What may go well when it is done again at once: somebody else was in the way. */
const conflicts = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '55P03', // lock_not_available
  '23505', // unique_violation: another one made the same row between our look and our insert
])

const unreachable = new Set([
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '57P05', // idle_session_timeout
  '25P03', // idle_in_transaction_session_timeout
  '53300', // too_many_connections
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT', // of a socket in the file system
])

const refused = new Set([
  '28000', // invalid_authorization_specification
  '28P01', // invalid_password
  '3D000', // invalid_catalog_name
])

const codes: Readonly<Record<string, ErrorCode>> = {
  53100: 'STORE_FULL',
  25006: 'STORE_READ_ONLY',
  42501: 'STORE_READ_ONLY',
  57014: 'STORE_BUSY',
  XX001: 'STORE_CORRUPT',
  XX002: 'STORE_CORRUPT',
}

const said: Readonly<Partial<Record<ErrorCode, readonly [message: string, hint: string]>>> = {
  STORE_FULL: [
    'The disk of the database is full. Nothing of this write was kept; what was acknowledged before is safe.',
    'Free some space and run again: the run goes on where it stopped.',
  ],
  STORE_READ_ONLY: [
    'The database does not let this user write to the store.',
    'Connect to the primary, as the owner of the schema or with all rights on it.',
  ],
  STORE_BUSY: ['The database canceled a statement.', 'Look at its statement_timeout; the store needs none.'],
  STORE_CORRUPT: ['The database says that its data is damaged.', 'Restore it from a backup; its log says more.'],
  STORE_FAILED: ['The database refused a statement.', 'The message is the database’s own; its log says more.'],
}

const codeOf = (error: unknown): string => String((error as DatabaseError | undefined)?.code ?? '')

/** May the same transaction go well now? */
export const isConflict = (error: unknown): boolean => conflicts.has(codeOf(error))

/** Was the database asked about a transaction that it never had? (invalid_parameter_value) */
export const isUnknownNumber = (error: unknown): boolean => codeOf(error) === '22023'

/** Is the connection gone, or did it never come about? */
export function isLost(error: unknown): boolean {
  if (error instanceof SluiceError) return error.code === 'STORE_UNREACHABLE' && error.retryable
  const code = codeOf(error)
  if (unreachable.has(code) || code.startsWith('08')) return true
  // An `AggregateError` of several addresses, and what the driver says itself, has no code.
  if (error instanceof AggregateError) return error.errors.some(isLost)
  const { message } = error as Error
  return /^(Connection terminated|Query read timeout|timeout expired|timeout exceeded|Client (was closed|has encountered))/.test(
    message,
  )
}

/** The error of Sluice for whatever driver or database said. `shown` is the address without its secrets. */
export function pgError(error: unknown, shown: string): Error {
  if (error instanceof SluiceError) return error
  const code = codeOf(error)
  const { message } = error as Error
  if (isLost(error)) return outage(error, shown)
  if (refused.has(code)) {
    return new SluiceError('STORE_UNREACHABLE', `The database does not let us in (${shown}: ${message}).`, {
      cause: error,
      hint: 'Look at user, password and name of the database in the address of the store.',
    })
  }
  if (!/^[0-9A-Z]{5}$/.test(code)) return error instanceof Error ? error : new Error(String(error))
  const known = codes[code] ?? 'STORE_FAILED'
  const [what, hint] = said[known]!
  return new SluiceError(known, `${what} (${shown}: ${message}, SQLSTATE ${code})`, {
    cause: error,
    hint,
    retryable: known === 'STORE_BUSY' || isConflict(error),
    data: { sqlState: code },
  })
}

export function outage(cause: unknown, shown: string): SluiceError {
  const why = cause instanceof AggregateError ? (cause.errors[0] as Error).message : (cause as Error).message
  return new SluiceError('STORE_UNREACHABLE', `The database cannot be reached (${shown}: ${why}).`, {
    cause,
    hint: 'Check that it runs and that its address is right. What was not acknowledged may be sent again.',
    retryable: true,
  })
}
