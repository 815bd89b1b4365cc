import { setTimeout as sleep } from 'node:timers/promises'
import type { RetentionSettings } from '@sluice/core'
import { type Bite, type Store, forgetting, longest } from '@sluice/engine'
import type { Locations } from '../locations/locations.ts'

export interface RetentionOptions {
  readonly store: Store
  readonly locations: Pick<Locations, 'active'>
  readonly now: () => number
  readonly say: (level: 'info' | 'warn' | 'error', text: string) => void
}

/** Between the end of one round and the beginning of the next, in milliseconds. */
const every = 15 * 60_000
/** Bites of one pass: it ends soon when the server is stopped. */
const bites = 20

/**
 * Deletes what is older than the active code says, while everything goes on: a bite, then a pause as long as some bites,
 * so that what others commit hardly waits. Gives how much it did; the next pass goes on with the same round.
 */
export function openRetentionPass({ store, locations, now, say }: RetentionOptions): () => Promise<number> {
  let nextAt = 0
  let round: AsyncGenerator<Bite> | null = null
  let counts = new Map<Bite['of'], number>()
  return async () => {
    if (!round) {
      if (now() < nextAt) return 0
      nextAt = now() + every
      const keep = await retentionOf(locations)
      if (!keep) return 0
      round = forgetting({ store, keep, now: now() })
      counts = new Map()
    }
    const going = round
    round = null // one that fails is begun anew
    for (let taken = 1; taken <= bites; taken++) {
      const since = performance.now()
      const { value, done } = await going.next()
      if (done) {
        const said = saidOf(counts)
        if (said !== '') say('info', `Deleted what is older than retention keeps: ${said}.`)
        return 0
      }
      counts.set(value.of, (counts.get(value.of) ?? 0) + value.count)
      await sleep(Math.min(50, 3 * (performance.now() - since)))
    }
    round = going
    return bites
  }
}

async function retentionOf(locations: Pick<Locations, 'active'>): Promise<RetentionSettings | null> {
  const active = await locations.active()
  return longest(active.map(({ snapshot }) => snapshot.settings?.retention ?? null))
}

/** `3 runs, 120 logs`. */
function saidOf(counts: ReadonlyMap<Bite['of'], number>): string {
  return [...counts]
    .filter(([, count]) => count > 0)
    .map(([of, count]) => `${count} ${of === 'logs' ? 'lines of logs' : of}`)
    .join(', ')
}
