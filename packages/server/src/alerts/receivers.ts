import type { AlertChannel, AlertSettings } from '@sluice/core'

/** Where an alert of a location may go. */
export interface Receiver {
  readonly location: string
  readonly channel: AlertChannel
  readonly settings: AlertSettings
}

/** Who hears of something that concerns these locations: one that several name alike hears of it once. */
export function receiversOf(
  locations: readonly string[],
  settings: ReadonlyMap<string, AlertSettings>,
): readonly Receiver[] {
  const known = new Set<string>()
  return locations.flatMap((location) => {
    const its = settings.get(location)
    if (!its) return []
    return (['webhook', 'mail'] as const).flatMap((channel) => {
      const place = JSON.stringify([channel, its[channel]])
      if (its[channel] === null || known.has(place)) return []
      known.add(place)
      return [{ location, channel, settings: its }]
    })
  })
}
