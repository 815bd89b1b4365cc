import type { Ticks } from './ticks.ts'
import { DAY, LIMIT, type Zone, instantOf, wallOf } from './zone.ts'

/**
 * Ticks every so many milliseconds, counted from an anchor in both directions. Below a day they are exact. From a day on
 * whole days are added on the calendar of the zone, so that 09:00 stays 09:00 over daylight saving, and the rest in exact
 * time. A local time that does not exist ticks as much later as clocks were moved; one that comes twice, the second time.
 */
export function intervalTicks(every: number, anchor: number, zone: Zone): Ticks {
  if (every < DAY) return exact(every, anchor, zone)
  return every % DAY === 0 ? ofDays(every, anchor, zone) : mixed(every, anchor, zone)
}

const within = (at: number): number | null => (at > -LIMIT && at < LIMIT ? at : null)

function exact(every: number, anchor: number, zone: Zone): Ticks {
  return {
    next: (after) => within(anchor + (Math.floor((after - anchor) / every) + 1) * every),
    previous: (upTo) => within(anchor + Math.floor((upTo - anchor) / every) * every),
    meant: (at) => wallOf(zone, at),
  }
}

function ofDays(every: number, anchor: number, zone: Zone): Ticks {
  const start = wallOf(zone, anchor)
  const wallAt = (nth: number): number => start + nth * every
  const tick = (nth: number): number => instantOf(zone, wallAt(nth), 'later')
  const near = (ms: number): number => Math.floor((wallOf(zone, ms) - start) / every)
  // What clocks show and what a tick stands for differ by less than a day, and so by one tick at most.
  const nthNext = (after: number): number => [-1, 0, 1, 2].map((n) => near(after) + n).find((n) => tick(n) > after)!
  return {
    next: (after) => within(tick(nthNext(after))),
    previous: (upTo) => within(tick(nthNext(upTo) - 1)),
    meant: (at) => wallAt(nthNext(at) - 1),
  }
}

/**
 * Days and a rest, such as 36 hours: each tick follows from the one before, so a stretch without a change of offset is one
 * step. Before the anchor there is nothing to follow from: there they are exact.
 */
function mixed(every: number, anchor: number, zone: Zone): Ticks {
  const days = Math.floor(every / DAY) * DAY
  const rest = every - days
  const before = exact(every, anchor, zone)
  const following = (at: number): number => instantOf(zone, wallOf(zone, at) + days, 'later') + rest
  // Where it was asked for last: the next question is mostly about the next tick.
  let known = anchor
  /** The last tick at or before a moment that the anchor is not after. */
  const upTo = (ms: number): number => {
    for (let at = known <= ms ? known : anchor; ;) {
      const steps = Math.floor((Math.min(ms, zone.at(at).to - DAY) - at) / every)
      if (steps > 0) at += steps * every
      const next = following(at)
      if (next > ms) return (known = at)
      at = next
    }
  }
  return {
    next: (after) => (after < anchor ? before.next(after) : within(following(upTo(after)))),
    previous: (ms) => (ms < anchor ? before.previous(ms) : within(upTo(ms))),
    meant: (at) => wallOf(zone, at),
  }
}
