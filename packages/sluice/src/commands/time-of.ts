import { type Duration, SluiceError, anchorOf, milliseconds } from '@sluice/core'

/**
 * What a person wrote as a time, in milliseconds since 1970: a local time of the zone, or an instant. With `now` also a
 * duration from then: `ago` before it, otherwise after it.
 *
 * @throws SluiceError USAGE.
 */
export function timeOf(
  option: string,
  text: string,
  given: { readonly timeZone?: string; readonly now?: number; readonly ago?: boolean } = {},
): number {
  const { timeZone = Temporal.Now.timeZoneId(), now, ago = false } = given
  try {
    if (now !== undefined && /^[\d.]+[a-z]+$/.test(text)) return now + (ago ? -1 : 1) * milliseconds(text as Duration)
    return anchorOf(text, timeZone)
  } catch (cause) {
    throw new SluiceError('USAGE', `${option} takes a time, not ${text}.`, {
      cause,
      hint: `Write 2026-03-28, 2026-03-28T12:00, or an instant: 2026-03-28T12:00Z${now === undefined ? '' : '; or 2h'}.`,
    })
  }
}
