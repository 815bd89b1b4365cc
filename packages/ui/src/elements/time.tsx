import { createContext, use } from 'react'
import { useNow } from '../frame/now.ts'
import { useSettings } from '../frame/settings.ts'
import { duration, fullTime, relative, shortTime, zoneOf } from './time-text.ts'

/** The zone of the schedule that what is below is about; `null`: it is about none. */
export const ScheduleZone = createContext<string | null>(null)

export function useZone(): string {
  return zoneOf(useSettings().zone, use(ScheduleZone))
}

/** All there is to say of a time, a line each. */
function useAllOf(at: number): string {
  const now = useNow()
  const zones = [zoneOf('local'), 'UTC', use(ScheduleZone)].filter((zone) => zone !== null)
  return [...new Set(zones.map((zone) => fullTime(at, zone))), relative(at, now)].join('\n')
}

/** A time with its zone; pointed at, all there is to say of it. */
export function Time({ at }: { readonly at: number }) {
  const now = useNow()
  const zone = useZone()
  const title = useAllOf(at)
  return (
    <time dateTime={new Date(at).toISOString()} title={title} className="whitespace-nowrap">
      {shortTime(at, now, zone)}
    </time>
  )
}

/** `3 min ago`, counting. */
export function Ago({ at }: { readonly at: number }) {
  const now = useNow()
  const title = useAllOf(at)
  return (
    <time dateTime={new Date(at).toISOString()} title={title} className="whitespace-nowrap">
      {relative(at, now)}
    </time>
  )
}

/** How long it took, or has taken until now. */
export function Lasted({ from, to }: { readonly from: number; readonly to: number | null }) {
  return to === null ? <Counting from={from} /> : <span className="whitespace-nowrap">{duration(to - from)}</span>
}

function Counting({ from }: { readonly from: number }) {
  const now = useNow()
  const ms = Math.max(0, now - from)
  return <span className="whitespace-nowrap">{duration(Math.floor(ms / 1000) * 1000)}</span>
}
