import type { Alert } from '@sluice/core'
import type { Change } from '@sluice/engine'

/** What a receiver said. `says` has no secret in it. */
export interface Sent {
  readonly ok: boolean
  readonly says: string
}

/** Milliseconds that a try may take before somebody else makes it: more than a receiver is waited for. */
export const tryWithin = 30_000
const [shortest, longest, patience] = [1_000, 3_600_000, 24 * 3_600_000]

/** What a try came to: tried again later and later, up to an hour between two, and given up after a day. */
export function afterTry(alert: Alert, attempts: number, sent: Sent, now: number): Change {
  const change = { change: 'alert.decide', alert: alert.id, attempts, at: now } as const
  if (sent.ok) return { ...change, state: 'sent', error: null, nextAt: now }
  const nextAt = now + Math.min(longest, shortest * 2 ** (attempts - 1))
  const state = nextAt > alert.createdAt + patience ? 'failed' : 'waiting'
  return { ...change, state, error: sent.says, nextAt }
}
