import type { SensorSpec } from '@sluice/core'

/** A sensor that fails looks later and later, but at least so often. */
const longest = 3_600_000

/** When a sensor looks again, after so many looks in a row that failed. */
export function nextLook({ every }: Pick<SensorSpec, 'every'>, failures: number, now: number): number {
  if (failures === 0) return now + every
  return now + Math.max(every, Math.min(longest, Math.max(every, 5_000) * 2 ** (failures - 1)))
}
