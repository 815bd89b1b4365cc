import type { Run } from '@sluice/core'

const hour = 3_600_000

export interface Hour {
  readonly from: number
  readonly good: number
  readonly bad: number
  readonly other: number
}

/** Runs by the hour in which they were made, the oldest of 24 first. */
export function hoursOf(runs: readonly Pick<Run, 'createdAt' | 'state'>[], now: number): Hour[] {
  const last = Math.floor(now / hour) * hour
  return Array.from({ length: 24 }, (_, nth) => {
    const from = last - (23 - nth) * hour
    const own = runs.filter(({ createdAt }) => createdAt >= from && createdAt < from + hour)
    const count = (...states: readonly Run['state'][]): number =>
      own.filter(({ state }) => states.includes(state)).length
    const [good, bad] = [count('succeeded'), count('failed', 'crashed')]
    return { from, good, bad, other: own.length - good - bad }
  })
}
