import type { Json, OnSpec, SluiceEvent } from '@sluice/core'
import { type Store, concerns, sensedAsset, sensedRun } from '@sluice/engine'
import type { Found } from './look.ts'

/** Events in one look, and events that are read in one go. */
const most = 100
const page = 1_000

/** What happened after an event that a sensor waits for, the oldest first, and up to which event was looked. */
export async function findEvents(
  store: Store,
  { on, name, after }: { on: OnSpec; name: string; after: number },
): Promise<Found> {
  const events: Json[] = []
  let upTo = after
  while (events.length < most) {
    const found: readonly SluiceEvent[] = await store.events.list({ after: upTo, limit: page })
    for (const event of found) {
      upTo = event.id
      const sensed = concerns(on, event) ? await sensedBy(store, on, event, name) : null
      if (sensed) events.push(sensed as unknown as Json)
      if (events.length === most) break
    }
    if (found.length < page) break
  }
  return { events, upTo }
}

async function sensedBy(store: Store, on: OnSpec, event: SluiceEvent, sensor: string) {
  if (!('runs' in on)) return sensedAsset(event)
  const run = event.run === null ? null : await store.runs.get(event.run)
  return run && sensedRun(on, event, run, sensor)
}
