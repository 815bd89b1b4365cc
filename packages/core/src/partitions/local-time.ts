import { gapAt, instantsOf, instantOf as momentOf, wallOf, zoneOf } from '../schedules/zone.ts'

/** How far local clocks are ahead of UTC at an instant, in milliseconds. */
export function offsetAt(timeZone: string, ms: number): number {
  return zoneOf(timeZone).at(ms).offset
}

/** Which of two instants with the same local time. */
export type Repeated = 'first' | 'later'

/**
 * The instant of a local time. One that clocks skip is the first instant after the gap (Dagster's rule: 03:00 for 02:30);
 * of one that comes twice, the one that is asked for.
 *
 * @param local milliseconds since 1970, as if the local time were UTC.
 */
export function instantOf(local: number, timeZone: string, repeated: Repeated): number {
  const zone = zoneOf(timeZone)
  const found = instantsOf(zone, local)
  if (found.length > 0) return repeated === 'first' ? found[0]! : found.at(-1)!
  return gapAt(zone, local)!.before.to
}

/** The instant that a local time written in a key or an option names: past a gap by its length, the first of two. */
export function instantOfText(local: number, timeZone: string): number {
  const zone = zoneOf(timeZone)
  return instantsOf(zone, local)[0] ?? momentOf(zone, local, 'later')
}

/** Is this the second time that local clocks show what they show now? */
export function isSecondPass(ms: number, timeZone: string): boolean {
  const zone = zoneOf(timeZone)
  // Only soon after clocks were set back.
  if (ms - zone.at(ms).from > 24 * 3_600_000) return false
  return instantsOf(zone, wallOf(zone, ms))[0]! < ms
}
