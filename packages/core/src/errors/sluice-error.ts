import { type ErrorCode, errorCodes } from './codes.ts'

export interface SluiceErrorOptions extends ErrorOptions {
  /** The next step for the person who reads it: a command to run or a line to change. */
  hint?: string
  /** Can trying again, with nothing changed, help? Default `false`. */
  retryable?: boolean
  /** Facts for programs: names, limits, positions. Plain data. */
  data?: Readonly<Record<string, unknown>>
}

/**
 * Every error that Sluice itself raises: a stable `code` (listed in docs/errors.md), a message that says what
 * happened, and a `hint` that says what to do next. Test `error.code`, not the class: an error that crossed a
 * process or the journal arrives as plain data.
 */
export class SluiceError extends Error {
  override readonly name = 'SluiceError'
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly retryable: boolean
  readonly data: Readonly<Record<string, unknown>> | undefined

  constructor(code: ErrorCode, message: string, options: SluiceErrorOptions = {}) {
    super(message, options)
    this.code = code
    this.hint = options.hint
    this.retryable = options.retryable ?? false
    this.data = options.data
  }
}

/** This error as one of ours, also where it crossed a process and is plain by now; `null` where it is none. */
export function sluiceErrorOf(error: unknown): SluiceError | null {
  if (error instanceof SluiceError) return error
  const { name, code, message, hint, retryable, data } = (error ?? {}) as Partial<SluiceError>
  if (name !== 'SluiceError' || code === undefined || !Object.hasOwn(errorCodes, code)) return null
  return new SluiceError(code, String(message), {
    cause: error,
    retryable: retryable === true,
    ...(typeof hint === 'string' && { hint }),
    ...(data !== undefined && { data }),
  })
}
