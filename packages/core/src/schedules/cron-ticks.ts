import type { Cron } from './cron.ts'
import { cronDays, everComes } from './cron-days.ts'
import type { Ticks } from './ticks.ts'
import { DAY, HOUR, LIMIT, MINUTE, type Segment, type Zone, gapAt, instantsOf, wallOf } from './zone.ts'

/**
 * The ticks of a cron expression in a zone. The rule of daylight saving is Dagster's: where the hour is `*`, local times
 * that do not exist are skipped and those that come twice tick twice; otherwise each local time ticks once, one that does
 * not exist at the first instant after the gap, one that comes twice at the later instant.
 */
export function cronTicks(cron: Cron, zone: Zone): Ticks {
  if (!everComes(cron)) return never
  const walls = cronWalls(cron)
  return cron.everyHour ? everyHour(walls, zone) : onceEach(walls, zone)
}

const never: Ticks = { next: () => null, previous: () => null, meant: () => null }

/** Local times of an expression, in milliseconds since 1970 as if it were UTC, whether or not they exist. */
interface Walls {
  /** The first at or after. */
  from(wall: number): number
  /** The last at or before. */
  upTo(wall: number): number
}

function cronWalls(cron: Cron): Walls {
  const days = cronDays(cron)
  // The times of a day, in minutes: at most 1,440.
  const times = cron.hours.flatMap((hour) => cron.minutes.map((minute) => hour * 60 + minute))
  const first = times[0]!
  const last = times.at(-1)!
  return {
    from(wall) {
      const day = Math.floor(wall / DAY)
      const minute = Math.ceil((wall - day * DAY) / MINUTE)
      const comes = days.next(day)
      if (comes > day || minute > last) return (comes > day ? comes : days.next(day + 1)) * DAY + first * MINUTE
      return day * DAY + times[countBelow(times, minute)]! * MINUTE
    },
    upTo(wall) {
      const day = Math.floor(wall / DAY)
      const minute = Math.floor((wall - day * DAY) / MINUTE)
      const came = days.previous(day)
      if (came < day || minute < first) return (came < day ? came : days.previous(day - 1)) * DAY + last * MINUTE
      return day * DAY + times[countBelow(times, minute + 1) - 1]! * MINUTE
    },
  }
}

/** How many of the ascending numbers are below this one. */
function countBelow(numbers: readonly number[], value: number): number {
  let [low, high] = [0, numbers.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (numbers[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}

function everyHour(walls: Walls, zone: Zone): Ticks {
  return {
    next(after) {
      let segment = zone.at(after)
      for (let from = Math.floor(after) + 1; from < LIMIT; segment = zone.at(segment.to), from = segment.from) {
        const at = walls.from(from + segment.offset) - segment.offset
        if (at < segment.to) return within(at)
      }
      return null
    },
    previous(upTo) {
      let segment = zone.at(upTo)
      for (let last = upTo; last > -LIMIT; last = segment.from - 1, segment = zone.at(last)) {
        const at = walls.upTo(last + segment.offset) - segment.offset
        if (at >= segment.from) return within(at)
      }
      return null
    },
    meant: (at) => wallOf(zone, at),
  }
}

const within = (at: number): number | null => (at > -LIMIT && at < LIMIT ? at : null)

/** Further from a change of offset than this, a local time is one instant by subtraction. */
const CLEAR = 26 * HOUR

function onceEach(walls: Walls, zone: Zone): Ticks {
  const instant = (wall: number, near: Segment): number => {
    const at = wall - near.offset
    if (at >= near.from + CLEAR && at < near.to - CLEAR) return at
    const found = instantsOf(zone, wall)
    return found.length > 0 ? found.at(-1)! : (gapAt(zone, wall)?.after.from ?? wall - zone.at(wall).offset)
  }
  return {
    next(after) {
      const segment = zone.at(after)
      // Before clocks go back, local times that are already past come once more, and only then count.
      const again = segment.to === Infinity ? Infinity : segment.to + zone.at(segment.to).offset
      for (let from = Math.min(after + segment.offset, again); ;) {
        const wall = walls.from(from)
        if (wall >= LIMIT) return null
        const at = instant(wall, segment)
        if (at > after) return at
        from = wall + 1
      }
    },
    previous(upTo) {
      const segment = zone.at(upTo)
      // Right after a gap, local times that did not exist count as well; none of them is later than what clocks show.
      for (let to = upTo + segment.offset; ;) {
        const wall = walls.upTo(to)
        if (wall <= -LIMIT) return null
        const at = instant(wall, segment)
        if (at <= upTo) return at
        to = wall - 1
      }
    },
    meant(at) {
      const wall = wallOf(zone, at)
      if (walls.from(wall) === wall) return wall
      const { from } = zone.at(at)
      const moved = walls.upTo(wall - 1)
      return at === from && moved >= at + zone.at(at - 1).offset ? moved : wall
    },
  }
}
