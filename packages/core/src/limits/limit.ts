import { calling } from '../calls/calling.ts'
import { type Place, place } from '../definitions/place.ts'
import { SluiceError } from '../errors/sluice-error.ts'

/** `100/m`: this many per second, minute, hour or day. */
export type Rate = `${number}/${'s' | 'm' | 'h' | 'd'}`

export type LimitOptions =
  | { readonly atOnce: number; readonly full?: 'wait' | 'skip' | 'cancel-oldest' }
  | { readonly rate: Rate }

/** How many: at most `atOnce` at a time, or `rate` per period; `.per(key)` counts each key by itself. */
export interface Limit {
  readonly kind: 'limit'
  readonly name: string
  readonly options: LimitOptions
  readonly key: string | undefined
  readonly place: Place
  per(key: string): Limit
  /** Takes `slots` (default 1) until disposed: `await using _ = await vendor.hold()`. */
  hold(slots?: number): Promise<AsyncDisposable>
}

/**
 * A limit that tasks (`limit: vendor`) and code (`vendor.hold()`) share. A rate is a token bucket that starts full and
 * refills evenly. Within a run a limit is re-entrant: a step inside a holder does not wait for it.
 */
export function limit(name: string, options: LimitOptions): Limit {
  if ('atOnce' in options && !(Number.isInteger(options.atOnce) && options.atOnce > 0)) {
    throw new SluiceError(
      'DEFINITION_INVALID',
      `Limit "${name}": atOnce must be a whole number above 0, not ${options.atOnce}.`,
    )
  }
  if ('rate' in options) rateOf(options.rate)
  return make(name, Object.freeze({ ...options }), undefined, place())
}

function make(name: string, options: LimitOptions, key: string | undefined, at: Place): Limit {
  const made: Limit = Object.freeze({
    kind: 'limit',
    name,
    options,
    key,
    place: at,
    per: (each: string) => make(name, options, each, at),
    hold: (slots = 1) => calling('hold()').hold(made, slots),
  })
  return made
}

const periods = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** A rate as numbers: `count` tokens per `period` milliseconds. */
export function rateOf(rate: Rate): { readonly count: number; readonly period: number } {
  const found = /^(\d+(?:\.\d+)?)\/([smhd])$/.exec(rate)
  const count = Number(found?.[1])
  if (!found || !(count > 0)) {
    throw new SluiceError('DEFINITION_INVALID', `A rate is written like '100/m', not '${rate}'.`, {
      hint: 'Units: s, m, h, d.',
    })
  }
  return { count, period: periods[found[2] as keyof typeof periods] }
}
