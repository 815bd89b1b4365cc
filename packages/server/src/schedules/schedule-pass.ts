import { jitterOf } from '@sluice/core'
import {
  type AskedRun,
  type Change,
  type NewTick,
  type ScheduleDecision,
  crashPoint,
  decideSchedule,
  missedLine,
  missedTick,
  plainRun,
  planRuns,
  tickWithout,
} from '@sluice/engine'
import type { Context } from '../context.ts'
import type { ActiveCode } from '../locations/locations.ts'
import { askTick } from './ask-tick.ts'
import { type Entry, decidedTo, listEntries } from './entries.ts'

/** A server that was away for less decides what came meanwhile as if it had been there. */
const grace = 10_000
/** Between two passes of a server that was there; after more it was not. */
const gap = 60_000
/** How often what other servers changed is looked at. Not just before something is due, for which this may be put off. */
const relist = 5_000
const soon = 1_000
const putOff = 2_000
/** A pass comes as often, or when the next tick does. */
const pace = 200
/** Schedules in one commit; and of those whose code is asked, at once. */
const batch = 500
const asksAtOnce = 16

export interface Scheduler {
  /** Decides what is due: how many schedules that was. */
  pass(): Promise<number>
  /** Milliseconds until the next pass. */
  pause(): number
  /** Schedules have changed. */
  changed(): void
  /** Waits for the code that was asked. */
  stop(): Promise<void>
}

type Say = (level: 'info' | 'warn' | 'error', text: string) => void
type Due = readonly [entry: Entry, decision: ScheduleDecision, code: ActiveCode]

/**
 * Decides the ticks of all schedules. What is decided is one commit that moves the watermark, with the record and the
 * runs: of several servers one does it.
 */
