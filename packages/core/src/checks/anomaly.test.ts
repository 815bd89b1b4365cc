import { describe, expect, test } from 'vitest'
import { usualRange } from './anomaly.ts'

/** Mulberry32: the same numbers on every machine. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

/** How likely a value is above this many standard deviations (Abramowitz and Stegun 26.2.17). */
function above(z: number): number {
  if (z < 0) return 1 - above(-z)
  const t = 1 / (1 + 0.231_641_9 * z)
  const terms = [0.319_381_530, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429]
  const sum = terms.reduceRight((rest, term) => (rest + term) * t, 0)
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * sum
}

/** Of a normal distribution, in its standard deviations. */
const MAD = 0.674_489_75

function shares(count: number, trials: number): { found: number; falseAlarms: number } {
  const random = seeded(count)
  let [found, falseAlarms] = [0, 0]
  for (let trial = 0; trial < trials; trial++) {
    const usual = usualRange(Array.from({ length: count }, () => 1000 + 50 * normal(random)))!
    const isOut = (value: number): boolean => value < usual.lowest || value > usual.highest
    const spike = 1000 + 50 * 6 * MAD * (trial % 2 === 0 ? 1 : -1)
    if (isOut(spike)) found += 1
    if (isOut(1000 + 50 * normal(random))) falseAlarms += 1
  }
  return { found: found / trials, falseAlarms: falseAlarms / trials }
}

describe('what is usual', () => {
  test('of sixty values: at least 95% of spikes of six deviations are found, with at most 1% false alarms', () => {
    const { found, falseAlarms } = shares(60, 5_000)
    expect(found).toBeGreaterThanOrEqual(0.95)
    expect(falseAlarms).toBeLessThanOrEqual(0.01)
  })

  test.each([16, 17, 20, 25, 30, 45])('of %i values at most 1% are false alarms', (count) => {
    const random = seeded(count)
    let falseAlarms = 0
    for (let trial = 0; trial < 8_000; trial++) {
      const { lowest, highest } = usualRange(Array.from({ length: count }, () => normal(random)))!
      falseAlarms += above(highest) + above(-lowest)
    }
    expect(falseAlarms / 8_000).toBeLessThanOrEqual(0.01)
  })

  test.each([8, 9, 15, 30, 60])('of %i values: what is six of their own deviations off is always found', (count) => {
    const random = seeded(7)
    for (let trial = 0; trial < 500; trial++) {
      const { median, mad, lowest, highest } = usualRange(Array.from({ length: count }, () => normal(random)))!
      expect([median - 6 * mad < lowest, median + 6 * mad > highest]).toEqual([true, true])
    }
  })

  test('fewer than eight say nothing', () => {
    expect(usualRange([1, 2, 3, 4, 5, 6, 7])).toBeNull()
    expect(usualRange([1, 2, 3, 4, 5, 6, 7, 8], 2)).toEqual({ median: 4.5, mad: 2, lowest: 0.5, highest: 8.5 })
  })

  test('outliers in the past move nothing', () => {
    const past = [10, 11, 9, 10, 12, 8, 10, 11, 9, 10]
    const { median, mad } = usualRange([...past, 1e9, -1e9, 1e9])!
    expect({ median, mad }).toEqual({ median: 10, mad: 1 })
  })

  test('where most are equal the mean distance counts, and where all are, any other is unusual', () => {
    const most = usualRange([5, 5, 5, 5, 5, 5, 5, 8], 1)!
    expect(most.mad).toBeCloseTo(0.8453 * (3 / 8))
    expect(usualRange([5, 5, 5, 5, 5, 5, 5, 5])).toEqual({ median: 5, mad: 0, lowest: 5, highest: 5 })
  })
})
