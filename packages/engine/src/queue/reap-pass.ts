import type { Store } from '../store/ports.ts'

/** What one pass leaves for the next. */
export interface ReapMemory {
  /** The store's time and ours at the pass before; `null` before the first. */
  readonly seen: { readonly store: number; readonly own: number } | null
  /** Since when the store has answered without a gap, by our monotonic clock. */
  readonly since: number
}

export interface ReapOptions {
  readonly store: Store
  /** Monotonic milliseconds. */
  readonly monotonic: number
  /** Milliseconds since 1970, for what is recorded. */
  readonly now: number
  /** How long a lease lasts, in milliseconds. */
  readonly lease: number
  readonly memory: ReapMemory
}

/**
 * A pass that comes later than this after the one before has missed renewals; a clock that is off by more has moved.
 * Less than a lease without a beat: what is missed unseen ends none.
 */
const gapOf = (lease: number): number => Math.min(3_000, lease / 2)

/** Milliseconds from one pass to the next: many to such a gap. */
export const reapEvery = (lease: number): number => Math.min(1_000, lease / 6)

/**
 * Ends the sessions of workers whose lease has ended, and puts their runs back into the queue. It acts only after the
 * store has taken renewals for one whole lease: after an outage, a pause of this process or a jump of the store's clock,
 * everybody has had the chance to renew.
 */
export async function reapPass(
  options: ReapOptions,
): Promise<{ readonly reaped: number; readonly memory: ReapMemory }> {
  const { store, monotonic, now, lease, memory } = options
  const gap = gapOf(lease)
  const { now: storeNow, workers } = await store.workers.expired()
  const seen = { store: storeNow, own: monotonic }
  const isSteady =
    memory.seen !== null &&
    monotonic - memory.seen.own < gap &&
    Math.abs(storeNow - memory.seen.store - (monotonic - memory.seen.own)) < gap
  const since = isSteady ? memory.since : monotonic
  if (workers.length === 0 || monotonic - since < lease) return { reaped: 0, memory: { seen, since } }
  const committed = await store.commit(
    workers.map((worker) => ({ change: 'worker.leave', worker, expired: true, at: now }) as const),
  )
  return { reaped: committed.filter(({ ok }) => ok).length, memory: { seen, since } }
}

/** Before the first pass. */
export const unseen: ReapMemory = { seen: null, since: 0 }

/** Puts back runs that were delivered and that no worker has claimed for `patience` milliseconds. */
export async function redeliverPass({ store, now, patience }: { store: Store; now: number; patience: number }) {
  const lost = await store.queue.unclaimed(now - patience)
  if (lost.length === 0) return 0
  const changes = lost.map(({ run, epoch }) => ({ change: 'run.requeue', run, epoch, until: null, at: now }) as const)
  return (await store.commit(changes)).filter(({ ok }) => ok).length
}
