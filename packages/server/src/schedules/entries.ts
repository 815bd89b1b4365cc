import { type ScheduleSpec, type ScheduleState, type Ticks, ticksOf } from '@sluice/core'
import type { Store } from '@sluice/engine'

/** A schedule that goes on, as this server keeps it in mind. */
export interface Entry {
  readonly key: string
  readonly state: ScheduleState
  readonly spec: ScheduleSpec
  readonly ticks: Ticks
  watermark: number
  /** The next tick; Infinity for none. */
  next: number
  /** Its code is being asked. */
  busy: boolean
  /** Ticks after this are in time, whatever passes there were: it was busy with those before. */
  since: number | null
  /** Nothing is done before, by our clock: there was nobody to ask. */
  waitUntil: number
  /** How often the next tick was asked for in vain. */
  asked: number
}

/** The spec that is stored. */
export const specOf = (state: Pick<ScheduleState, 'spec'>): ScheduleSpec => state.spec as unknown as ScheduleSpec

export const isPaused = (state: Pick<ScheduleState, 'spec' | 'paused'>): boolean => state.paused ?? specOf(state).paused

/** The schedules that go on: what is known of one stays known while its state does. */
export async function listEntries(
  store: Store,
  known: ReadonlyMap<string, Entry>,
  unreadable: (name: string, error: unknown) => void,
): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>()
  for (const state of await store.schedules.list()) {
    if (state.retired || isPaused(state)) continue
    const key = `${state.location}\n${state.name}`
    const before = known.get(key)
    if (before?.busy) {
      entries.set(key, before)
      continue
    }
    const spec = specOf(state)
    try {
      const ticks = ticksOf(spec.timetable)
      const { watermark } = state
      const { since = null, waitUntil = 0, asked = 0 } = before ?? {}
      const next = before?.ticks === ticks && before.watermark === watermark ? before.next : ticks.next(watermark)
      entries.set(key, {
        key,
        state,
        spec,
        ticks,
        watermark,
        next: next ?? Infinity,
        busy: false,
        since,
        waitUntil,
        asked,
      })
    } catch (error) {
      unreadable(state.name, error)
    }
  }
  return entries
}

/** It was decided up to and with this tick. */
export function decidedTo(entry: Entry, to: number): void {
  entry.watermark = to
  entry.next = entry.ticks.next(to) ?? Infinity
}
