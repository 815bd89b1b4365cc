/** What a step came to, as a value. Errors are plain data: test `error.code`. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false
      readonly error: { readonly code: string; readonly message: string; readonly cause?: unknown }
    }

/** Turns a rejection into an outcome. A canceled run still rejects: code must not go on as if a step had failed. */
export async function settle<T>(call: Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await call }
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === 'RUN_CANCELED' || code === 'STALE_EPOCH') throw error
    return { ok: false, error: plain(error as Error) }
  }
}

/** An error as data, its causes too, so that an outcome can be returned and stored. */
function plain(error: Error & { code?: string }): { code: string; message: string; cause?: unknown } {
  const { code = error.name, message, cause } = error
  return { code, message, ...(cause !== undefined && { cause: cause instanceof Error ? plain(cause) : cause }) }
}
