import type { SensorSpec, SensorState } from '@sluice/core'
import { type Change, newId } from '@sluice/engine'
import type { Context } from '../context.ts'
import type { ActiveCode } from '../locations/locations.ts'
import { findEvents } from './find-events.ts'
import { lookOnce, release } from './look.ts'

const relist = 5_000
const looksAtOnce = 16
/** So many events that are none of its own are remembered only here; after more the store is told. */
const unsaved = 10_000

interface Entry {
  readonly state: SensorState
  readonly spec: SensorSpec
  /** The event up to which nothing was found for it. */
  scanned: number
}

export interface Sensing {
  pass(): Promise<number>
  changed(): void
  stop(): Promise<void>
}

type Say = (level: 'info' | 'warn' | 'error', text: string) => void

/**
 * Lets sensors look when their time has come, or when something they wait for has happened. Each look is leased, so that
 * of several servers one does it, and its end is one commit: cursor, runs, keys and reports.
 */
export function openSensing(context: Context, say: Say): Sensing {
  const { store, now: own } = context
  const me = newId('s', own())
  let entries = new Map<string, Entry>()
  let stale = true
  let listedAt = -Infinity
  const looking = new Map<string, Promise<void>>()

  const list = async (): Promise<void> => {
    stale = false
    const before = entries
    entries = new Map()
    for (const state of await store.sensors.list()) {
      const spec = state.spec as unknown as SensorSpec
      if (state.retired || (state.paused ?? spec.paused)) continue
      const key = `${state.location}\n${state.name}`
      entries.set(key, { state, spec, scanned: Math.max(state.after, before.get(key)?.scanned ?? 0) })
    }
    listedAt = own()
  }

  /** Looks, if there is something to look for and nobody else does. */
  const look = async (entry: Entry, code: ActiveCode): Promise<void> => {
    const { state, spec } = entry
    const { location, name } = state
    const found = spec.on ? await findEvents(store, { on: spec.on, name, after: entry.scanned }) : null
    if (found && found.events.length === 0) {
      entry.scanned = found.upTo
      if (found.upTo - state.after < unsaved) return
    }
    const lease = spec.timeout + 15_000
    const [leased] = await store.commit([{ change: 'sensor.lease', location, name, by: me, lease }])
    if (!leased?.ok) return
    // It may have been looked at since it was listed: cursor and events are those of now.
    const fresh = await store.sensors.get(location, name)
    if (!fresh || fresh.nextAt !== state.nextAt || fresh.after !== state.after || fresh.cursor !== state.cursor) {
      stale = true
      if (fresh) await store.commit([release(fresh, me)])
      return
    }
    const changes: readonly Change[] =
      found && found.events.length === 0
        ? [{ ...release(fresh, me), after: found.upTo }]
        : await lookOnce(context, { state: fresh, spec, code, found, me, say })
    const [answer] = await store.commit([changes])
    if (!answer?.ok) say('warn', `Sensor "${name}" took too long: another server has looked meanwhile.`)
    else if (found && changes.some((one) => one.change === 'sensor.decide' && one.after !== undefined))
      entry.scanned = found.upTo
    stale = true
  }

  return {
    async pass() {
      if (stale || own() - listedAt > relist) await list()
      const at = own()
      const last = [...entries.values()].some(({ spec }) => spec.on) ? await store.events.last() : 0
      const waiting = [...entries].filter(([key, { state, spec, scanned }]) => {
        if (looking.has(key) || state.nextAt > at) return false
        return spec.on === null || scanned < last
      })
      if (waiting.length === 0) return 0
      const codes = new Map((await context.locations.active()).map((code) => [code.location, code]))
      let started = 0
      for (const [key, entry] of waiting) {
        const code = codes.get(entry.state.location)
        if (!code || looking.size >= looksAtOnce || !context.connections.has(code.location, code.version)) continue
        const done = look(entry, code)
          .catch((error: unknown) => say('error', `Sensor "${entry.state.name}": ${(error as Error).message}`))
          .finally(() => looking.delete(key))
        looking.set(key, done)
        started += 1
      }
      return started
    },
    changed() {
      stale = true
    },
    async stop() {
      await Promise.all(looking.values())
    },
  }
}
