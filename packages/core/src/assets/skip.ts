const mark = Symbol.for('sluice.skipped')

/** Returned by an asset (or a schedule, a sensor): nothing was made, and this is why. */
export interface Skipped {
  readonly skipped: string
}

/** Makes nothing this time; what depends on it is skipped too, with this reason. */
export function skip(why: string): Skipped {
  return Object.freeze(Object.defineProperty({ skipped: why }, mark, { value: true }))
}

/** Was this made by `skip()`? Data that merely has a `skipped` property was not. */
export function isSkipped(value: unknown): value is Skipped {
  return typeof value === 'object' && value !== null && mark in value
}
