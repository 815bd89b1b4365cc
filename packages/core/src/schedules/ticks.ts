/** The moments of a timetable, in milliseconds since 1970: one ascending set, whoever asks and from when. */
export interface Ticks {
  /** The first one after; `null` where there is none. */
  next(after: number): number | null
  /** The last one at or before; `null` where there is none. */
  previous(upTo: number): number | null
  /**
   * The local time that a tick stands for, in milliseconds since 1970 as if it were UTC. It is not what clocks show where
   * that time does not exist.
   */
  meant(at: number): number | null
}

/** Several timetables as one: what two of them have in common ticks once. */
export function union(all: readonly Ticks[]): Ticks {
  const [only] = all
  if (only && all.length === 1) return only
  const pick = (values: readonly (number | null)[], which: (...numbers: number[]) => number): number | null => {
    const some = values.filter((value) => value !== null)
    return some.length === 0 ? null : which(...some)
  }
  return {
    next: (after) =>
      pick(
        all.map((one) => one.next(after)),
        Math.min,
      ),
    previous: (upTo) =>
      pick(
        all.map((one) => one.previous(upTo)),
        Math.max,
      ),
    meant: (at) => all.find((one) => one.previous(at) === at)?.meant(at) ?? null,
  }
}
