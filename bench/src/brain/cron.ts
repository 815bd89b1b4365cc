import { ticksOf, timetableOf } from '@sluice/core'
import type { Figures } from '../figures.ts'
import { cpuOf } from './assets.ts'

export const zones = Intl.supportedValuesOf('timeZone')
const [from, to] = [Date.parse('2020-01-01T00:00:00Z'), Date.parse('2036-01-01T00:00:00Z')]

/** Every tick of a daily cron, at a time that clocks skip and repeat, from 2020 to 2035, in every time zone that there is. */
export function cronOverZones(figures: Figures, every: number): void {
  const chosen = zones.filter((_, n) => n % every === 0)
  let ticks = 0
  const ms = cpuOf(() => {
    for (const timeZone of chosen) {
      const its = ticksOf(timetableOf({ cron: '30 2 * * *', timeZone }))
      for (let at = its.next(from - 1); at !== null && at < to; at = its.next(at)) ticks += 1
    }
  })
  figures.add('cron.zones_2020_2035_ms', 'ms', ms * (zones.length / chosen.length))
  figures.add('cron.tick_us', 'µs', (1000 * ms) / ticks)
}
