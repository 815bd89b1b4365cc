/** A stretch of time in which a zone keeps one offset, in milliseconds since 1970: `from` belongs to it, `to` does not. */
export interface Segment {
  readonly from: number
  readonly to: number
  /** Local time minus UTC, in milliseconds. */
  readonly offset: number
}

export interface Zone {
  readonly timeZone: string
  /** The segment that holds the moment. */
  at(ms: number): Segment
}

/** What `Temporal.Instant` can hold, in milliseconds since 1970 on either side. */
export const LIMIT = 8.64e15

const known = new Map<string, Zone>()

/**
 * A zone as segments. Asking Temporal for one conversion takes microseconds; with the segments at hand, the ticks of
 * months are additions. A segment is looked up once and kept: there are two or so for each year that is asked for.
 *
 * @throws RangeError for an unknown zone.
 */
export function zoneOf(timeZone: string): Zone {
  let zone = known.get(timeZone)
  if (!zone) known.set(timeZone, (zone = makeZone(timeZone)))
  return zone
}

function makeZone(timeZone: string): Zone {
  find(timeZone, 0)
  const segments: Segment[] = []
  let last: Segment | undefined
  return {
    timeZone,
    at(ms) {
      if (last && last.from <= ms && ms < last.to) return last
      const after = firstAfter(segments, ms)
      const before = segments[after - 1]
      if (before && ms < before.to) return (last = before)
      last = find(timeZone, ms)
      segments.splice(after, 0, last)
      return last
    },
  }
}

/** The index of the first segment that begins after the moment. */
function firstAfter(segments: readonly Segment[], ms: number): number {
  let [low, high] = [0, segments.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (segments[middle]!.from <= ms) low = middle + 1
    else high = middle
  }
  return low
}

function find(timeZone: string, ms: number): Segment {
  const here = Temporal.Instant.fromEpochMilliseconds(clamp(ms)).toZonedDateTimeISO(timeZone)
  const next = here.getTimeZoneTransition('next')
  // `previous` is strictly before, so a segment that begins at this very moment is found from just after it.
  const begun = ms < LIMIT ? here.add({ nanoseconds: 1 }).getTimeZoneTransition('previous') : null
  return {
    from: begun?.epochMilliseconds ?? -Infinity,
    to: next?.epochMilliseconds ?? Infinity,
    offset: here.offsetNanoseconds / 1e6,
  }
}

const clamp = (ms: number): number => Math.max(-LIMIT, Math.min(LIMIT, ms))

/** The moments at which the clocks of a zone show a local time (milliseconds since 1970 as if it were UTC): 0, 1 or 2. */
export function instantsOf(zone: Zone, wall: number): readonly number[] {
  const found: number[] = []
  // No zone was ever further than 16 hours from UTC.
  for (let segment = zone.at(wall - 16 * HOUR); segment.from <= wall + 16 * HOUR; segment = zone.at(segment.to)) {
    const at = wall - segment.offset
    if (segment.from <= at && at < segment.to) found.push(at)
    if (segment.to === Infinity) break
  }
  return found
}

/** Where clocks were moved over a local time: the moment at which they were, and the segments on either side. */
export function gapAt(zone: Zone, wall: number): { before: Segment; after: Segment } | null {
  for (let before = zone.at(wall - 16 * HOUR); before.to <= wall + 16 * HOUR;) {
    const after = zone.at(before.to)
    if (before.to + before.offset <= wall && wall < before.to + after.offset) return { before, after }
    before = after
  }
  return null
}

/**
 * One moment for a local time. `earlier`, `later`: of two, the first or the last; of none, the local time read with the
 * offset after or before the gap, which is before or after it. As Temporal's disambiguation.
 */
export function instantOf(zone: Zone, wall: number, which: 'earlier' | 'later'): number {
  const found = instantsOf(zone, wall)
  if (found.length > 0) return which === 'earlier' ? found[0]! : found.at(-1)!
  const gap = gapAt(zone, wall)
  return wall - (gap ? (which === 'earlier' ? gap.after : gap.before) : zone.at(wall)).offset
}

/** The local time that clocks show, in milliseconds since 1970 as if it were UTC. */
export const wallOf = (zone: Zone, ms: number): number => ms + zone.at(ms).offset

export const MINUTE = 60_000
export const HOUR = 3_600_000
export const DAY = 86_400_000
