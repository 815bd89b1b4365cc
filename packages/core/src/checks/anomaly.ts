/** Values that are needed before anything can be said. */
const fewest = 8

/** Where a value usually is. */
export interface Usual {
  readonly median: number
  /** The median distance from the median. */
  readonly mad: number
  readonly lowest: number
  readonly highest: number
}

/**
 * How many median deviations from the median are still usual: 4.5, and more where few values say how large a deviation is,
 * up to just under six for fifteen and fewer: what is six deviations of the past off is always found. Of normally
 * distributed values one in 170 is farther off after sixty values, one in a hundred after sixteen, one in thirty after
 * eight. Less cannot be had there: a range that finds 95 of 100 spikes of six deviations has at least one false alarm in
 * 64 after eight values, wherever it is drawn (the histories whose deviation is small by chance left out), as simulated.
 */
const fence = (count: number): number => Math.min(5.99, 4.5 + 1.5 * (15 / count) ** 2)

/**
 * Where the next value is expected, from those before it: the median, and around it `mads` times the median absolute
 * deviation (default: 4.5, and more where there are few values). Both stay where they are while less than half of the values are wrong, so that an outlier in the past neither
 * hides the next one nor makes it. Where more than half of the values are equal, and the deviation is 0, the mean distance
 * stands for it (0.85 of it, as a normal distribution has it); where all are equal, any other value is unusual.
 *
 * @returns `null` where there are fewer than eight values: nothing can be said.
 */
export function usualRange(values: readonly number[], mads = fence(values.length)): Usual | null {
  if (values.length < fewest) return null
  const median = medianOf(values)
  const distances = values.map((value) => Math.abs(value - median))
  const mean = distances.reduce((sum, one) => sum + one, 0) / distances.length
  const mad = medianOf(distances) || 0.8453 * mean
  return { median, mad, lowest: median - mads * mad, highest: median + mads * mad }
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}
