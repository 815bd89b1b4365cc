import { SluiceError } from '../errors/sluice-error.ts'

/** A length of time: `'250ms'`, `'1.5s'`, `'30m'`, `'2h'`, `'3d'`. A day is 24 hours. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * A duration in whole milliseconds.
 *
 * @throws SluiceError DEFINITION_INVALID where the text is no duration, or is negative.
 */
export function milliseconds(duration: Duration): number {
  const match = /^(\d+(?:\.\d+)?|\.\d+)(ms|s|m|h|d)$/.exec(duration)
  const result = match ? Math.round(Number(match[1]) * units[match[2]!]!) : Number.NaN
  if (Number.isSafeInteger(result)) return result
  throw new SluiceError('DEFINITION_INVALID', `${JSON.stringify(duration)} is no duration.`, {
    hint: "Write a number and a unit of ms, s, m, h or d: '30s', '1.5h'.",
  })
}

/** Milliseconds for people: `250 ms`, `1.2 s`, `3 min 4 s`, `1 h 5 min`, `2 d 3 h`. Never more than two units. */
export function humanDuration(ms: number): string {
  const rounded = Math.max(0, ms)
  if (rounded < 999.5) return `${rounded > 0 && rounded < 1 ? '<1' : Math.round(rounded)} ms`
  if (rounded < 9_950) return `${(rounded / 1000).toFixed(1)} s`
  const seconds = Math.round(rounded / 1000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return two(seconds, 60, 'min', 's')
  const minutes = Math.round(rounded / 60_000)
  if (minutes < 1440) return two(minutes, 60, 'h', 'min')
  return two(Math.round(rounded / 3_600_000), 24, 'd', 'h')
}

function two(total: number, per: number, big: string, small: string): string {
  const rest = total % per
  return rest === 0 ? `${total / per} ${big}` : `${Math.floor(total / per)} ${big} ${rest} ${small}`
}
