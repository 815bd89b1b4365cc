import { decode } from './decode.ts'
import { encode } from './encode.ts'
import { withoutOwnFrames } from './stack.ts'
import type { StoredError } from './stored.ts'

/** Longer messages are cut: a whole response in a message would swell every row that mentions the failure. */
const LONGEST_MESSAGE = 16_384
const LONGEST_PROPERTY = 8192
/** Of errors within one, as causes and in an AggregateError: they may be a circle, or grow with each level. */
const MOST_ERRORS = 40

/**
 * What remains of anything thrown. An error keeps its name, message, hint, cause and own properties, as far as they
 * can be stored, and its own `code`; one without gets `STEP_FAILED`, as does what is no error, with its text as the
 * message. Reading it never throws, whatever its getters do.
 */
export function toStoredError(thrown: unknown): StoredError {
  return store(thrown, { left: MOST_ERRORS })
}

interface Budget {
  left: number
}

function store(thrown: unknown, budget: Budget): StoredError {
  budget.left -= 1
  if (!isError(thrown)) return { name: 'Error', code: 'STEP_FAILED', message: cut(textOf(thrown)) }
  const get = (key: string): unknown => attempt(() => (thrown as unknown as Record<string, unknown>)[key])
  const [name, code, message, hint, cause] = [get('name'), get('code'), get('message'), get('hint'), get('cause')]
  const shown = cut(typeof message === 'string' ? message : textOf(message))
  const stack = withoutOwnFrames(get('stack'), message, shown)
  const storedCause = cause !== undefined && budget.left > 0 ? store(cause, budget) : undefined
  const data = storeProperties(thrown, code, budget)
  return {
    name: typeof name === 'string' && name !== '' ? name : 'Error',
    code: codeText(thrown, code) ?? 'STEP_FAILED',
    message: shown,
    ...(typeof hint === 'string' && { hint }),
    ...(stack !== undefined && { stack }),
    ...(storedCause && { cause: storedCause }),
    ...(data !== undefined && { data }),
  }
}

/** An error of another realm, or of another process, is one too. */
function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error || Object.prototype.toString.call(thrown) === '[object Error]'
}

/** A number counts only where it is the error's own: every DOMException inherits one, which says less than its name. */
function codeText(error: Error, code: unknown): string | undefined {
  if (typeof code === 'string' && code !== '') return code
  return typeof code === 'number' && Object.hasOwn(error, 'code') ? String(code) : undefined
}

const kept = new Set(['name', 'message', 'stack', 'cause', 'hint', 'errors'])

function storeProperties(error: Error, code: unknown, budget: Budget): string | undefined {
  const data: Record<string, unknown> = {}
  for (const key of Object.keys(error)) {
    if (kept.has(key) || (key === 'code' && typeof code === 'string')) continue
    const value = attempt(() => (error as unknown as Record<string, unknown>)[key])
    const text = value === undefined ? undefined : attempt(() => encode(value))
    if (text === undefined || text.length > LONGEST_PROPERTY) continue
    Object.defineProperty(data, key, { value, enumerable: true })
  }
  const errors = attempt(() => (error as AggregateError).errors)
  if (Array.isArray(errors)) data['errors'] = errors.slice(0, Math.max(0, budget.left)).map((one) => store(one, budget))
  return Object.keys(data).length === 0 ? undefined : encode(data)
}

/**
 * The error to throw for a stored one: a plain `Error` with the name, code and properties it had. Test `error.code`:
 * its class is gone.
 *
 * @throws SluiceError VALUE_CORRUPT where its properties cannot be read.
 */
export function fromStoredError(stored: StoredError): Error {
  const error = withoutOwnPlace(stored)
  const own = (key: string, value: unknown, enumerable = false) =>
    Object.defineProperty(error, key, { value, enumerable, writable: true, configurable: true })
  own('name', stored.name)
  own('stack', stored.stack ?? `${stored.name}: ${stored.message}`)
  own('code', stored.code, true)
  if (stored.hint !== undefined) own('hint', stored.hint, true)
  if (stored.data === undefined) return error
  const { errors, ...data } = decode(stored.data) as Record<string, unknown> & { errors?: StoredError[] }
  for (const [key, value] of Object.entries(data)) own(key, value, true)
  if (errors) own('errors', errors.map(fromStoredError))
  return error
}

/** Node shows the line where an uncaught error was made: that is not here, but where its stack says. */
function withoutOwnPlace({ message, cause }: StoredError): Error {
  const options = cause && { cause: fromStoredError(cause) }
  // Engines on V8 have it; elsewhere it is a property that nobody reads.
  const traces: ErrorConstructor & { stackTraceLimit?: number } = Error
  const limit = traces.stackTraceLimit
  try {
    traces.stackTraceLimit = 0
    return new Error(message, options)
  } finally {
    if (limit !== undefined) traces.stackTraceLimit = limit
  }
}

function textOf(value: unknown): string {
  const encoded = typeof value === 'object' && value !== null ? attempt(() => encode(value)) : undefined
  return encoded ?? attempt(() => String(value)) ?? Object.prototype.toString.call(value)
}

function cut(text: string): string {
  if (text.length <= LONGEST_MESSAGE) return text
  return `${text.slice(0, LONGEST_MESSAGE - 40)} … (${text.length} characters)`
}

/** What a stranger's getter or `toString` throws is no reason to lose the error at hand. */
function attempt<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch {
    return undefined
  }
}
