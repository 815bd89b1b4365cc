import type { Problem } from '@sluice/api'
import { type ErrorCode, sluiceErrorOf } from '@sluice/core'

const statuses: Partial<Record<ErrorCode, number>> = {
  NOT_FOUND: 404,
  RUN_UNKNOWN: 404,
  ASSET_UNKNOWN: 404,
  TARGET_UNKNOWN: 404,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  CONFLICT: 409,
  RUN_ACTIVE: 409,
  UP_TO_DATE: 409,
  RUN_NOT_RESUMABLE: 409,
  REQUEST_TOO_LARGE: 413,
  CURSOR_EXPIRED: 410,
  WORKER_UNKNOWN: 503,
  CODE_SILENT: 503,
  STORE_BUSY: 503,
  STORE_FULL: 503,
  STORE_READ_ONLY: 503,
  STORE_UNREACHABLE: 503,
  INTERNAL: 500,
  STORE_FAILED: 500,
  STORE_CORRUPT: 500,
}

/** What went wrong, as the API says it. What is no error of Sluice's own is not shown: it may hold anything. */
export function problemOf(error: unknown): Problem & { readonly status: number } {
  const known = sluiceErrorOf(error)
  const code = known?.code ?? 'INTERNAL'
  const status = statuses[code] ?? 400
  return {
    type: `https://sluice.dev/errors/${code}`,
    title: code,
    status,
    detail: known?.message ?? 'The server failed at this; its own log has the reason.',
    code,
    ...(known?.hint !== undefined && { hint: known.hint }),
    ...(known?.data !== undefined && { data: known.data }),
  }
}
