import type { Recurrence } from './rrule.ts'
import { ruleWalls } from './rrule-walls.ts'
import type { Ticks } from './ticks.ts'
import { DAY, LIMIT, type Zone, instantsOf, wallOf } from './zone.ts'

/**
 * The ticks of a recurrence in a zone. Local times that come twice tick the first time, and those that do not exist tick
 * as much earlier as clocks were moved: 02:30 is 01:30, as in Prefect.
 */
export function rruleTicks({ rules, dates, except }: Recurrence, zone: Zone): Ticks {
  const walls = rules.map(ruleWalls)
  const single = [...new Set(dates)].toSorted((a, b) => a - b)
  const excluded = new Set(except)
  /** The first local time at or after this one. */
  const from = (wall: number): number => {
    for (let least = wall; ;) {
      let found = single.find((one) => one >= least) ?? Infinity
      for (const one of walls) found = Math.min(found, one(least) ?? Infinity)
      if (!excluded.has(found)) return found
      least = found + 1
    }
  }

  const next = (after: number): number | null => {
    for (let segment = zone.at(after); ; segment = zone.at(segment.to)) {
      const behind = zone.at(segment.from - 1)
      // What came in the segment before has ticked there.
      const first = segment.from === -Infinity ? -Infinity : segment.from + Math.max(segment.offset, behind.offset)
      const own = from(Math.max(Math.floor(after) + 1 + segment.offset, first)) - segment.offset
      let found = own < segment.to ? own : Infinity
      if (segment.to !== Infinity) {
        const { offset } = zone.at(segment.to)
        // Local times in the gap at the end of the segment, read with the offset behind it.
        const lost = from(Math.max(segment.to + segment.offset, Math.floor(after) + 1 + offset))
        if (lost < segment.to + offset) found = Math.min(found, lost - offset)
      }
      if (found < LIMIT) return found
      if (segment.to === Infinity || from(segment.to + segment.offset - DAY) === Infinity) return null
    }
  }

  return {
    next,
    previous(upTo) {
      // Rules are looked through forwards only: in stretches that grow, back to where nothing can be.
      for (let stretch = DAY; ; stretch *= 4) {
        const begin = Math.max(upTo - stretch, -LIMIT)
        let at = next(begin - 1)
        if (at === null || at > upTo) {
          if (begin === -LIMIT || stretch > 400 * 366 * DAY) return null
          continue
        }
        for (let later = next(at); later !== null && later <= upTo; later = next(at)) at = later
        return at
      }
    },
    meant(at) {
      const wall = wallOf(zone, at)
      if (from(wall) === wall && instantsOf(zone, wall)[0] === at) return wall
      const segment = zone.at(at)
      const lost = segment.to === Infinity ? wall : at + zone.at(segment.to).offset
      return from(lost) === lost && instantsOf(zone, lost).length === 0 ? lost : wall
    },
  }
}
