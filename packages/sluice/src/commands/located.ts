import { SluiceError, errorCodes } from '@sluice/core'

/** The same error, with where the definition is that it is about. */
export function located(error: unknown, place: string | undefined): unknown {
  const { code, message, hint, data } = error as SluiceError
  if (!(code in errorCodes) || place === undefined) return error
  return new SluiceError(code, message, {
    cause: (error as Error).cause,
    ...(hint !== undefined && { hint }),
    data: { ...data, place },
  })
}