export function openScheduler(context: Context, say: Say): Scheduler {
  const { store, now: own } = context
  let entries = new Map<string, Entry>()
  let stale = true
  let listedAt = -Infinity
  /** The store's clock, minus ours. */
  let offset = 0
  /** By the store's clock, when the pass before was. */
  let seen: number | null = null
  const asking = new Set<Promise<void>>()
  const unreadable = new Set<string>()

  const storeNow = async (): Promise<number> => {
    const { now } = await store.workers.expired()
    offset = now - own()
    return now
  }

  const list = async (): Promise<void> => {
    stale = false
    entries = await listEntries(store, entries, (name, error) => {
      if (!unreadable.has(name)) say('error', `Schedule "${name}" cannot be read: ${(error as Error).message}`)
      unreadable.add(name)
    })
    listedAt = own()
    await storeNow()
  }

  /** Ticks after this came while somebody was there. */
  const inTimeSince = ({ since }: Entry, now: number): number => {
    const wasThere = seen !== null && now - seen <= gap ? seen : Infinity
    return Math.min(since ?? wasThere, now - grace)
  }

  /** Milliseconds until the next tick of any that is not due yet. */
  const untilNext = (): number => {
    const now = own() + offset
    let next = Infinity
    for (const entry of entries.values()) if (entry.next > now && entry.next < next) next = entry.next
    return next - now
  }

  const isListDue = (): boolean => {
    // A clock that was set back, too: by it the next look would be an hour away.
    const age = Math.abs(own() - listedAt)
    return stale || age > relist + putOff || (age > relist && untilNext() > soon)
  }

  const dueBy = (now: number): Entry[] => {
    const due: Entry[] = []
    const at = own()
    for (const entry of entries.values()) {
      if (entry.busy || entry.waitUntil > at) continue
      if (entry.next <= now) due.push(entry)
      else entry.since = null
    }
    return due
  }

  const lost = (): void => void (stale = true)

  const commit = async (entry: Entry, to: number, ticks: readonly NewTick[], runs: readonly Change[]) => {
    const { location, name, revision } = entry.state
    const decide: Change = { change: 'schedule.decide', location, name, revision, from: entry.watermark, to, ticks }
    const [answer] = await store.commit([[decide, ...runs]])
    if (answer?.ok) decidedTo(entry, to)
    else lost()
    return answer?.ok === true
  }

  /** The record of one tick, and the runs that it launches. */
  const plan = async (entry: Entry, code: ActiveCode, tick: number, now: number, asked: readonly AskedRun[]) => {
    const { name, location } = entry.state
    const { jitter } = entry.spec
    const at = { scheduledFor: tick, decidedAt: now }
    try {
      const { runs, changes } = await planRuns({
        store,
        location,
        snapshot: code.snapshot,
        asked,
        cause: { by: 'schedule', name, scheduledFor: tick },
        scope: `schedule ${location} ${name}`,
        at: tick,
        now,
        ...(jitter > 0 && { startAt: tick + jitterOf(`${location}/${name}`, tick, jitter) }),
      })
      if (runs.length === 0) return { record: tickWithout('skipped', 'It asked for no run.', at), changes }
      const record: NewTick = { ...at, outcome: 'launched', reason: null, error: null, runs, count: 1 }
      return { record, changes }
    } catch (error) {
      say('error', `Schedule "${name}": ${(error as Error).message}`)
      return { record: tickWithout('failed', error, at), changes: [] }
    }
  }

  const tell = (entry: Entry, decision: ScheduleDecision): void => {
    const line = missedLine(entry.state.name, entry.spec, decision)
    if (line !== null) say('warn', line)
  }

  /** Of schedules whose params are no function: what is to be written for each. */
  const planPlain = async (due: readonly Due[], now: number): Promise<Change[][]> => {
    const items: Change[][] = []
    for (const [entry, { from, to, launch, passed }, code] of due) {
      const ticks = passed ? [missedTick(entry.spec, passed, now)] : []
      const runs: Change[] = []
      for (const [nth, tick] of launch.entries()) {
        const { record, changes } = await plan(entry, code, tick, now + nth, [plainRun(entry.spec)])
        ticks.push(record)
        runs.push(...changes)
      }
      const { location, name, revision } = entry.state
      items.push([{ change: 'schedule.decide', location, name, revision, from, to, ticks }, ...runs])
    }
    crashPoint('ticks-planned')
    return items
  }

  const commitPlain = async (due: readonly Due[], items: readonly Change[][]): Promise<number> => {
    const answers = await store.commit(items)
    let decided = 0
    for (const [nth, [entry, decision]] of due.entries()) {
      if (!answers[nth]?.ok) {
        lost()
        continue
      }
      decided += 1
      decidedTo(entry, decision.to)
      tell(entry, decision)
    }
    return decided
  }

  /** Many in one commit, which is written while the next is planned. */
  const decidePlain = async (due: readonly Due[], now: number): Promise<number> => {
    let decided = 0
    let before: Promise<number> = Promise.resolve(0)
    for (let at = 0; at < due.length; at += batch) {
      const some = due.slice(at, at + batch)
      const items = await planPlain(some, now)
      decided += await before
      before = commitPlain(some, items)
      before.catch(() => {}) // it is awaited a little later
    }
    return decided + (await before)
  }

  /** One tick after the other: each is decided as soon as the code has answered. */
  const decideAsked = async ([entry, decision, code]: Due, now: number): Promise<void> => {
    const { passed, launch, to } = decision
    let missed = passed ? [missedTick(entry.spec, passed, now)] : []
    if (launch.length === 0) {
      if (await commit(entry, to, missed, [])) tell(entry, decision)
      return
    }
    for (const tick of launch) {
      const said = await askTick(context, entry, code, tick)
      if (said === null) return
      const at = await storeNow()
      const planned = 'runs' in said ? await plan(entry, code, tick, at, said.runs) : { ...said, changes: [] }
      if (!(await commit(entry, tick, [...missed, planned.record], planned.changes))) return
      if ('record' in said && said.record.error) say('error', said.record.error.message)
      if (tick === launch[0]) tell(entry, decision)
      missed = []
    }
  }

  const start = (due: Due, now: number): void => {
    const [entry] = due
    entry.busy = true
    entry.since = now
    const done = decideAsked(due, now)
      .catch((error: unknown) => {
        lost()
        say('error', `Schedule "${entry.state.name}" could not be decided: ${(error as Error).message}`)
      })
      .finally(() => {
        entry.busy = false
        asking.delete(done)
      })
    asking.add(done)
  }

  return {
    async pass() {
      if (isListDue()) await list()
      if (dueBy(own() + offset).length === 0) {
        seen = own() + offset
        return 0
      }
      // Thousands are due at once, so they are not read again: where somebody paused one a moment ago, by another server,
      // its revision is another one and the decision is refused.
      const now = await storeNow()
      const codes = new Map((await context.locations.active()).map((code) => [code.location, code]))
      const plain: Due[] = []
      for (const entry of dueBy(now)) {
        const code = codes.get(entry.state.location)
        const { spec, watermark } = entry
        const decision = decideSchedule({ spec, watermark, now, inTimeSince: inTimeSince(entry, now) })
        if (!decision || !code) continue
        if (!spec.asks) plain.push([entry, decision, code])
        else if (!context.connections.has(code.location, code.version)) entry.waitUntil = own() + 1_000
        else if (asking.size < asksAtOnce) start([entry, decision, code], now)
      }
      const decided = await decidePlain(plain, now)
      seen = now
      return decided
    },
    pause: () => Math.max(1, Math.min(pace, untilNext())),
    changed() {
      stale = true
    },
    async stop() {
      await Promise.all(asking)
    },
  }
}
